using System;
using System.Diagnostics;
using System.IO;
using HyperVBackup.Files;
using HyperVBackup.Host;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// The program itself, as a process of its own: the one that HVBACKUP_TEST_PROGRAM names, as it is shipped; without it
/// what was built, <c>hvbackup.exe</c> on Windows and
/// <c>dotnet hvbackup.dll</c> elsewhere.
/// </summary>
internal static class HvBackup
{
    /// <summary>
    /// The program that all commands of the tests are run with; null: they run in the process of the tests where they
    /// can.
    /// </summary>
    public static string? Shipped { get; } =
        Environment.GetEnvironmentVariable("HVBACKUP_TEST_PROGRAM") is { Length: > 0 } program
            ? Path.GetFullPath(program)
            : null;

    /// <summary>The words that start it.</summary>
    public static string[] Command { get; } =
        Shipped != null ? [Shipped]
        : PathOf.IsWindows ? [Path.Combine(AppContext.BaseDirectory, "hvbackup.exe")]
        :
        [
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet",
            typeof(Program).Assembly.Location,
        ];

    /// <summary>Starts it with the state folder of a workplace.</summary>
    public static Process Start(Workplace work, params string[] args)
    {
        var start = new ProcessStartInfo(Command[0], [.. Command[1..], .. args]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment[StateFolder.Variable] = work.State;
        start.Environment[PathOf.IsWindows ? "TEMP" : "TMPDIR"] = work.TemporaryFolder;
        return Process.Start(start)!;
    }

    /// <summary>Starts it, and waits until it has ended.</summary>
    public static Ran Run(Workplace work, params string[] args)
    {
        using var process = Start(work, args);
        var (output, error) = End(process);
        return new Ran(process.ExitCode, output, error);
    }

    /// <summary>What it wrote, once it has ended.</summary>
    public static (string Output, string Error) End(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, error.Result);
    }
}
