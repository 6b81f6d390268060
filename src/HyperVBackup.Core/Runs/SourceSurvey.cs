using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;

namespace HyperVBackup.Runs;

/// <summary>Counts the bytes that a run will go through, beside the run itself, so that a bar can be drawn. Nothing else depends on it.</summary>
internal static class SourceSurvey
{
    /// <summary>Adds the size of everything the filter takes to the total.</summary>
    public static void Count(IFileSystem files, string source, GlobFilter filter, MirrorProgress progress, CancellationToken cancel)
    {
        try
        {
            Count(files, source, "", filter, progress, cancel);
        }
        catch (BackupException)
        {
            // The run itself meets whatever is wrong, and says so.
        }
    }

    private static void Count(IFileSystem files, string source, string relative, GlobFilter filter, MirrorProgress progress, CancellationToken cancel)
    {
        var folders = new List<string>();
        foreach (var entry in files.List(relative.Length == 0 ? source : PathOf.Join(source, relative)))
        {
            if (cancel.IsCancellationRequested) return;
            var path = RelativePaths.Join(relative, entry.Name);
            if (TemporaryNames.IsScaffolding(entry.Name)) continue;
            if (entry.Kind == EntryKind.File && filter.TakesFile(path)) progress.AddTotal(entry.Size);
            else if (entry.Kind == EntryKind.Folder && filter.TakesFolder(path)) folders.Add(path);
        }

        foreach (var folder in folders) Count(files, source, folder, filter, progress, cancel);
    }
}
