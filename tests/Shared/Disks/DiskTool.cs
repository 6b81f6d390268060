using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace HyperVBackup.Tests.Disks;

/// <summary>
/// Programs of others that judge our virtual disks, or make some. Tests that need one skip, and say so, where it is not
/// installed.
/// </summary>
internal static class DiskTool
{
    /// <summary>Runs it and returns what it printed; fails the test when it fails.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (code, output) = TryRun(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
        return output;
    }

    /// <summary>Runs it and returns its exit code and what it printed.</summary>
    public static (int Code, string Output) TryRun(string program, params string[] arguments)
    {
        Assert.SkipUnless(IsInstalled(program), $"{program} is not installed");
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static bool IsInstalled(string program)
    {
        var names = OperatingSystem.IsWindows() ? new[] { program + ".exe" } : new[] { program };
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && names.Any(name => File.Exists(Path.Combine(folder, name))));
    }
}

/// <summary>A folder of the test's own, gone afterwards.</summary>
internal sealed class DiskFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hvbackup-disks-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(true);
}
