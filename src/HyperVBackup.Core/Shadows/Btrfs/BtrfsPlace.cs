using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Shadows.Btrfs;

/// <summary>
/// Where the snapshot of a subvolume can be made, and deleted again: found out by asking the kernel, not by guessing at
/// rights and mount options.
/// </summary>
internal static class BtrfsPlace
{
    private const int NotPermitted = 1,
        InvalidArgument = 22,
        ReadOnly = 30;

    /// <summary>The folder that will hold it.</summary>
    /// <exception cref="BackupException">There is none: why not in the best of them.</exception>
    public static string For(BtrfsSource source)
    {
        RequireOwner(source);
        Failure? first = null;
        foreach (var place in source.Places())
        {
            if (WhyNot(place) is not { } failure)
                return place;
            first ??= failure;
            // No space, no quota and no right are the same everywhere on the file system.
            if (failure.NativeCode != ReadOnly)
                break;
        }

        throw new BackupException(first!);
    }

    // btrfs_ioctl_snap_create: "Subvolume creation is not restricted, but snapshots are limited to own subvolumes
    // only".
    private static void RequireOwner(BtrfsSource source)
    {
        var user = PosixNative.geteuid();
        using var root = PosixFolder.Open(source.Root);
        var owner = root.Entry.Owner;
        if (user != 0 && owner != user)
            throw new BackupException(
                new Failure(
                    FailureKind.AccessDenied,
                    source.Root,
                    "make a snapshot of it",
                    "the subvolume belongs to the user " + owner + ", and only root or its owner may"
                )
                {
                    NativeCode = NotPermitted,
                }
            );
    }

    // An attempt to delete as a subvolume what is a plain folder changes nothing, and is answered by EINVAL to those
    // who might, by EPERM to those who might not.
    private static Failure? WhyNot(string place)
    {
        var probe = TemporaryNames.Next();
        try
        {
            using var folder = PosixFolder.Open(place);
            folder.CreateIn(probe);
            var errno = BtrfsCalls.Destroy(folder, probe);
            folder.DeleteIn(probe);
            if (errno is 0 or InvalidArgument)
                return null;
            return PosixErrors
                .Of(errno, place, "be sure to delete a snapshot in it again (BTRFS_IOC_SNAP_DESTROY)")
                .Failure with
            {
                Advice =
                    "Run as root (with CAP_SYS_ADMIN), or mount the file system with user_subvol_rm_allowed, or "
                    + "choose another provider.",
            };
        }
        catch (BackupException e)
        {
            return e.Failure with
            {
                Target = place,
                Operation = "make a folder for a snapshot in it",
                Advice = AdviceFor(e.Failure),
            };
        }
    }

    private static string AdviceFor(Failure failure) =>
        failure.Kind switch
        {
            FailureKind.ReadOnlyVolume =>
                "A snapshot must lie on the file system it is of: mount it for writing as well, anywhere, or choose "
                    + "another provider.",
            FailureKind.DiskFull =>
                "Free space on the file system, or raise the quota of the subvolume (btrfs qgroup limit), then run "
                    + "again.",
            _ => failure.Advice,
        };
}
