using System;
using System.Runtime.InteropServices;
using HyperVBackup.Content;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// The C library's calls, as 64-bit Linux has them (x86-64 and AArch64 share these constants and layouts except where
/// noted). Paths are bytes, ended by zero.
/// </summary>
internal static unsafe class PosixNative
{
    public const int AtFdCwd = -100;
    public const int AtSymlinkNoFollow = 0x100;
    public const int AtRemoveFolder = 0x200;
    public const int AtEmptyPath = 0x1000;
    public const int AtForceSync = 0x2000; // AT_STATX_FORCE_SYNC
    public const uint WriteOut = 7; // SYNC_FILE_RANGE_WAIT_BEFORE | _WRITE | _WAIT_AFTER
    public const uint StatxBasicAndBirth = 0xFFF;
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int CreateFlag = 0x40;
    public const int Exclusive = 0x80;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;
    public const int NonBlocking = 0x800;
    public const int KeepSize = 1;
    public const int PunchHole = 2;
    public const int SeekData = 3;
    public const int SeekHole = 4;
    public const int AdviseDontNeed = 4; // POSIX_FADV_DONTNEED
    public const int HugePages = 14; // MADV_HUGEPAGE
    public const uint FiClone = 0x40049409;
    public const uint XfsGeometry = 0x8070587C; // XFS_IOC_FSGEOMETRY_V4
    public const uint FsGetXattr = 0x801C581F;
    public const uint FsSetXattr = 0x401C5820;
    public const ulong ReadOnlyMount = 1;
    public const ulong AttributeMountRoot = 0x2000; // STATX_ATTR_MOUNT_ROOT

    // These two differ between the architectures (asm/fcntl.h).
    public static readonly int Direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;
    public static readonly int NoFollow =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;
    public static readonly int DirectoryOnly =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    private const string C = "libc";

    [DllImport(C, SetLastError = true)]
    public static extern int statx(int folder, byte[] path, int flags, uint mask, Statx* result);

    [DllImport(C, SetLastError = true)]
    public static extern int statx(int folder, byte* path, int flags, uint mask, Statx* result);

    [DllImport(C, SetLastError = true)]
    public static extern int open(byte[] path, int flags, uint mode);

    [DllImport(C, SetLastError = true)]
    public static extern int openat(int folder, byte[] name, int flags, uint mode);

    [DllImport(C, SetLastError = true)]
    public static extern long syscall(long number, int folder, byte[] path, OpenHow* how, nint size);

    [DllImport(C, SetLastError = true)]
    public static extern int mkdirat(int folder, byte[] name, uint mode);

    [DllImport(C, SetLastError = true)]
    public static extern int unlinkat(int folder, byte[] name, int flags);

    [DllImport(C, SetLastError = true)]
    public static extern int fstatfs(int file, StatFs* result);

    [DllImport(C, SetLastError = true)]
    public static extern int close(int file);

    [DllImport(C, SetLastError = true)]
    public static extern nint pread(int file, byte* buffer, nint count, long offset);

    [DllImport(C, SetLastError = true)]
    public static extern nint pwrite(int file, byte* buffer, nint count, long offset);

    [DllImport(C, SetLastError = true)]
    public static extern int ftruncate(int file, long length);

    [DllImport(C, SetLastError = true)]
    public static extern int fallocate(int file, int mode, long offset, long count);

    [DllImport(C, SetLastError = true)]
    public static extern long lseek(int file, long offset, int whence);

    [DllImport(C, SetLastError = true)]
    public static extern int flock(int file, int operation);

    [DllImport(C, SetLastError = true)]
    public static extern int fsync(int file);

    [DllImport(C, SetLastError = true)]
    public static extern int fdatasync(int file);

    [DllImport(C)]
    public static extern int posix_fadvise(int file, long offset, long length, int advice);

    [DllImport(C, SetLastError = true)]
    public static extern int syncfs(int file);

    [DllImport(C, SetLastError = true)]
    public static extern int sync_file_range(int file, long offset, long count, uint flags);

    [DllImport(C, SetLastError = true)]
    public static extern int ioctl(int file, nuint request, nint argument);

    [DllImport(C, SetLastError = true)]
    public static extern nint fgetxattr(int file, byte[] name, void* value, nint size);

    [DllImport(C, SetLastError = true)]
    public static extern nint getxattr(byte[] path, byte[] name, void* value, nint size);

    [DllImport(C, SetLastError = true)]
    public static extern nint lgetxattr(byte[] path, byte[] name, void* value, nint size);

    [DllImport(C, SetLastError = true)]
    public static extern int removexattr(byte[] path, byte[] name);

    [DllImport(C, SetLastError = true)]
    public static extern int lremovexattr(byte[] path, byte[] name);

    [DllImport(C, SetLastError = true)]
    public static extern int fsetxattr(int file, byte[] name, void* value, nint size, int flags);

    [DllImport(C, SetLastError = true)]
    public static extern nint fdopendir(int file);

    [DllImport(C, SetLastError = true)]
    public static extern byte* readdir(nint folder);

    [DllImport(C, SetLastError = true)]
    public static extern int closedir(nint folder);

    [DllImport(C, SetLastError = true)]
    public static extern nint realpath(byte[] path, nint buffer);

    [DllImport(C)]
    public static extern void free(nint memory);

    [DllImport(C, SetLastError = true)]
    public static extern int fchownat(int folder, byte[] name, uint owner, uint group, int flags);

    [DllImport(C, SetLastError = true)]
    public static extern int symlinkat(byte[] target, int folder, byte[] name);

    [DllImport(C, SetLastError = true)]
    public static extern nint readlinkat(int folder, byte[] name, byte[] buffer, nint size);

    [DllImport(C, SetLastError = true)]
    public static extern int renameat(int fromFolder, byte[] from, int toFolder, byte[] to);

    [DllImport(C, SetLastError = true)]
    public static extern int chmod(byte[] path, uint mode);

    [DllImport(C, SetLastError = true)]
    public static extern int fchmod(int file, uint mode);

    [DllImport(C, SetLastError = true)]
    public static extern int fchown(int file, uint owner, uint group);

    [DllImport(C, SetLastError = true)]
    public static extern int futimens(int file, TimeSpec* times);

    [DllImport(C, SetLastError = true)]
    public static extern int utimensat(int folder, byte[] path, TimeSpec* times, int flags);

    [DllImport(C, SetLastError = true)]
    public static extern int fstatvfs(int file, StatVfs* result);

    [DllImport(C, SetLastError = true)]
    public static extern uint geteuid();

    [DllImport(C, SetLastError = true)]
    public static extern int madvise(byte* start, nint length, int advice);

    /// <summary>struct open_how (openat2(2)). 24 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct statx_timestamp (statx(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    /// <summary>struct statx (statx(2)): the one stat structure with the same layout everywhere. 256 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct Statx
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Flags;
        public uint LinkCount;
        public uint Owner;
        public uint Group;
        public ushort Mode;
        public ushort Pad;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong FlagsMask;
        public StatxTime Accessed;
        public StatxTime Born;
        public StatxTime Changed;
        public StatxTime Modified;
        public uint SpecialMajor;
        public uint SpecialMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
    }

    /// <summary>struct fsxattr (linux/fs.h). 28 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 28)]
    public struct FsXattr
    {
        public uint Flags;
        public uint ExtentSize;
        public uint Extents;
        public uint Project;
        public uint CowExtentSize;
    }

    /// <summary>
    /// struct statfs (statfs(2)), 64-bit: only its first field is read, the kind of file system. 120 bytes.
    /// </summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct StatFs
    {
        public long Type;
    }

    /// <summary>struct statvfs (statvfs(3)), 64-bit.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct StatVfs
    {
        public ulong BlockSize;
        public ulong FragmentSize;
        public ulong Blocks;
        public ulong Free;
        public ulong Available;
        public ulong Files;
        public ulong FilesFree;
        public ulong FilesAvailable;
        public ulong Id;
        public ulong Flags;
        public ulong NameMax;
    }
}
