using System;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Shadows.Btrfs;

/// <summary>
/// One snapshot, from its folder to its end. It lies in a folder of its own, 0700, so that what is in it is open to no
/// more people than its source was:
/// <c>…/.hvbackup-shadow-0123456789abcdef/snapshot</c>.
/// </summary>
internal sealed class BtrfsSnapshot : IDisposable
{
    /// <summary>The name of the snapshot in its folder.</summary>
    public const string Leaf = "snapshot";

    private const int NotPermitted = 1,
        SwapFile = 26,
        ReadOnly = 30;
    private readonly JournalSnapshot _journaled;
    private readonly PosixFolder _source;
    private readonly PosixFolder _folder;

    private BtrfsSnapshot(JournalSnapshot journaled, PosixFolder source, PosixFolder folder)
    {
        _journaled = journaled;
        _source = source;
        _folder = folder;
    }

    /// <summary>Opens the subvolume and makes the folder, after the journal knows of both.</summary>
    public static BtrfsSnapshot Prepare(JournalSnapshot journaled)
    {
        var source = PosixFolder.Open(journaled.Volume);
        try
        {
            var subvolume = BtrfsCalls.SubvolumeOf(source);
            if (
                !BtrfsCalls.IsRoot(source)
                || subvolume.Uuid != journaled.Origin
                || subvolume.FileSystem != journaled.FileSystem
            )
                throw new BackupException(
                    new Failure(
                        FailureKind.ShadowFailed,
                        journaled.Volume,
                        "make a snapshot of it",
                        "another subvolume or folder has taken its place"
                    )
                    {
                        Advice = "Run again when nobody moves or mounts subvolumes there.",
                    }
                );
            var (place, name) = PlaceOf(journaled);
            using var above = PosixFolder.Open(place);
            above.CreateIn(name);
            return new BtrfsSnapshot(journaled, source, above.TryOpenIn(name) ?? throw Vanished(journaled));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes out what the file system has in memory, so that the snapshot has little left to write out itself.
    /// </summary>
    public void Flush() => _source.FlushVolume();

    /// <summary>Makes it. The one instant is in here.</summary>
    public void Take()
    {
        var errno = BtrfsCalls.Snapshot(_source, _folder, Leaf);
        if (errno == 0)
            return;
        var failure = PosixErrors
            .Of(errno, _journaled.Volume, "make a snapshot of it (BTRFS_IOC_SNAP_CREATE_V2)")
            .Failure;
        throw new BackupException(
            errno switch
            {
                NotPermitted => failure with { Advice = "Run as root, or as the owner of the subvolume." },
                SwapFile => failure with
                {
                    Kind = FailureKind.ShadowFailed,
                    Cause = "it holds a swap file that is in use",
                    Advice = "Move the swap file to a subvolume of its own.",
                },
                _ when failure.Kind == FailureKind.DiskFull => failure with
                {
                    Advice =
                        "Free space on the file system, or raise the quota of the subvolume (btrfs qgroup limit), "
                        + "then run again.",
                },
                _ => failure,
            }
        );
    }

    /// <summary>What the journal should know of it from now on.</summary>
    public JournalSnapshot Describe()
    {
        using var snapshot = _folder.TryOpenIn(Leaf) ?? throw Vanished(_journaled);
        var subvolume = BtrfsCalls.SubvolumeOf(snapshot);
        return _journaled with { Uuid = subvolume.Uuid, Taken = subvolume.Created };
    }

    public void Dispose()
    {
        _source.Dispose();
        _folder.Dispose();
    }

    /// <summary>
    /// Deletes what there is of a journalled snapshot, whole or half made, and nothing that is not certainly it.
    /// </summary>
    public static void Remove(JournalSnapshot journaled)
    {
        var (place, name) = PlaceOf(journaled);
        using var above = PosixFolder.TryOpen(place);
        if (above == null || !BtrfsCalls.IsBtrfs(above) || BtrfsCalls.FileSystemOf(above) != journaled.FileSystem)
            throw NotOurs(
                journaled,
                "the file system that holds it (" + journaled.FileSystem?.ToString("D") + ") is not mounted there",
                "Mount it there as before, and run again."
            );
        using (var folder = above.TryOpenIn(name))
        {
            if (folder == null)
                return;
            using var snapshot = folder.TryOpenIn(Leaf);
            if (snapshot != null)
                Destroy(journaled, folder, snapshot);
        }

        above.DeleteIn(name);
        // A power cut after the journal has forgotten it must not bring it back.
        above.Flush();
    }

    private static void Destroy(JournalSnapshot journaled, PosixFolder folder, PosixFolder snapshot)
    {
        RequireOurs(journaled, snapshot);
        var errno = BtrfsCalls.Destroy(folder, Leaf);
        // Who is not root may delete only what can be written to: the right to write to its root is what is looked at
        // (fs/btrfs/ioctl.c).
        if (errno is NotPermitted or ReadOnly && PosixNative.geteuid() != 0 && BtrfsCalls.MakeWritable(snapshot) == 0)
            errno = BtrfsCalls.Destroy(folder, Leaf);
        if (errno != 0)
            throw PosixErrors.Of(errno, journaled.Root, "delete the snapshot (BTRFS_IOC_SNAP_DESTROY)");
    }

    private static void RequireOurs(JournalSnapshot journaled, PosixFolder snapshot)
    {
        var found = BtrfsCalls.IsRoot(snapshot) ? BtrfsCalls.SubvolumeOf(snapshot) : null;
        var isOurs =
            found != null
            && found.FileSystem == journaled.FileSystem
            && (
                journaled.Uuid != null
                    ? found.Uuid == journaled.Uuid
                    : found.IsReadOnly && found.ParentUuid == journaled.Origin
            );
        if (!isOurs)
            throw NotOurs(
                journaled,
                "what stands there is not the snapshot that was made there",
                "It is left alone. Move it away if you need it, and run again."
            );
    }

    private static (string Place, string Name) PlaceOf(JournalSnapshot journaled)
    {
        var folder = PathOf.Parent(journaled.Root) ?? "";
        var name = PathOf.Leaf(folder);
        return
            PathOf.Leaf(journaled.Root) == Leaf && TemporaryNames.IsShadow(name) && PathOf.Parent(folder) is { } place
            ? (place, name)
            : throw NotOurs(
                journaled,
                "the journal names a place where no snapshot of ours can be",
                "It is left alone."
            );
    }

    private static BackupException Vanished(JournalSnapshot journaled) =>
        new(
            new Failure(FailureKind.ShadowFailed, journaled.Root, "make the snapshot", "somebody removed it at once")
            {
                Advice = "Find out who else works in the subvolume, and run again.",
            }
        );

    private static BackupException NotOurs(JournalSnapshot journaled, string cause, string advice) =>
        new(new Failure(FailureKind.LeftoverRemains, journaled.Root, "delete the snapshot", cause) { Advice = advice });
}
