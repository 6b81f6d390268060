using System;
using System.Diagnostics;
using System.IO;
using HyperVBackup.Files;
using HyperVBackup.Runs;

namespace HyperVBackup.Cli.Tests;

/// <summary>The program itself, as a process of its own: <c>hvbackup.exe</c> on Windows, <c>dotnet hvbackup.dll</c> elsewhere.</summary>
internal static class HvBackup
{
    /// <summary>Starts it with the state folder of a workplace.</summary>
    public static Process Start(Workplace work, params string[] args)
    {
        var start = PathOf.IsWindows ? new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "hvbackup.exe"), args) : new ProcessStartInfo(Dotnet, [typeof(Program).Assembly.Location, .. args]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment[StateFolder.Variable] = work.State;
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

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
}
