using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Files;

namespace HyperVBackup.Tests;

/// <summary>
/// A file system that takes names for one below a folder, over one that tells them apart: as exFAT, vfat, SMB shares
/// and HFS+ do, each in its way.
/// </summary>
/// <param name="inner">The file system below.</param>
/// <param name="isTarget">Which paths are on it.</param>
/// <param name="key">What names that are one have in common.</param>
internal sealed class FoldingFiles(IFileSystem inner, Func<string, bool> isTarget, Func<string, string> key)
    : IFileSystem
{
    private readonly object _gate = new();

    /// <summary>How a new name is kept, such as without the dots at its end.</summary>
    public Func<string, string> Kept { get; set; } = name => name;

    /// <summary>Whether an entry's id is one of its path, as with many FUSE servers, and not of the file.</summary>
    public bool NumbersPaths { get; set; }

    public bool IgnoresCase => false;

    /// <summary>Case does not count.</summary>
    public static string Case(string name) => name.ToLowerInvariant();

    /// <summary>Nor do dots at the end.</summary>
    public static string Dots(string name) => name.TrimEnd('.');

    /// <summary>É is E and an accent (of the forms of Unicode, as much as a test needs).</summary>
    public static string Form(string name) => name.Replace("\u00E9", "e\u0301", StringComparison.Ordinal);

    public FileEntry? Find(string path) =>
        inner.Find(Real(path)) is { } entry ? Numbered(entry with { Name = PathOf.Leaf(path) }, path) : null;

    public string Resolve(string path) => inner.Resolve(path);

    public IReadOnlyList<FileEntry> List(string folder) =>
        inner.List(Real(folder)).Select(entry => Numbered(entry, PathOf.Join(folder, entry.Name))).ToList();

    public IBlockFile OpenRead(string path, bool direct) => inner.OpenRead(Real(path), direct);

    public IBlockFile OpenUpdate(string path, bool direct) => inner.OpenUpdate(Real(path), direct);

    // Looking and making are one step, as in a kernel: two threads cannot both find the name free.
    public IBlockFile Create(string path, bool direct)
    {
        lock (_gate)
            return inner.Create(Real(path), direct);
    }

    public void CreateFolder(string path, bool isPrivate) => inner.CreateFolder(Real(path), isPrivate);

    public void CreateLink(string path, FileEntry like) => inner.CreateLink(Real(path), like);

    // What is replaced goes, and the new name counts. Of the renaming of a file to its own name in another spelling
    // nothing comes: that is the worst that these file systems do.
    public void Rename(string from, string to)
    {
        lock (_gate)
            RenameAlone(from, to);
    }

    private void RenameAlone(string from, string to)
    {
        var (source, there) = (Real(from), Real(to));
        if (source == there)
            return;
        if (isTarget(to) && inner.Find(there) is { Kind: not EntryKind.Folder })
            inner.DeleteFile(there);
        inner.Rename(source, isTarget(to) ? PathOf.Join(PathOf.Parent(there)!, Kept(PathOf.Leaf(to))) : to);
    }

    public void DeleteFile(string path) => inner.DeleteFile(Real(path));

    public void DeleteFolder(string path) => inner.DeleteFolder(Real(path));

    public void SetMetadata(string path, FileEntry like) => inner.SetMetadata(Real(path), like);

    public void FlushFolder(string folder) => inner.FlushFolder(Real(folder));

    public bool TryFlushVolume(string path) => inner.TryFlushVolume(Real(path));

    public VolumeInfo GetVolume(string path) => inner.GetVolume(Real(path));

    public bool TryClone(string source, string destination) => inner.TryClone(Real(source), Real(destination));

    public string? WhoElseMayWrite(string path) => inner.WhoElseMayWrite(Real(path));

    private FileEntry Numbered(FileEntry entry, string path) =>
        NumbersPaths && isTarget(path)
            ? entry with
            {
                FileId = Encoding
                    .UTF8.GetBytes(path)
                    .Aggregate(14695981039346656037UL, (hash, next) => (hash ^ next) * 1099511628211UL),
            }
            : entry;

    private string Real(string path)
    {
        if (!isTarget(path))
            return path;
        var (folder, name) = (Real(PathOf.Parent(path)!), PathOf.Leaf(path));
        if (inner.Find(folder) is not { Kind: EntryKind.Folder })
            return PathOf.Join(folder, name);
        var listed = inner.List(folder);
        var there =
            listed.FirstOrDefault(entry => entry.Name == name)
            ?? listed.FirstOrDefault(entry => key(entry.Name) == key(name));
        return PathOf.Join(folder, there?.Name ?? Kept(name));
    }
}
