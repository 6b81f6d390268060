using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>Access lists of Linux, by the tools of acl(5).</summary>
internal static class AccessLists
{
    /// <summary>Changes a list as <c>setfacl</c> does; skips the test where it cannot.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="arguments">Such as <c>-m u:2:rw</c>.</param>
    public static void Set(string path, params string[] arguments)
    {
        var (exitCode, text) = Run("setfacl", [.. arguments, path]);
        Assert.SkipUnless(exitCode == 0, "needs a file system that holds access lists: " + text);
    }

    /// <summary>The list as <c>getfacl</c> prints it, with ids, on one line.</summary>
    public static string Of(string path)
    {
        var (exitCode, text) = Run("getfacl", ["-cnpE", path]);
        Assert.Equal(0, exitCode);
        return text.Trim().Replace('\n', ' ');
    }

    private static (int ExitCode, string Text) Run(string program, string[] arguments)
    {
        Platform.NeedsPosix();
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            var text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, text);
        }
        catch (Win32Exception)
        {
            Assert.Skip("needs " + program + " (Debian: acl)");
            throw;
        }
    }
}
