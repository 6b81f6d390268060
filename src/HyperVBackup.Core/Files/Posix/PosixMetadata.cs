using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>Sets owner, permissions and time, by name or by descriptor.</summary>
internal static unsafe class PosixMetadata
{
    public const uint PermissionBits = 0xFFF;
    private static readonly byte[] Empty = new byte[1];

    /// <summary>
    /// By path. What is changed is what was opened: nothing that somebody puts in its place meanwhile.
    /// </summary>
    public static void Set(string path, FileEntry like)
    {
        var file = PosixWay.Open(path, PathOnly);
        if (file < 0)
            throw PosixWay.Failed(-file, path, "set its metadata");
        try
        {
            Set(file, PosixAcl.NameOf(file), path, like);
        }
        finally
        {
            close(file);
        }
    }

    // A descriptor that only stands for the file takes none of fchmod and futimens; its name in /proc leads to the file
    // itself, and never on through a link (proc(5)).
    private static void Set(int file, byte[] name, string path, FileEntry like)
    {
        Statx stat;
        byte nothing = 0;
        if (statx(file, &nothing, AtEmptyPath, StatxBasicAndBirth, &stat) != 0)
            throw PosixErrors.Last(path, "read its metadata");
        var kind = PosixFileSystem.ToEntry(PathOf.Leaf(path), stat).Kind;
        if (kind != like.Kind)
            throw new BackupException(
                kind == EntryKind.Link ? FailureKind.LinkRefused : FailureKind.FileDiffers,
                path,
                "set its metadata",
                "it has become " + KindText.Of(kind)
            );
        // Owner before mode: chown clears the set-user-id bit. Only root may give files away; others keep their own, as
        // cp and rsync do.
        if (PosixUser.IsRoot && fchownat(file, Empty, like.Owner, like.Group, AtEmptyPath) != 0)
            Tolerate(path, "set its owner");
        if (like.Kind != EntryKind.Link && chmod(name, PosixAclRemoval.Prepare(name, file, like)) != 0)
            Tolerate(path, "set its permissions");
        var times = stackalloc TimeSpec[2];
        Fill(times, like);
        if (utimensat(AtFdCwd, name, times, 0) != 0)
            throw PosixErrors.Last(path, "set its time");
    }

    public static void Set(int file, string path, FileEntry like)
    {
        if (PosixUser.IsRoot && fchown(file, like.Owner, like.Group) != 0)
            Tolerate(path, "set its owner");
        if (fchmod(file, PosixAclRemoval.Prepare(PosixAcl.NameOf(file), file, like)) != 0)
            Tolerate(path, "set its permissions");
        var times = stackalloc TimeSpec[2];
        Fill(times, like);
        if (futimens(file, times) != 0)
            throw PosixErrors.Last(path, "set its time");
    }

    private static void Fill(TimeSpec* times, FileEntry like)
    {
        const long leaveAccessTime = 0x3FFFFFFE; // UTIME_OMIT
        times[0] = new TimeSpec { Nanoseconds = leaveAccessTime };
        times[1] = new TimeSpec { Seconds = like.Modified.Seconds, Nanoseconds = like.Modified.Nanoseconds };
    }

    // File systems without owners or permissions (FAT, some shares) cannot be given any; the copy is right all the
    // same.
    private static void Tolerate(string path, string operation)
    {
        var errno = Marshal.GetLastWin32Error();
        if (errno == PosixErrors.NotPermitted || PosixErrors.IsNotOffered(errno))
            return;
        throw PosixErrors.Of(errno, path, operation);
    }
}
