using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets;

/// <summary>
/// Measures what a set really takes: which of its blocks are its own, and which other sets use as well. Opens every
/// file of it, and reads none.
/// </summary>
public static class SetSize
{
    /// <summary>
    /// The set with <see cref="SetInfo.OwnBytes"/> and <see cref="SetInfo.SharedBytes"/>; without them where the file
    /// system does not tell.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="set">The set.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="Failures.BackupException">A file or folder of it cannot be opened.</exception>
    public static SetInfo Measure(IFileSystem files, SetInfo set, CancellationToken cancel)
    {
        if (files is not IBlockAccounting accounting || set.Content == null)
            return set;
        long own = 0,
            shared = 0;
        foreach (var (relative, entry) in Trees.Walk(files, set.Path, Comparer<string>.Create(string.CompareOrdinal)))
        {
            cancel.ThrowIfCancellationRequested();
            if (entry.Kind != EntryKind.File)
                continue;
            if (accounting.UseOf(PathOf.Join(set.Path, relative)) is not { } use)
                return set;
            own += use.Own;
            shared += use.Shared;
        }

        return set with
        {
            OwnBytes = own,
            SharedBytes = shared,
        };
    }
}
