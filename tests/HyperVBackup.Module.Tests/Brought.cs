using System;
using System.IO;
using System.Linq;
using System.Reflection;

namespace HyperVBackup.Module.Tests;

/// <summary>What the build has brought for these tests, and where it lies.</summary>
internal static class Brought
{
    public static string Repository => Metadata("repository");

    /// <summary>Release or Debug: what of the module has been built.</summary>
    public static string Configuration => Metadata("configuration");

    /// <summary>Pester's manifest.</summary>
    public static string Pester => Metadata("Pester");

    /// <summary>
    /// The shell's own program, as on a machine where it is installed: suites start $PSHOME/pwsh themselves. A package
    /// carries no permissions, so it may have to be made a program first.
    /// </summary>
    public static string Shell { get; } = FindShell();

    private static string FindShell()
    {
        var folder = Metadata("PowerShell");
        if (OperatingSystem.IsWindows())
            return Path.Combine(folder, "win", "pwsh.exe");
        var shell = Path.Combine(folder, "unix", "pwsh");
        var mode = File.GetUnixFileMode(shell);
        if (!mode.HasFlag(UnixFileMode.UserExecute))
            File.SetUnixFileMode(shell, mode | UnixFileMode.UserExecute);
        return shell;
    }

    private static string Metadata(string key) =>
        Assembly
            .GetExecutingAssembly()
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == key)
            .Value!;
}
