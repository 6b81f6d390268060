using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>Creates symbolic links and junctions.</summary>
internal static unsafe class WindowsLinks
{
    private const uint ToFolder = 1;
    private const uint EvenUnprivileged = 2;

    /// <summary>Creates a link like the given entry.</summary>
    public static void Create(string path, FileEntry like)
    {
        const string operation = "create the link";
        if (like.Kind != EntryKind.Link || string.IsNullOrEmpty(like.LinkTarget))
            throw new BackupException(FailureKind.NotSupported, path, operation, "there is no target to point it to");
        WindowsProcess.Prepare();
        if (like.LinkKind == LinkKind.Junction)
            CreateJunction(path, like.LinkTarget!);
        else
            CreateSymbolic(path, like.LinkTarget!, like.LinkKind == LinkKind.SymbolicFolder ? ToFolder : 0);
    }

    private static void CreateSymbolic(string path, string target, uint flags)
    {
        const string operation = "create the symbolic link";
        var native = WindowsPath.ToNative(path, operation);

        // Developer mode lets everybody create them, if asked with a flag that Windows before 10.1703 refuses.
        if (CreateSymbolicLinkW(native, target, flags | EvenUnprivileged))
            return;
        var error = Marshal.GetLastWin32Error();
        if (error == WindowsErrors.InvalidParameter)
        {
            if (CreateSymbolicLinkW(native, target, flags))
                return;
            error = Marshal.GetLastWin32Error();
        }

        if (error == WindowsErrors.InvalidFunction)
            throw NoLinks.At(path, operation, error);
        var failure = WindowsErrors.Of(error, path, operation).Failure;
        throw new BackupException(failure.Kind == FailureKind.NotElevated ? failure with { Advice = Advice } : failure);
    }

    private const string Advice =
        "Run as administrator, grant this account 'Create symbolic links', or turn on Developer Mode.";

    private static void CreateJunction(string path, string target)
    {
        const string operation = "create the junction";
        var native = WindowsPath.ToNative(path, operation);
        if (!CreateDirectoryW(native, null))
            throw WindowsErrors.Last(path, operation);
        var done = false;
        try
        {
            using var folder = WindowsHandle.Open(path, GenericWrite, operation);
            WindowsReparsePoint.SetJunction(folder, target, path);
            done = true;
        }
        finally
        {
            if (!done)
                RemoveDirectoryW(native);
        }
    }
}
