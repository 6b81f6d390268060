using System;
using System.IO;
using HyperVBackup.Failures;
using HyperVBackup.Files.Posix;
using HyperVBackup.Files.Windows;

namespace HyperVBackup.Files;

/// <summary>
/// From the exceptions of .NET's own file classes to the vocabulary of failures: a full disk is one, wherever it
/// strikes.
/// </summary>
public static class SystemErrors
{
    private const int Win32 = unchecked((int)0x80070000),
        Code = 0xFFFF,
        MostErrno = 200,
        FileTooLarge = 27;

    /// <summary>The failure behind an exception; one that is not of the system is a defect, and called so.</summary>
    public static Failure Of(Exception exception, string target, string operation) =>
        exception switch
        {
            BackupException or OperationCanceledException => BackupException.FailureOf(exception, target, operation),
            // Thrown for EFBIG, of all things.
            ArgumentOutOfRangeException when IsFileTooLarge(exception) => OfCode(FileTooLarge, target, operation),
            IOException or UnauthorizedAccessException when CodeOf(exception) is { } code => OfCode(
                code,
                target,
                operation
            ),
            UnauthorizedAccessException => new Failure(FailureKind.AccessDenied, target, operation, Words(exception)),
            FileNotFoundException or DirectoryNotFoundException => new Failure(
                FailureKind.FileMissing,
                target,
                operation,
                Words(exception)
            ),
            PathTooLongException => new Failure(FailureKind.PathTooLong, target, operation, Words(exception)),
            IOException => new Failure(FailureKind.IoError, target, operation, Words(exception)),
            _ => BackupException.FailureOf(exception, target, operation),
        };

    /// <summary>Whether an exception is one that .NET's file classes have for what the system says.</summary>
    public static bool IsOne(Exception exception) =>
        exception is IOException or UnauthorizedAccessException || IsFileTooLarge(exception);

    private static bool IsFileTooLarge(Exception exception) =>
        !PathOf.IsWindows
        && exception is ArgumentOutOfRangeException { ParamName: "value" }
        && exception.Message.IndexOf("file length", StringComparison.OrdinalIgnoreCase) >= 0;

    // On Windows an HRESULT made of the Win32 error; elsewhere the errno itself, where .NET has no exception of its
    // own.
    private static int? CodeOf(Exception exception) =>
        PathOf.IsWindows
            ? (exception.HResult & ~Code) == Win32
                ? exception.HResult & Code
                : null
            : exception.HResult is > 0 and < MostErrno
                ? exception.HResult
                : null;

    private static Failure OfCode(int code, string target, string operation)
    {
        if (PathOf.IsWindows)
            return WindowsErrors.Of(code, target, operation).Failure;
        return PosixErrors.Of(code, target, operation).Failure;
    }

    private static string Words(Exception exception) => exception.Message.TrimEnd('.');
}
