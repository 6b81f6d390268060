using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// What making a folder a mirror would delete from it, counted and not done, so that a question can say how much it is
/// about. Names decide; no content is read.
/// </summary>
public sealed class DeletionSurvey
{
    private readonly IFileSystem _files;
    private readonly GlobFilter _filter;
    private readonly bool _inSet;
    private readonly CancellationToken _cancel;

    private readonly string? _newest;

    private DeletionSurvey(IFileSystem files, GlobFilter filter, bool inSet, string? newest, CancellationToken cancel)
    {
        _newest = newest;
        _files = files;
        _filter = filter;
        _inSet = inSet;
        _cancel = cancel;
    }

    /// <summary>Files and links that would go.</summary>
    public long Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>What the guard on deletions makes of it.</summary>
    internal DeletionTally Tally { get; } = new();

    /// <summary>Counts.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="source">The folder to read.</param>
    /// <param name="destination">The folder that would be made like it; if it is not there, nothing would go.</param>
    /// <param name="filter">Which files are copied.</param>
    /// <param name="inSet">Whether what the filter leaves out goes too, as in a set; otherwise it stays.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="newest">The same folder in the newest complete set: what that does not have either is not missed.
    /// Null: there is none.</param>
    /// <exception cref="Failures.BackupException">One of the folders cannot be read.</exception>
    public static DeletionSurvey Count(
        IFileSystem files,
        string source,
        string destination,
        GlobFilter filter,
        bool inSet,
        CancellationToken cancel,
        string? newest = null
    )
    {
        var survey = new DeletionSurvey(files, filter, inSet, newest, cancel);
        survey.Tally.IsFresh =
            files.Find(destination) is not { Kind: EntryKind.Folder } || files.List(destination).Count == 0;
        if (!survey.Tally.IsFresh)
            survey.Compare(source, destination, "");
        return survey;
    }

    private void Compare(string source, string destination, string relative)
    {
        _cancel.ThrowIfCancellationRequested();
        var names = _files.IgnoresCase ? System.StringComparer.OrdinalIgnoreCase : System.StringComparer.Ordinal;
        var there = new Dictionary<string, FileEntry>(names);
        foreach (var entry in _files.List(In(source, relative)))
            if (Takes(entry, RelativePaths.Join(relative, entry.Name)))
                there[entry.Name] = entry;
        foreach (var entry in _files.List(In(destination, relative)))
        {
            var path = RelativePaths.Join(relative, entry.Name);
            var isFolder = entry.Kind == EntryKind.Folder;
            if (!_inSet && !Takes(entry, path))
                continue;
            // A link in the place of a file takes its content away; in the place of another link, nothing.
            var stays =
                there.TryGetValue(entry.Name, out var kept)
                && (kept.Kind == EntryKind.Folder) == isFolder
                && (entry.Kind != EntryKind.File || kept.Kind == EntryKind.File);
            if (stays)
                there.Remove(entry.Name);
            if (stays && isFolder)
                Compare(source, destination, path);
            else if (!stays && isFolder)
                CountAll(destination, path);
            else if (!stays)
                Add(entry, path);
            else if (entry.Kind == EntryKind.File)
                Tally.AddKept(entry.Size);
        }

        foreach (var came in there.Values)
            CountNew(source, RelativePaths.Join(relative, came.Name), came);
    }

    private void CountAll(string destination, string relative)
    {
        _cancel.ThrowIfCancellationRequested();
        foreach (var entry in _files.List(In(destination, relative)))
        {
            var path = RelativePaths.Join(relative, entry.Name);
            if (!_inSet && !Takes(entry, path))
                continue;
            if (entry.Kind == EntryKind.Folder)
                CountAll(destination, path);
            else
                Add(entry, path);
        }
    }

    private void CountNew(string source, string relative, FileEntry came)
    {
        _cancel.ThrowIfCancellationRequested();
        if (came.Kind == EntryKind.File)
            Tally.AddNew(came.Size);
        if (came.Kind != EntryKind.Folder)
            return;
        foreach (var inner in _files.List(In(source, relative)))
            if (Takes(inner, RelativePaths.Join(relative, inner.Name)))
                CountNew(source, RelativePaths.Join(relative, inner.Name), inner);
    }

    private bool Takes(FileEntry entry, string path) =>
        !TemporaryNames.IsScaffolding(entry.Name)
        && (entry.Kind == EntryKind.Folder ? _filter.TakesFolder(path) : _filter.TakesFile(path));

    private static string In(string root, string relative) => relative.Length == 0 ? root : PathOf.Join(root, relative);

    private void Add(FileEntry entry, string relative)
    {
        if (TemporaryNames.IsScaffolding(entry.Name))
            return;
        Files++;
        Bytes = Sizes.Add(Bytes, entry.Size);
        if (entry.Kind != EntryKind.File || TemporaryNames.IsOurs(entry.Name))
            return;
        if (_newest == null || _files.Find(PathOf.Join(_newest, relative)) is { Kind: EntryKind.File })
            Tally.AddGone(entry.Name, entry.Size);
    }
}
