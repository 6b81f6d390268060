using System.ComponentModel;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// The one place that turns Win32 errors into the vocabulary of failures. Numbers and meanings: winerror.h, "System
/// Error Codes".
/// </summary>
internal static class WindowsErrors
{
    public const int InvalidFunction = 1;
    public const int FileNotFound = 2;
    public const int PathNotFound = 3;
    public const int AccessDenied = 5;
    public const int NoMoreFiles = 18;
    public const int SharingViolation = 32;
    public const int HandleEof = 38;
    public const int NotSupported = 50;
    public const int InvalidParameter = 87;
    public const int CallNotImplemented = 120;
    public const int InvalidName = 123;
    public const int InvalidLevel = 124;
    public const int BadPathname = 161;
    public const int MoreData = 234;
    public const int BlockTooManyReferences = 347;
    public const int NotAllAssigned = 1300;

    /// <summary>
    /// The failure behind the calling thread's last Win32 error. Call it before anything else can change that.
    /// </summary>
    public static BackupException Last(string path, string operation) =>
        Of(Marshal.GetLastWin32Error(), path, operation);

    /// <summary>The failure behind a Win32 error.</summary>
    public static BackupException Of(int error, string path, string operation)
    {
        var cause = new Win32Exception(error);
        return new BackupException(
            new Failure(KindOf(error), path, operation, cause.Message.TrimEnd('.', ' ', '\r', '\n'))
            {
                NativeCode = error,
            },
            cause
        );
    }

    /// <summary>Nothing has that path.</summary>
    public static bool MeansMissing(int error) => error is FileNotFound or PathNotFound;

    /// <summary>The file system, or the server behind it, does not know the request.</summary>
    public static bool MeansUnsupported(int error) =>
        error is InvalidFunction or NotSupported or InvalidParameter or CallNotImplemented or InvalidLevel;

    /// <summary>Which failure of the vocabulary a Win32 error is.</summary>
    public static FailureKind KindOf(int error) =>
        error switch
        {
            FileNotFound or PathNotFound => FailureKind.FileMissing,
            267 => FailureKind.FileMissing, // DIRECTORY: a file stands where the path has a folder

            AccessDenied => FailureKind.AccessDenied,
            65 => FailureKind.AccessDenied, // NETWORK_ACCESS_DENIED
            86 or 1219 or 1326 or 1327 or 1331 => FailureKind.AccessDenied, // the server refuses the account
            225 => FailureKind.AccessDenied, // VIRUS_INFECTED
            6000 or 6001 or 6002 or 6009 => FailureKind.AccessDenied, // encrypted, or read-only
            740 or 1314 => FailureKind.NotElevated, // ELEVATION_REQUIRED, PRIVILEGE_NOT_HELD

            19 => FailureKind.ReadOnlyVolume, // WRITE_PROTECT

            // The last of them, DIR_NOT_EMPTY, is what remains while others hold deleted files open.
            SharingViolation or 33 or 170 or 303 or 1224 or 145 => FailureKind.FileLocked,

            39 or 112 or 1295 => FailureKind.DiskFull, // HANDLE_DISK_FULL, DISK_FULL, DISK_QUOTA_EXCEEDED

            111 or 206 => FailureKind.PathTooLong, // BUFFER_OVERFLOW, FILENAME_EXCED_RANGE

            80 or 183 => FailureKind.DestinationExists, // FILE_EXISTS, ALREADY_EXISTS

            681 or 1921 => FailureKind.LinkRefused, // STOPPED_ON_SYMLINK, CANT_RESOLVE_FILENAME

            // CRC, SEEK, SECTOR_NOT_FOUND, WRITE_FAULT, READ_FAULT, GEN_FAILURE
            23 or 25 or 27 or 29 or 30 or 31 => FailureKind.IoError,
            // CHECKSUM_ERROR, DEVICE_HARDWARE_ERROR, IO_DEVICE, FILE_CORRUPT, DISK_CORRUPT
            323 or 483 or 1117 or 1392 or 1393 => FailureKind.IoError,

            // TOO_MANY_OPEN_FILES, no memory, REQ_NOT_ACCEP (connections), MAX_THRDS_REACHED
            4 or 8 or 14 or 71 or 164 => FailureKind.OutOfResources,
            // NO_SYSTEM_RESOURCES, WORKING_SET_QUOTA, COMMITMENT_LIMIT, NOT_ENOUGH_QUOTA
            1450 or 1453 or 1455 or 1816 => FailureKind.OutOfResources,

            258 or 995 or 1223 or 1460 => FailureKind.NoAnswer, // WAIT_TIMEOUT, OPERATION_ABORTED, CANCELLED, TIMEOUT
            // the connection was refused, ended or aborted
            1225 or 1226 or 1229 or 1235 or 1237 => FailureKind.NoAnswer,
            >= 358 and <= 404 => FailureKind.NoAnswer, // the cloud provider of an online-only file failed

            // the device went away
            15 or 20 or 21 or 55 or 433 or 1006 or 1110 or 1112 or 1167 => FailureKind.VolumeGone,
            // the server went away
            51 or 53 or 54 or 58 or 59 or 64 or 67 or 121 or 1231 or 1232 or 1236 => FailureKind.VolumeGone,
            1005 => FailureKind.VolumeGone, // UNRECOGNIZED_VOLUME

            InvalidFunction or NotSupported or CallNotImplemented or InvalidLevel => FailureKind.NotSupported,
            InvalidName or BadPathname => FailureKind.NotSupported, // a name this file system cannot hold
            // FILE_TOO_LARGE, FILE_SYSTEM_LIMITATION, TOO_MANY_LINKS, CANT_ACCESS_FILE
            223 or 665 or 1142 or 1920 => FailureKind.NotSupported,
            4390 or 4392 or 4393 or 4394 => FailureKind.NotSupported, // reparse points of another kind

            _ => FailureKind.Unexpected,
        };
}
