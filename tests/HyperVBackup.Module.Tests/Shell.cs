using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace HyperVBackup.Module.Tests;

/// <summary>A script in a PowerShell process of its own.</summary>
internal static class Shell
{
    /// <summary>Runs a script to its end. What takes longer than that is ended, with all that it has started.</summary>
    /// <returns>The exit code (-1: it was ended), and all that was printed.</returns>
    public static async Task<(int ExitCode, string Output)> Run(
        TimeSpan limit,
        string script,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo(Brought.Shell)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] all = ["-NoProfile", "-NonInteractive", "-File", script, .. arguments];
        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        // The program of the shell looks for a .NET in a few places; this one is there.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")
        );
        // What the test host says of itself is not for builds that a script starts.
        foreach (var name in (string[])["MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath"])
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        var reading = Task.WhenAll(Read(process.StandardOutput, output), Read(process.StandardError, output));
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(timer.Token);
            await reading;
            return (process.ExitCode, output.ToString());
        }
        catch (OperationCanceledException)
        {
            process.Kill(true);
            lock (output)
                return (-1, output.ToString() + "\nEnded after " + limit);
        }
    }

    private static async Task Read(StreamReader from, StringBuilder to)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (to)
                to.AppendLine(line);
        }
    }
}
