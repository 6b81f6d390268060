using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Walking;

namespace HyperVBackup.Sets;

/// <summary>
/// Removes a set: first it says durably, on every target, that it does not count; then its folders go, then what says
/// whose it was. Cut off in between it is an unfinished
/// set like any other, which the next run writes first. Only what the set claims is deleted, and nothing behind a link
/// or on another volume.
/// </summary>
internal static class SetRemover
{
    /// <summary>Removes a set.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="parts">The set, on each of its targets. Their locks are held.</param>
    /// <exception cref="BackupException">It cannot be removed, or holds what no run put there. What is left of it does
    /// not count.</exception>
    public static void Remove(IFileSystem files, IReadOnlyList<SetInfo> parts)
    {
        foreach (var part in parts)
            RequireOnlyOurs(files, part);
        foreach (var part in parts)
            Disown(files, part);
        foreach (var part in parts)
            Delete(files, part);
    }

    /// <summary>Makes a set say, durably, that it does not count.</summary>
    public static void Disown(IFileSystem files, SetInfo part)
    {
        if (part.Content is not { IsCommitted: true })
            return;
        SetStateFile.Write(files, part.Path, part.Content! with { State = SetCondition.Writing, Completed = null });
    }

    /// <summary>
    /// Removes the empty folders that a run leaves which was cut off when it had just begun a set, or had all but
    /// removed one.
    /// </summary>
    public static void RemoveRemains(IFileSystem files, string target)
    {
        foreach (var entry in files.List(target))
        {
            if (
                entry.Kind != EntryKind.Folder
                || !entry.Name.StartsWith(SetLayout.Prefix, StringComparison.Ordinal)
                || !SetNames.IsOfTime(entry.Name.Substring(SetLayout.Prefix.Length))
            )
                continue;
            var folder = PathOf.Join(target, entry.Name);
            var inside = files.List(folder);
            if (
                inside.Count > 1
                || inside.Any(inner => inner.Name != SetLayout.StateFolder || inner.Kind != EntryKind.Folder)
            )
                continue;
            if (inside.Count == 1)
            {
                var stateFolder = SetLayout.StateFolderOf(folder);
                var ours = files.List(stateFolder);
                if (ours.Any(file => file.Kind != EntryKind.File || !TemporaryNames.IsOurs(file.Name)))
                    continue;
                foreach (var file in ours)
                    files.DeleteFile(PathOf.Join(stateFolder, file.Name));
                files.DeleteFolder(stateFolder);
            }

            files.DeleteFolder(folder);
        }
    }

    private static void Delete(IFileSystem files, SetInfo part)
    {
        foreach (var folder in Claimed(part))
            Trees.Delete(files, PathOf.Join(part.Path, folder));
        // Their names must be gone before that of set.json is: without it nobody would know whose they are.
        files.FlushFolder(part.Path);
        var stateFolder = SetLayout.StateFolderOf(part.Path);
        foreach (var entry in files.List(stateFolder).Where(entry => entry.Name != SetLayout.StateFile))
            Trees.Delete(files, PathOf.Join(stateFolder, entry.Name));
        files.FlushFolder(stateFolder);
        files.DeleteFile(SetLayout.StateFileOf(part.Path));
        files.DeleteFolder(stateFolder);
        files.DeleteFolder(part.Path);
        files.FlushFolder(PathOf.Parent(part.Path)!);
    }

    private static void RequireOnlyOurs(IFileSystem files, SetInfo part)
    {
        var claimed = new HashSet<string>(Claimed(part), StringComparer.OrdinalIgnoreCase) { SetLayout.StateFolder };
        foreach (var entry in files.List(part.Path))
        {
            var path = PathOf.Join(part.Path, entry.Name);
            if (!claimed.Contains(entry.Name))
                throw new BackupException(
                    new Failure(
                        FailureKind.ForeignSet,
                        path,
                        "remove the set it lies in",
                        "no run of ours put it there"
                    )
                    {
                        Advice = "Move it to another place; the next run then removes the set.",
                    }
                );
            SetLayout.RequireReal(files, path);
            OtherVolumes.Refuse(files, path, "remove the set it lies in");
        }
    }

    private static IEnumerable<string> Claimed(SetInfo part) =>
        part
            .Jobs.Select(job => job.Folder)
            .Concat(part.Content!.Abandoned)
            .Where(folder => FolderNames.WhyNot(folder) == null)
            .Distinct(StringComparer.OrdinalIgnoreCase);
}
