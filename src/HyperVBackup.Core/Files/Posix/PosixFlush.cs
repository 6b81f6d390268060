using System;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// Which file systems do what syncfs(2) says. The kernel answers 0 for every one, also where it has nobody to pass the
/// call on to: on FUSE (but for virtiofs), SMB, NFS and 9p what the server keeps in its
/// memory stays there. So only those are believed that are known to write everything out; on all others each file is
/// flushed by itself.
/// </summary>
internal static unsafe class PosixFlush
{
    private const long Fuse = 0x65735546;

    // linux/magic.h and the sources of the file systems: those that write to a device of their own, with links, owners
    // and permissions.
    private static readonly long[] OfLinux =
    {
        0xEF53,
        0x58465342,
        0x9123683E,
        0xF2F52010,
        0xCA451A4E,
        0x3153464A,
        0x52654973,
        0x3434,
        0x2FC12FC1,
        0x01021994,
        0x858458F6,
        0x7461636F,
        0x01161970,
    };

    // And those of other systems: FAT, exFAT, ntfs3, HFS+.
    private static readonly long[] OfOthers = { 0x4D44, 0x2011BAB0, 0x7366746E, 0x482B };

    /// <summary>Whether flushing the volume of an open folder reaches its medium.</summary>
    public static bool ReachesTheMedium(int folder, string path)
    {
        StatFs about;
        if (fstatfs(folder, &about) != 0)
            throw PosixErrors.Last(path, "ask for its file system");
        if (Array.IndexOf(OfLinux, about.Type) >= 0 || Array.IndexOf(OfOthers, about.Type) >= 0)
            return true;
        return about.Type == Fuse && HasDevice(folder);
    }

    /// <summary>
    /// Whether an open folder lies on a file system of Linux itself; false as well when that cannot be told.
    /// </summary>
    public static bool IsOfLinux(int folder)
    {
        StatFs about;
        return fstatfs(folder, &about) == 0 && Array.IndexOf(OfLinux, about.Type) >= 0;
    }

    // ntfs-3g and exfat-fuse (type fuseblk) write through the cache of their block device, and that is flushed
    // (fs/sync.c, sync_blockdev). Others have a device number without a device: major 0.
    private static bool HasDevice(int folder)
    {
        Statx stat;
        byte nothing = 0;
        return statx(folder, &nothing, AtEmptyPath, StatxBasicAndBirth, &stat) == 0 && stat.DeviceMajor != 0;
    }
}
