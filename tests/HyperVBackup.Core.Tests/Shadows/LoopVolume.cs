using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>A small file system in a file, mounted by a loop device, and more mounts of it. Needs root on Linux; skips its test, with the reason, where it cannot be had.</summary>
internal sealed class LoopVolume : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _mounts = [];

    private LoopVolume()
    {
    }

    /// <summary>Where it is mounted.</summary>
    public string Path => _folder["volume"];

    /// <summary>The path of something on it.</summary>
    public string this[string relative] => _folder["volume/" + relative];

    /// <summary>A path beside it, on the system's own disk.</summary>
    public string Beside(string relative) => _folder[relative];

    /// <summary>Makes one and mounts it.</summary>
    /// <param name="fileSystem">btrfs, xfs, ext4.</param>
    /// <param name="megabytes">Its size; the file is sparse.</param>
    /// <param name="make">More arguments of mkfs.</param>
    public static LoopVolume Mount(string fileSystem, int megabytes, params string[] make)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a small disk");
        var volume = new LoopVolume();
        try
        {
            var image = volume.Beside("disk.img");
            using (var file = File.Create(image)) file.SetLength(megabytes * 1024L * 1024);
            Assert.SkipUnless(Run("mkfs." + fileSystem, ["-q", .. make, image]).ExitCode == 0, "needs mkfs." + fileSystem + ", and a version of it that makes a disk of " + megabytes + " MB");
            Directory.CreateDirectory(volume.Path);
            Assert.SkipUnless(Run("mount", "-t", fileSystem, "-o", "loop", image, volume.Path).ExitCode == 0, "needs loop devices that can be mounted, with " + fileSystem);
            volume._mounts.Add(volume.Path);
            return volume;
        }
        catch
        {
            volume.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program that must succeed; returns what it printed.</summary>
    public static string Must(string program, params string[] arguments)
    {
        var (exitCode, output) = Run(program, arguments);
        Assert.True(exitCode == 0, program + " " + string.Join(' ', arguments) + " failed: " + output);
        return output;
    }

    /// <summary>Runs a program; -1 when it is not there.</summary>
    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "it is not installed");
        }
    }

    /// <summary>Makes a subvolume.</summary>
    public string Subvolume(string relative)
    {
        Assert.SkipUnless(Run("btrfs", "--version").ExitCode == 0, "needs the program btrfs, to make subvolumes");
        Must("btrfs", "subvolume", "create", this[relative]);
        return this[relative];
    }

    /// <summary>The paths of all subvolumes below the root, as the program btrfs lists them.</summary>
    public string Subvolumes() => string.Join(",", System.Linq.Enumerable.Select(Must("btrfs", "subvolume", "list", Path).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line[(line.IndexOf(" path ", StringComparison.Ordinal) + 6)..]));

    /// <summary>Mounts the device again, at a folder beside the volume; returns the folder.</summary>
    public string MountAgain(string relative, string options)
    {
        var folder = _folder.Folder(relative);
        Must("mount", "-o", options, Must("findmnt", "-n", "-o", "SOURCE", "--target", Path).Trim().Split('[')[0], folder);
        _mounts.Add(folder);
        return folder;
    }

    /// <summary>Makes a folder of it appear at a folder elsewhere.</summary>
    public string Bind(string from, string to)
    {
        Directory.CreateDirectory(to);
        Must("mount", "--bind", from, to);
        _mounts.Add(to);
        return to;
    }

    /// <summary>Changes how it is mounted.</summary>
    public void Remount(string options, string? at = null) => Must("mount", "-o", "remount," + options, at ?? Path);

    public void Unmount(string at)
    {
        Must("umount", at);
        _mounts.Remove(at);
    }

    public void Dispose()
    {
        for (var i = _mounts.Count - 1; i >= 0; i--) Run("umount", "-l", _mounts[i]);
        _folder.Dispose();
    }
}
