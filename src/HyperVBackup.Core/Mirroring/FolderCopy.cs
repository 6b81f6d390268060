using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>
/// What one target holds of one folder. Names are compared byte by byte; what the target takes for one is asked of it.
/// </summary>
internal sealed class FolderCopy
{
    private readonly Dictionary<string, FileEntry> _there = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    public FolderCopy(TargetLane lane, string folder, IReadOnlyList<FileEntry> there)
    {
        Lane = lane;
        Folder = folder;
        foreach (var entry in there)
            _there[entry.Name] = entry;
    }

    public TargetLane Lane { get; }

    /// <summary>The folder, below the job's source.</summary>
    public string Folder { get; }

    /// <summary>Whether it holds nothing.</summary>
    public bool IsEmpty => _there.Count == 0;

    public FileEntry? Find(string name) => _there.TryGetValue(name, out var entry) ? entry : null;

    /// <summary>
    /// Whether it needs not be asked about a name: it has it, or it has nothing that could be meant by it.
    /// </summary>
    public bool Knows(string name) => _there.Count == 0 || _there.ContainsKey(name);

    public void Keep(string name) => _kept.Add(name);

    /// <summary>
    /// Takes what the target lists by another name, but takes this name for, as the copy of an entry of the source, and
    /// gives it the name.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="relative">The entry, below the job's source.</param>
    /// <param name="mayTake">Whether something that the target lists is not wanted by its own name.</param>
    /// <exception cref="Failures.BackupException">What the name leads to is wanted by its own name too.</exception>
    public void Spell(IFileSystem files, string relative, Func<FileEntry, bool> mayTake)
    {
        var path = Lane.PathOfEntry(relative);
        var name = PathOf.Leaf(path);
        if (Knows(name) || TargetNames.Holder(files, path, _there.Values) is not { } holder)
            return;
        if (!mayTake(holder))
            throw TargetNames.Taken(path, holder.Name);
        // Whatever happens now, it is no extra file.
        _kept.Add(holder.Name);
        Lane.RequireOwn(relative, holder, "rename it");
        var entry = holder;
        // Where the last manifest has this very name, the target was given it and shows another: it would do so again.
        if (Lane.KeepsSpelling && Lane.Base.Find(relative) == null)
        {
            var folder = PathOf.Parent(path)!;
            TargetNames.Respell(files, folder, holder.Name, name);
            Lane.LearnSpelling(folder, name);
            entry = TargetLane.Finished(files, path);
        }

        _there.Remove(holder.Name);
        _there[name] = entry with { Name = name };
    }

    /// <summary>What the source does not have.</summary>
    public IEnumerable<FileEntry> Extras() =>
        _there.Values.Where(entry => !_kept.Contains(entry.Name)).OrderBy(entry => entry.Name, StringComparer.Ordinal);
}
