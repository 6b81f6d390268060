using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;

namespace HyperVBackup.Runs;

/// <summary>
/// What making a folder a mirror would delete from it, counted and not done, so that a question can say how much it is about. Names decide; no content is read.
/// </summary>
public sealed class DeletionSurvey
{
    private readonly IFileSystem _files;
    private readonly GlobFilter _filter;
    private readonly bool _inSet;
    private readonly CancellationToken _cancel;

    private DeletionSurvey(IFileSystem files, GlobFilter filter, bool inSet, CancellationToken cancel)
    {
        _files = files;
        _filter = filter;
        _inSet = inSet;
        _cancel = cancel;
    }

    /// <summary>Files and links that would go.</summary>
    public long Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="source">The folder to read.</param>
    /// <param name="destination">The folder that would be made like it; if it is not there, nothing would go.</param>
    /// <param name="filter">Which files are copied.</param>
    /// <param name="inSet">Whether what the filter leaves out goes too, as in a set; otherwise it stays.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="Failures.BackupException">One of the folders cannot be read.</exception>
    public static DeletionSurvey Count(IFileSystem files, string source, string destination, GlobFilter filter, bool inSet, CancellationToken cancel)
    {
        var survey = new DeletionSurvey(files, filter, inSet, cancel);
        if (files.Find(destination) is { Kind: EntryKind.Folder }) survey.Compare(source, destination, "");
        return survey;
    }

    private void Compare(string source, string destination, string relative)
    {
        _cancel.ThrowIfCancellationRequested();
        var names = _files.IgnoresCase ? System.StringComparer.OrdinalIgnoreCase : System.StringComparer.Ordinal;
        var there = new Dictionary<string, FileEntry>(names);
        foreach (var entry in _files.List(In(source, relative)))
            if (Takes(entry, RelativePaths.Join(relative, entry.Name))) there[entry.Name] = entry;
        foreach (var entry in _files.List(In(destination, relative)))
        {
            var path = RelativePaths.Join(relative, entry.Name);
            var isFolder = entry.Kind == EntryKind.Folder;
            if (!_inSet && !Takes(entry, path)) continue;
            var stays = there.TryGetValue(entry.Name, out var kept) && (kept.Kind == EntryKind.Folder) == isFolder;
            if (stays && isFolder) Compare(source, destination, path);
            else if (!stays && isFolder) CountAll(destination, path);
            else if (!stays) Add(entry);
        }
    }

    private void CountAll(string destination, string relative)
    {
        _cancel.ThrowIfCancellationRequested();
        foreach (var entry in _files.List(In(destination, relative)))
        {
            var path = RelativePaths.Join(relative, entry.Name);
            if (!_inSet && !Takes(entry, path)) continue;
            if (entry.Kind == EntryKind.Folder) CountAll(destination, path);
            else Add(entry);
        }
    }

    private bool Takes(FileEntry entry, string path) =>
        !TemporaryNames.IsScaffolding(entry.Name) && (entry.Kind == EntryKind.Folder ? _filter.TakesFolder(path) : _filter.TakesFile(path));

    private static string In(string root, string relative) => relative.Length == 0 ? root : PathOf.Join(root, relative);

    private void Add(FileEntry entry)
    {
        if (TemporaryNames.IsScaffolding(entry.Name)) return;
        Files++;
        Bytes = Sizes.Add(Bytes, entry.Size);
    }
}
