using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>A small file system in a file, mounted by a loop device. Needs root on Linux; the test that asks for it is skipped where that cannot be had.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _image;

    private SmallDisk(string image, string path)
    {
        _image = image;
        Path = path;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Makes and mounts one.</summary>
    public static SmallDisk Mount(TempFolder folder, string fileSystem, int megabytes)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a small disk");
        var disk = new SmallDisk(folder["disk.img"], folder["mount"]);
        using (var file = File.Create(disk._image)) file.SetLength(megabytes * 1024L * 1024);
        Assert.SkipUnless(Shell("mkfs." + fileSystem, "-q", disk._image) == 0, "needs mkfs." + fileSystem + ", and a version of it that makes a disk of " + megabytes + " MB");
        Directory.CreateDirectory(disk.Path);
        Assert.SkipUnless(disk.Attach(), "needs loop devices that can be mounted, with " + fileSystem);
        return disk;
    }

    /// <summary>Mounts it with other options.</summary>
    public bool Change(string options) => Shell("mount", "-o", "remount," + options, Path) == 0;

    /// <summary>Takes it off, which fails while a file on it is open in this process, and mounts it again: its log is replayed.</summary>
    public void Remount()
    {
        var open = Directory.GetFiles("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget ?? "").Where(target => target.StartsWith(Path, StringComparison.Ordinal)).ToList();
        Assert.True(open.Count == 0, "still open: " + string.Join(", ", open));
        Assert.Equal(0, Shell("umount", Path));
        Assert.True(Attach(), "it cannot be mounted again");
    }

    public void Dispose() => Shell("umount", "-l", Path);

    private bool Attach() => Shell("mount", "-o", "loop", _image, Path) == 0;

    private static int Shell(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
