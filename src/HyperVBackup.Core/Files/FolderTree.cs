using System.Collections.Generic;

namespace HyperVBackup.Files;

/// <summary>A folder of a file system with all below it.</summary>
internal sealed class FolderTree : IFolderTree
{
    private readonly IFileSystem _files;
    private readonly string _root;

    /// <summary>This folder; whether it is there is not asked.</summary>
    public FolderTree(IFileSystem files, string root)
    {
        _files = files;
        _root = root;
    }

    public FileEntry? Find(string relative) => _files.Find(RealPath(relative));

    public IReadOnlyList<FileEntry> List(string relative) => _files.List(RealPath(relative));

    public string RealPath(string relative) => relative.Length == 0 ? _root : PathOf.Join(_root, relative);

    public bool IgnoresCase => _files.IgnoresCase;
}
