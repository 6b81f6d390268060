using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Shadows.Btrfs;

/// <summary>Where a live folder lies: its subvolume, and the paths by which that one's root can be reached.</summary>
internal sealed record BtrfsSource
{
    /// <summary>The live folder.</summary>
    public required string Path { get; init; }

    /// <summary>The subvolume it lies in.</summary>
    public required BtrfsSubvolume Subvolume { get; init; }

    /// <summary>Where the subvolume's root is.</summary>
    public required string Root { get; init; }

    /// <summary>
    /// The folder at or above <see cref="Path"/> that <see cref="Below"/> tells the place of: the root itself, unless
    /// just a part of the subvolume is mounted there.
    /// </summary>
    public required string Mount { get; init; }

    /// <summary>The path of <see cref="Mount"/> below the subvolume's root; empty when it is the root.</summary>
    public required string Below { get; init; }

    /// <summary>The path of the live folder below the subvolume's root; empty when it is the root.</summary>
    public string InSubvolume
    {
        get
        {
            PathOf.TryRelative(Mount, Path, out var relative);
            return Below.Length == 0 ? relative
                : relative.Length == 0 ? Below
                : Below + "/" + relative;
        }
    }

    /// <summary>Finds out.</summary>
    /// <param name="path">The live folder, without links on its way.</param>
    /// <exception cref="BackupException">It is not on btrfs, or its subvolume's root is mounted nowhere.</exception>
    public static BtrfsSource Locate(string path)
    {
        using var folder = PosixFolder.Open(path);
        if (!BtrfsCalls.IsBtrfs(folder))
            throw new BackupException(
                FailureKind.ProviderUnavailable,
                path,
                "make a snapshot of its subvolume",
                "it does not lie on btrfs"
            );
        var subvolume = BtrfsCalls.SubvolumeOf(folder);
        var top = Climb(path);
        if (top.IsRoot)
            return new BtrfsSource
            {
                Path = path,
                Subvolume = subvolume,
                Root = top.Path,
                Mount = top.Path,
                Below = "",
            };
        // Somebody mounted a folder of the subvolume, not the subvolume: then its root may be within reach by another
        // mount.
        foreach (var same in Elsewhere(top.Path))
        {
            var other = Climb(same);
            if (other.IsRoot && PathOf.TryRelative(other.Path, same, out var below))
                return new BtrfsSource
                {
                    Path = path,
                    Subvolume = subvolume,
                    Root = other.Path,
                    Mount = top.Path,
                    Below = below,
                };
        }

        throw new BackupException(
            new Failure(
                FailureKind.ProviderUnavailable,
                path,
                "make a snapshot of its subvolume",
                "only a folder of the subvolume is mounted, at " + top.Path + ", and its root is mounted nowhere"
            )
            {
                Advice =
                    "Mount the subvolume itself as well, anywhere: mount -o subvolid="
                    + subvolume.Id
                    + ". Or choose another provider.",
            }
        );
    }

    /// <summary>
    /// Folders on the source's file system that could hold a snapshot, the best first: the subvolume's own root, which
    /// is always there; where that is read-only,
    /// the same by another mount, the folders above it, and the other mounts of the file system.
    /// </summary>
    public IEnumerable<string> Places() =>
        new[] { Root }
            .Concat(Elsewhere(Root))
            .Concat(Above(Root))
            .Concat(OtherMounts(Root))
            .Distinct(StringComparer.Ordinal);

    // Up to the subvolume's root, or to where something else is mounted around it.
    private static (string Path, bool IsRoot) Climb(string path)
    {
        var folder = PosixFolder.Open(path);
        try
        {
            var (mount, device) = (folder.MountId, folder.Entry.Volume);
            while (!BtrfsCalls.IsRoot(folder))
            {
                var above = folder.OpenParent();
                if (above.MountId != mount || above.Entry.Volume != device || above.IsSame(folder))
                {
                    above.Dispose();
                    return (folder.Path, false);
                }

                folder.Dispose();
                folder = above;
            }

            return (folder.Path, true);
        }
        finally
        {
            folder.Dispose();
        }
    }

    // The same folder, by other mounts of its file system.
    private static IEnumerable<string> Elsewhere(string path)
    {
        if (MountOf(path) is not { } own || !PathOf.TryRelative(own.Path, path, out var relative))
            yield break;
        var inFileSystem = relative.Length == 0 ? own.Root : PathOf.Join(own.Root, relative);
        using var folder = PosixFolder.Open(path);
        foreach (var mount in PosixMounts.All().Where(mount => mount.Device == own.Device && mount.Id != own.Id))
        {
            if (!PathOf.TryRelative(mount.Root, inFileSystem, out var below))
                continue;
            var candidate = below.Length == 0 ? mount.Path : PathOf.Join(mount.Path, below);
            // Something else may have been mounted over it since.
            using var there = Reach(candidate);
            if (there?.IsSame(folder) == true)
                yield return candidate;
        }
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var above = PathOf.Parent(path); above != null; above = PathOf.Parent(above))
        {
            using var folder = Reach(above);
            if (folder == null || !BtrfsCalls.IsBtrfs(folder) || !IsSameFileSystem(folder, path))
                yield break;
            yield return above;
        }
    }

    private static IEnumerable<string> OtherMounts(string path)
    {
        if (MountOf(path) is not { } own)
            yield break;
        foreach (var mount in PosixMounts.All().Where(mount => mount.Device == own.Device))
        {
            using var there = Reach(mount.Path);
            if (there != null && BtrfsCalls.IsBtrfs(there) && IsSameFileSystem(there, path))
                yield return mount.Path;
        }
    }

    private static bool IsSameFileSystem(PosixFolder folder, string path)
    {
        using var other = PosixFolder.Open(path);
        return BtrfsCalls.FileSystemOf(folder) == BtrfsCalls.FileSystemOf(other);
    }

    private static PosixMount? MountOf(string path)
    {
        using var folder = PosixFolder.Open(path);
        var id = folder.MountId;
        return PosixMounts.All().FirstOrDefault(mount => mount.Id == id);
    }

    private static PosixFolder? Reach(string path)
    {
        try
        {
            return PosixFolder.TryOpen(path);
        }
        catch (BackupException)
        {
            return null; // A mount that this user may not look at is no way for it.
        }
    }
}
