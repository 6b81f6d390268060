using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files.Posix;
using HyperVBackup.Files.Windows;

namespace HyperVBackup.Files;

/// <summary>The file system of the machine this runs on.</summary>
public static class FileSystems
{
    private static readonly Lazy<IFileSystem> Native = new(Make);

    /// <summary>The one for this operating system.</summary>
    /// <exception cref="BackupException">There is none: this is neither Windows nor 64-bit Linux.</exception>
    public static IFileSystem Current => Native.Value;

    private static IFileSystem Make()
    {
        if (PathOf.IsWindows)
            return new WindowsFileSystem();
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && IntPtr.Size == 8)
            return new PosixFileSystem();
        throw new BackupException(
            FailureKind.NotSupported,
            RuntimeInformation.OSDescription,
            "use this operating system",
            "it is neither Windows nor 64-bit Linux"
        );
    }
}
