using System;
using System.Diagnostics;
using System.IO;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>A volume that is soon full: a file system in memory, mounted at a folder.</summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly string _folder;

    private SmallVolume(string folder) => _folder = folder;

    /// <summary>Mounts one, or skips the test where that is not possible.</summary>
    public static SmallVolume Mount(string folder, int megabytes)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a small volume");
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(
            Run("mount", "-t", "tmpfs", "-o", "mode=755,size=" + megabytes + "m", "none", folder) == 0,
            "needs to be allowed to mount a small volume"
        );
        return new SmallVolume(folder);
    }

    public void Dispose() => Run("umount", _folder);

    private static int Run(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
