namespace HyperVBackup.Files;

/// <summary>Whom this process runs as, off Windows.</summary>
internal static class PosixUser
{
    /// <summary>Whether it may do what it likes with the files of others. False on Windows.</summary>
    public static bool IsRoot { get; } = !PathOf.IsWindows && PosixNative.geteuid() == 0;
}
