using System;
using System.Linq;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Files;

/// <summary>
/// File systems that keep no owners and permissions: all that lies there has those that the mount gives it, and chmod
/// changes nothing, often without saying so.
/// </summary>
internal static class OwnerlessMounts
{
    // ntfs3 is not among them: it keeps what chmod says in attributes of its own ($LXMOD).
    private static readonly string[] OfMasks = { "vfat", "msdos", "exfat", "fuseblk" };
    private static readonly string[] OfServers = { "cifs", "smb3" };

    /// <summary>
    /// How the mount that a path lies on is made its owner's alone, in words; null where chmod does it, and where the
    /// mount is not known.
    /// </summary>
    public static string? Remedy(string path)
    {
        if (PathOf.IsWindows || PosixMounts.Around(path) is not { } mount || OptionsFor(mount) is not { } options)
            return null;
        var device = mount.Source.StartsWith("/", StringComparison.Ordinal) ? ShellText.Quote(mount.Source) + " " : "";
        return "Owners and permissions are not kept on this file system ("
            + mount.FileSystem
            + "), so chmod changes "
            + "nothing: they are those of the mount. Put "
            + options
            + " into its options in /etc/fstab, or, as root: "
            + "umount "
            + ShellText.Quote(mount.Path)
            + " && mount -o "
            + options
            + " "
            + device
            + ShellText.Quote(mount.Path);
    }

    private static string? OptionsFor(PosixMount mount)
    {
        if (OfServers.Contains(mount.FileSystem))
            return "uid=0,gid=0,file_mode=0600,dir_mode=0700,nounix";
        // ntfs-3g that was told to keep them asks the kernel to judge by them; exfat-fuse always does, and keeps none.
        var keeps =
            mount.FileSystem == "fuseblk"
            && mount.Options.Split(',').Contains("default_permissions")
            && PosixSparseMark.IsKnownAt(PosixFileSystem.Bytes(mount.Path));
        return OfMasks.Contains(mount.FileSystem) && !keeps ? "uid=0,gid=0,umask=077" : null;
    }
}
