using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Walking;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Files that were moved within a source that nothing froze, from a folder the walk had yet to come to into one that it
/// had passed: there at all times, and in no copy.
/// A folder's own time of change tells that names came or went; those which came and are older than the walk were
/// moved.
/// </summary>
internal sealed class MovedFiles
{
    private readonly IFileSystem _files;
    private readonly MirrorJob _job;
    private readonly WalkRules _rules;
    private readonly FileTime _start = FileTime.FromDateTime(DateTime.UtcNow - FileClock.Tick);
    private readonly List<(string Relative, FileTime Changed)> _walked = new();

    public MovedFiles(IFileSystem files, MirrorJob job)
    {
        _files = files;
        _job = job;
        _rules = new WalkRules(job.Filter);
    }

    /// <summary>Notes a folder before it is listed.</summary>
    public void Note(string relative, FileEntry folder) => _walked.Add((relative, folder.Changed));

    /// <summary>Looks at all folders again.</summary>
    /// <param name="copy">The folder of a copy: what it does not have the walk has not seen.</param>
    public IEnumerable<Failure> Find(string copy)
    {
        foreach (var (relative, changed) in _walked)
        {
            foreach (var failure in In(relative, changed, copy))
                yield return failure;
        }
    }

    private IEnumerable<Failure> In(string relative, FileTime changed, string copy)
    {
        var folder = At(_job.Source, relative);
        try
        {
            // One that is gone has had its files moved, too; where to, the other folders tell.
            if (_files.Find(folder) is not { Kind: EntryKind.Folder } now)
                return Array.Empty<Failure>();
            if (now.Changed == changed && changed < _start)
                return Array.Empty<Failure>();
            var seen = new HashSet<string>(
                _files.List(At(copy, relative)).Select(entry => entry.Name),
                PathOf.Comparer
            );
            return _files
                .List(folder)
                .Where(entry =>
                    !seen.Contains(entry.Name)
                    && WasThere(entry)
                    && Takes(entry, RelativePaths.Join(relative, entry.Name))
                )
                .Select(entry => new Failure(
                    FailureKind.SourceChanged,
                    At(_job.SourceName, RelativePaths.Join(relative, entry.Name)),
                    "copy",
                    "it was moved there after its new folder had been copied"
                ))
                .ToList();
        }
        catch (BackupException)
        {
            return Array.Empty<Failure>(); // What cannot be read has been said, or is no part of the copy.
        }
    }

    // Without a time of birth the last change of its content must do: who is moved keeps it.
    private bool WasThere(FileEntry entry) => (entry.Created == default ? entry.Modified : entry.Created) < _start;

    private bool Takes(FileEntry entry, string relative) =>
        _rules.RoleOf(relative, entry) is not (EntryRole.Skipped or EntryRole.Other);

    private static string At(string root, string relative) => relative.Length == 0 ? root : PathOf.Join(root, relative);
}
