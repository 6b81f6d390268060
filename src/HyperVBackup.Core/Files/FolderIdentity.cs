using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// Which folders are the same, or lie in each other, although their paths do not say so: by another mount (a bind
/// mount, one disk mounted twice; on Windows a volume mounted in a folder, or a drive made by subst), or by another
/// name that the file system takes for the same. Told by what the folders are, and by what is mounted. What a program
/// in user space or a server shows once more, as a file system of its own, cannot be told.
/// </summary>
internal sealed class FolderIdentity
{
    private readonly IFileSystem _files;
    private readonly MountedPlaces _mounts;

    /// <summary>Of a file system, and of the mounts there are.</summary>
    public FolderIdentity(IFileSystem files, MountedPlaces mounts)
    {
        _files = files;
        _mounts = mounts;
    }

    /// <summary>
    /// By which paths below <paramref name="folder"/> one comes to <paramref name="path"/>, '/' separated; "" when they
    /// are the same folder. Both are resolved; neither needs to exist.
    /// </summary>
    /// <param name="folder">The folder that may hold the other.</param>
    /// <param name="path">The other.</param>
    /// <param name="walks">Whether what is mounted at this path below the first counts as being in it.</param>
    public IEnumerable<string> Ways(string folder, string path, Func<string, bool> walks)
    {
        if (PathOf.TryRelative(folder, path, out var plain))
            yield return plain;
        if (Find(folder) is { FileId: not 0 } holder)
        {
            for (var above = path; above is { Length: > 0 }; above = PathOf.Parent(above))
                if (Find(above) is { } entry && AreSame(holder, entry) && PathOf.TryRelative(above, path, out var way))
                    yield return way;
        }

        foreach (var way in _mounts.Ways(folder, path, walks))
            yield return way;
    }

    /// <summary>Whether two paths lead to one folder.</summary>
    public bool IsSame(string one, string other) => Ways(one, other, _ => false).Any(way => way.Length == 0);

    /// <summary>Whether one of the two is the other or lies in it.</summary>
    public bool Overlap(string one, string other) =>
        Ways(one, other, _ => true).Any() || Ways(other, one, _ => true).Any();

    // The times as well: a server that shows several disks as one gives the numbers of all of them.
    private static bool AreSame(FileEntry one, FileEntry other) =>
        one.Kind == EntryKind.Folder
        && other.Kind == EntryKind.Folder
        && one.IsSameFileAs(other)
        && one.Modified == other.Modified
        && one.Changed == other.Changed;

    // What cannot be looked at is whatever its path says; those who use it meet the failure.
    private FileEntry? Find(string path)
    {
        try
        {
            return _files.Find(path);
        }
        catch (BackupException)
        {
            return null;
        }
    }
}
