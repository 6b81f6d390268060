using System;
using System.Linq;

namespace HyperVBackup.Failures;

/// <summary>
/// What to do about a failure, where that is more than its kind says: the same error means one thing where something is
/// read and another where it is written, and some errors of the system have a remedy of their own.
/// </summary>
internal static class Advice
{
    // errno.h and winerror.h. Under Linux 27 is EFBIG; under Windows it is an I/O error, so of another kind.
    private const int FileTooLarge = 27,
        FileTooLargeOnWindows = 223;

    private static readonly string[] Reading =
    {
        "read",
        "open it for reading",
        "open the folder",
        "list",
        "look",
        "find",
        "ask",
    };

    /// <summary>The advice, in the words of this process's front.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="operation">What was being done.</param>
    /// <param name="nativeCode">The error of the system; null: it is ours.</param>
    public static string Of(FailureKind kind, string operation, int? nativeCode) =>
        FrontWords.Of(
            OfCode(kind, nativeCode)
                ?? (IsReading(operation) ? OfReading(kind) : OfWriting(kind, nativeCode))
                ?? FailureCatalogue.Of(kind).Template
        );

    /// <summary>Whether an operation only looks at something.</summary>
    public static bool IsReading(string operation) =>
        Reading.Any(verb =>
            operation.StartsWith(verb, StringComparison.Ordinal)
            && (operation.Length == verb.Length || operation[verb.Length] == ' ')
        );

    private static string? OfCode(FailureKind kind, int? code) =>
        (kind, code) switch
        {
            (FailureKind.NotSupported, FileTooLarge or FileTooLargeOnWindows) =>
                "Choose a target whose file system holds files of this size (FAT ends at 4 GB); or, if this process "
                    + "has a limit (ulimit -f), raise it.",
            _ => null,
        };

    private static string? OfReading(FailureKind kind) =>
        kind switch
        {
            FailureKind.NotSupported =>
                "It cannot be read like a file on a disk. Where it is part of what is backed up, exclude it.",
            FailureKind.PathTooLong => "Shorten the names of the folders above it, or exclude it.",
            _ => null,
        };

    private static string? OfWriting(FailureKind kind, int? code) =>
        kind switch
        {
            FailureKind.FileLocked when code != null =>
                "Close what holds it open there (a virus scanner, an indexer, a window), then run again.",
            FailureKind.DestinationExists when code != null =>
                "Something else has that name by now. Find out what makes it, or run again.",
            _ => null,
        };
}
