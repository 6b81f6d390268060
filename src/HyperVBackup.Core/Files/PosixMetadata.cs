using System.Runtime.InteropServices;
using static HyperVBackup.Files.PosixNative;

namespace HyperVBackup.Files;

/// <summary>Sets owner, permissions and time, by name or by descriptor.</summary>
internal static unsafe class PosixMetadata
{
    public const uint PermissionBits = 0xFFF;
    private const int NotSupported = 95;
    private static readonly bool IsRoot = geteuid() == 0;

    public static void Set(byte[] name, string path, FileEntry like)
    {
        // Owner before mode: chown clears the set-user-id bit. Only root may give files away; others keep their own, as cp and rsync do.
        if (IsRoot && lchown(name, like.Owner, like.Group) != 0) Tolerate(path, "set its owner");
        if (like.Kind != EntryKind.Link && chmod(name, like.Attributes & PermissionBits) != 0) Tolerate(path, "set its permissions");
        var times = stackalloc TimeSpec[2];
        Fill(times, like);
        if (utimensat(AtFdCwd, name, times, AtSymlinkNoFollow) != 0) throw PosixErrors.Last(path, "set its time");
    }

    public static void Set(int file, string path, FileEntry like)
    {
        if (IsRoot && fchown(file, like.Owner, like.Group) != 0) Tolerate(path, "set its owner");
        if (fchmod(file, like.Attributes & PermissionBits) != 0) Tolerate(path, "set its permissions");
        var times = stackalloc TimeSpec[2];
        Fill(times, like);
        if (futimens(file, times) != 0) throw PosixErrors.Last(path, "set its time");
    }

    private static void Fill(TimeSpec* times, FileEntry like)
    {
        const long leaveAccessTime = 0x3FFFFFFE; // UTIME_OMIT
        times[0] = new TimeSpec { Nanoseconds = leaveAccessTime };
        times[1] = new TimeSpec { Seconds = like.Modified.Seconds, Nanoseconds = like.Modified.Nanoseconds };
    }

    // File systems without owners or permissions (FAT, some shares) cannot be given any; the copy is right all the same.
    private static void Tolerate(string path, string operation)
    {
        var errno = Marshal.GetLastWin32Error();
        if (errno is not (PosixErrors.NotPermitted or PosixErrors.InvalidArgument or NotSupported)) throw PosixErrors.Of(errno, path, operation);
    }
}
