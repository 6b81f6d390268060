using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;

namespace HyperVBackup.Files.Posix;

/// <summary>From errno to the vocabulary of failures.</summary>
internal static class PosixErrors
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InvalidArgument = 22;
    public const int NotPermitted = 1;
    public const int NotADirectory = 20;
    public const int NotOffered = 38;
    public const int NotSupported = 95;

    // asm-generic/errno-base.h and errno.h, with the words of strerror(3).
    public static (FailureKind Kind, string Words) Describe(int errno) =>
        errno switch
        {
            1 => (FailureKind.AccessDenied, "operation not permitted"),
            2 => (FailureKind.FileMissing, "no such file or folder"),
            4 => (FailureKind.NoAnswer, "the call was interrupted"),
            5 => (FailureKind.IoError, "input/output error"),
            6 or 19 => (FailureKind.VolumeGone, "no such device"),
            11 => (FailureKind.OutOfResources, "the system cannot do it at the moment"),
            12 => (FailureKind.OutOfResources, "out of memory"),
            13 => (FailureKind.AccessDenied, "permission denied"),
            16 => (FailureKind.FileLocked, "device or resource busy"),
            17 => (FailureKind.DestinationExists, "it exists already"),
            18 => (FailureKind.NotSupported, "the two paths are on different volumes"),
            20 => (FailureKind.FileMissing, "a part of the path is not a folder"),
            21 => (FailureKind.FileDiffers, "it is a folder"),
            22 => (FailureKind.NotSupported, "invalid argument"),
            23 => (FailureKind.OutOfResources, "too many open files on this computer"),
            24 => (FailureKind.OutOfResources, "too many open files in this process"),
            26 => (FailureKind.FileLocked, "the file is being executed"),
            27 => (FailureKind.NotSupported, "the file is too large for this file system"),
            28 => (FailureKind.DiskFull, "no space left on the volume"),
            30 => (FailureKind.ReadOnlyVolume, "the file system is read-only"),
            31 => (FailureKind.NotSupported, "too many links"),
            36 => (FailureKind.PathTooLong, "the name is too long"),
            38 => (FailureKind.NotSupported, "the file system does not have this function"),
            39 => (FailureKind.FileExtra, "the folder is not empty"),
            40 => (FailureKind.LinkRefused, "it is a symbolic link"),
            // What Linux makes of a sector that cannot be read (blk_errors, block/blk-core.c), and of a checksum that
            // is wrong (EFSBADCRC).
            61 => (FailureKind.IoError, "the medium cannot read it"),
            74 => (FailureKind.IoError, "the file system's checksum is wrong"),
            67 or 71 or 100 or 101 or 103 or 104 or 111 => (
                FailureKind.NoAnswer,
                "the connection to it was lost (error " + errno + ")"
            ),
            105 => (FailureKind.OutOfResources, "no room for buffers"),
            110 => (FailureKind.NoAnswer, "it did not answer in time"),
            126 or 127 or 128 or 129 => (FailureKind.AccessDenied, "the key to what is encrypted there is not loaded"),
            84 => (FailureKind.NotSupported, "the file system does not take this name"),
            95 => (FailureKind.NotSupported, "the file system does not support it"),
            117 => (FailureKind.IoError, "the structure of the file system needs cleaning"),
            122 => (FailureKind.DiskFull, "the disk quota is used up"),
            107 or 108 or 112 or 113 or 116 or 121 or 123 => (
                FailureKind.VolumeGone,
                "the volume is gone (error " + errno + ")"
            ),
            _ => (FailureKind.NoAnswer, "error " + errno),
        };

    /// <summary>
    /// Whether it says that a file system does not know such a thing at all: EINVAL, ENOSYS, EOPNOTSUPP.
    /// </summary>
    public static bool IsNotOffered(int errno) => errno is InvalidArgument or NotOffered or NotSupported;

    /// <summary>
    /// Whether making a symbolic link failed because the file system has none: EPERM (symlink(2)), and what servers in
    /// user space say. In a folder that may not be changed EPERM means that.
    /// </summary>
    public static bool MeansNoLinks(int errno, int folder) =>
        errno is NotOffered or NotSupported || (errno == NotPermitted && !PosixFlush.IsOfLinux(folder));

    public static BackupException Last(string path, string operation) =>
        Of(Marshal.GetLastWin32Error(), path, operation);

    public static BackupException Of(int errno, string path, string operation)
    {
        var (kind, words) = Describe(errno);
        return new BackupException(new Failure(kind, path, operation, words) { NativeCode = errno });
    }
}
