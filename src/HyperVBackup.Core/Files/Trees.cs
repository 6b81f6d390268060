using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>Whole folders: made, walked, removed.</summary>
internal static class Trees
{
    /// <summary>
    /// Removes a folder and all it holds. Links are removed themselves; a volume mounted inside stops it.
    /// </summary>
    public static void Delete(IFileSystem files, string path)
    {
        var entry = files.Find(path);
        if (entry == null)
            return;
        OtherVolumes.Refuse(files, path, "delete it");
        Delete(files, path, entry);
    }

    /// <summary>Makes a folder and those above it that are missing.</summary>
    public static void Create(IFileSystem files, string path, bool isPrivate)
    {
        if (files.Find(path) != null)
            return;
        if (PathOf.Parent(path) is { } parent && parent != path)
            Create(files, parent, isPrivate);
        try
        {
            files.CreateFolder(path, isPrivate);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.DestinationExists)
        {
            // Somebody made it at the same moment.
        }
    }

    /// <summary>
    /// All entries below a folder in the given order, each with its path from there; a folder right before what it
    /// holds.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="root">The folder.</param>
    /// <param name="order">The order of the entries of each folder.</param>
    /// <param name="relative">Where in the folder to begin.</param>
    /// <param name="unlisted">Told which folder, by its path from <paramref name="root"/>, cannot be listed, and why;
    /// the walk goes on behind it. Null: that ends it.</param>
    public static IEnumerable<(string Relative, FileEntry Entry)> Walk(
        IFileSystem files,
        string root,
        IComparer<string> order,
        string relative = "",
        Action<string, BackupException>? unlisted = null
    )
    {
        foreach (var entry in List(files, root, relative, unlisted).OrderBy(entry => entry.Name, order))
        {
            var path = relative.Length == 0 ? entry.Name : relative + "/" + entry.Name;
            yield return (path, entry);
            if (entry.Kind != EntryKind.Folder)
                continue;
            foreach (var inner in Walk(files, root, order, path, unlisted))
                yield return inner;
        }
    }

    private static IReadOnlyList<FileEntry> List(
        IFileSystem files,
        string root,
        string relative,
        Action<string, BackupException>? unlisted
    )
    {
        try
        {
            return files.List(relative.Length == 0 ? root : PathOf.Join(root, relative));
        }
        catch (BackupException e) when (unlisted != null)
        {
            unlisted(relative, e);
            return Array.Empty<FileEntry>();
        }
    }

    /// <summary>Lets this process write to a file or folder that its owner may not write to.</summary>
    public static void MakeWritable(IFileSystem files, string path, FileEntry entry)
    {
        const uint ownerMayWrite = 0x80,
            ownerMayEnter = 0x40,
            readOnly = 1;
        // A list that is there stays, so its mask does.
        var before = entry.RawMode ?? entry.Attributes;
        var attributes = PathOf.IsWindows
            ? before & ~readOnly
            : before | ownerMayWrite | (entry.Kind == EntryKind.Folder ? ownerMayEnter : 0);
        if (attributes != before)
            files.SetMetadata(path, entry with { Attributes = attributes });
    }

    /// <summary>
    /// Takes from a folder the permissions that it will not have in the end, before anything new is written into it.
    /// On Windows access lists decide, which are inherited.
    /// </summary>
    /// <returns>The folder as it is then.</returns>
    public static FileEntry CloseAs(IFileSystem files, string path, FileEntry there, FileEntry like)
    {
        const uint groupAndOthers = 0x3F;
        var before = there.RawMode ?? there.Attributes;
        var tooOpen = before & groupAndOthers & ~like.Attributes;
        if (PathOf.IsWindows || tooOpen == 0)
            return there;
        var closed = there with { Attributes = before & ~tooOpen, RawMode = null };
        files.SetMetadata(path, closed);
        return closed;
    }

    /// <summary>
    /// Gives what was there before a restore the metadata of the set's entry. A POSIX access list of its own stays, and
    /// its mask where the owning group has its permissions already: the set has none to put in its place.
    /// </summary>
    public static void Restore(IFileSystem files, string path, FileEntry there, FileEntry like)
    {
        var attributes = there.Attributes == like.Attributes ? there.RawMode ?? like.Attributes : like.Attributes;
        files.SetMetadata(path, like with { Attributes = attributes, Volume = there.Volume, FileId = there.FileId });
    }

    private static void Delete(IFileSystem files, string path, FileEntry entry)
    {
        if (entry.Kind != EntryKind.Folder)
        {
            files.DeleteFile(path);
            return;
        }

        MakeWritable(files, path, entry);
        foreach (var inner in files.List(path))
        {
            var innerPath = PathOf.Join(path, inner.Name);
            OtherVolumes.Refuse(innerPath, inner, entry.Volume, "delete it");
            Delete(files, innerPath, inner);
        }

        files.DeleteFolder(path);
    }
}
