using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>From errno to the vocabulary of failures.</summary>
internal static class PosixErrors
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InvalidArgument = 22;
    public const int NotPermitted = 1;
    public const int NotADirectory = 20;

    // asm-generic/errno-base.h and errno.h, with the words of strerror(3).
    public static (FailureKind Kind, string Words) Describe(int errno) => errno switch
    {
        1 => (FailureKind.AccessDenied, "operation not permitted"),
        2 => (FailureKind.FileMissing, "no such file or folder"),
        5 => (FailureKind.IoError, "input/output error"),
        6 or 19 => (FailureKind.VolumeGone, "no such device"),
        13 => (FailureKind.AccessDenied, "permission denied"),
        16 => (FailureKind.FileLocked, "device or resource busy"),
        17 => (FailureKind.DestinationExists, "it exists already"),
        18 => (FailureKind.NotSupported, "the two paths are on different volumes"),
        20 => (FailureKind.FileMissing, "a part of the path is not a folder"),
        21 => (FailureKind.FileDiffers, "it is a folder"),
        22 => (FailureKind.NotSupported, "invalid argument"),
        23 or 24 => (FailureKind.Unexpected, "too many open files"),
        26 => (FailureKind.FileLocked, "the file is being executed"),
        27 => (FailureKind.NotSupported, "the file is too large for this file system"),
        28 => (FailureKind.DiskFull, "no space left on the volume"),
        30 => (FailureKind.ReadOnlyVolume, "the file system is read-only"),
        31 => (FailureKind.NotSupported, "too many links"),
        36 => (FailureKind.PathTooLong, "the name is too long"),
        39 => (FailureKind.FileExtra, "the folder is not empty"),
        40 => (FailureKind.LinkRefused, "it is a symbolic link"),
        84 => (FailureKind.NotSupported, "the file system does not take this name"),
        95 => (FailureKind.NotSupported, "the file system does not support it"),
        117 => (FailureKind.IoError, "the structure of the file system needs cleaning"),
        122 => (FailureKind.DiskFull, "the disk quota is used up"),
        107 or 112 or 113 or 116 or 121 => (FailureKind.VolumeGone, "the volume is gone (error " + errno + ")"),
        _ => (FailureKind.IoError, "error " + errno),
    };

    public static BackupException Last(string path, string operation) => Of(Marshal.GetLastWin32Error(), path, operation);

    public static BackupException Of(int errno, string path, string operation)
    {
        var (kind, words) = Describe(errno);
        return new BackupException(new Failure(kind, path, operation, words) { NativeCode = errno });
    }
}
