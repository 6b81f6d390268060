using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>The failure to make a symbolic link on a file system that has none: exFAT, FAT, many servers.</summary>
internal static class NoLinks
{
    private const string Cause = "this file system has no symbolic links";

    /// <summary>That failure.</summary>
    /// <param name="path">The link.</param>
    /// <param name="operation">How the link is called.</param>
    /// <param name="code">The system's error.</param>
    public static BackupException At(string path, string operation, int code) =>
        new(
            new Failure(FailureKind.NotSupported, path, operation, Cause)
            {
                NativeCode = code,
                Advice =
                    "Exclude the links, or choose a place on a file system that has links; else every run that copies "
                    + "them ends so.",
            }
        );

    /// <summary>Whether a failure is that one.</summary>
    public static bool Is(Failure failure) => failure.Kind == FailureKind.NotSupported && failure.Cause == Cause;
}
