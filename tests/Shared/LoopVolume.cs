using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>
/// A small file system in a file, mounted by a loop device, and more mounts of it. Needs root on Linux; skips its test,
/// with the reason, where it cannot be had.
/// </summary>
internal sealed class LoopVolume : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _mounts = [];
    private readonly string _fileSystem;
    private string? _options;

    private LoopVolume(string fileSystem) => _fileSystem = fileSystem;

    /// <summary>Where it is mounted.</summary>
    public string Path => _folder["volume"];

    /// <summary>Bytes in use, as df tells them, when all is on the medium.</summary>
    public long Used
    {
        get
        {
            FileSystems.Current.TryFlushVolume(Path);
            var volume = FileSystems.Current.GetVolume(Path);
            return volume.TotalBytes - volume.FreeBytes;
        }
    }

    /// <summary>The path of something on it.</summary>
    public string this[string relative] => _folder["volume/" + relative];

    /// <summary>A path beside it, on the system's own disk.</summary>
    public string Beside(string relative) => _folder[relative];

    /// <summary>Makes one and mounts it.</summary>
    /// <param name="fileSystem">
    /// btrfs, xfs, ext4; ntfs and exfat, by ntfs-3g and exfat-fuse and their owner's alone.
    /// </param>
    /// <param name="megabytes">Its size; the file is sparse.</param>
    /// <param name="make">More arguments of mkfs.</param>
    public static LoopVolume Mount(string fileSystem, int megabytes, params string[] make)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a small disk");
        var volume = new LoopVolume(fileSystem);
        try
        {
            using (var file = File.Create(volume.Image))
                file.SetLength(megabytes * 1024L * 1024);
            string[] quiet = fileSystem == "exfat" ? [] : ["-q"];
            Assert.SkipUnless(
                Run("mkfs." + fileSystem, [.. quiet, .. make, volume.Image]).ExitCode == 0,
                "needs mkfs." + fileSystem + ", and a version of it that makes a disk of " + megabytes + " MB"
            );
            Directory.CreateDirectory(volume.Path);
            Assert.SkipUnless(volume.Attach(), "needs loop devices that can be mounted, with " + fileSystem);
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
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
            )!;
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
    public string Subvolumes() =>
        string.Join(
            ",",
            Must("btrfs", "subvolume", "list", Path)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line[(line.IndexOf(" path ", StringComparison.Ordinal) + 6)..])
        );

    /// <summary>Mounts the device again, at a folder beside the volume; returns the folder.</summary>
    public string MountAgain(string relative, string options)
    {
        var folder = _folder.Folder(relative);
        Must(
            "mount",
            "-o",
            options,
            Must("findmnt", "-n", "-o", "SOURCE", "--target", Path).Trim().Split('[')[0],
            folder
        );
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

    /// <summary>
    /// Takes it off, which fails while a file on it is open in this process, and mounts it again: its log is replayed.
    /// </summary>
    public void Reattach()
    {
        var open = Directory
            .GetFiles("/proc/self/fd")
            .Select(file => new FileInfo(file).LinkTarget ?? "")
            .Where(target => target.StartsWith(Path, StringComparison.Ordinal))
            .ToList();
        Assert.True(open.Count == 0, "still open: " + string.Join(", ", open));
        Unmount(Path);
        // A copy of it: while anybody on this machine still looks at the old one, the kernel would not read the medium
        // again but show that.
        Must("cp", "--sparse=auto", Image, Image + ".copy");
        File.Move(Image + ".copy", Image, true);
        Assert.True(Attach(), "it cannot be mounted again");
    }

    /// <summary>Changes how it is mounted.</summary>
    public void Remount(string options, string? at = null) => Must("mount", "-o", "remount," + options, at ?? Path);

    /// <summary>Mounts it anew; the options of a program in user space cannot be changed otherwise.</summary>
    /// <param name="options">Of ntfs or exfat: other ones than those it has by itself.</param>
    public void Remake(string options)
    {
        Unmount(Path);
        _options = options.Length == 0 ? "" : "," + options;
        Assert.True(Attach(), "it cannot be mounted again");
    }

    public void Unmount(string at)
    {
        Must("umount", at);
        _mounts.Remove(at);
    }

    private string Image => Beside("disk.img");

    private bool Attach()
    {
        // XFS refuses a second disk of one id, and the copy of a disk (see Reattach) may be one for a moment.
        var (type, more) = _fileSystem switch
        {
            "xfs" => ("xfs", ",nouuid"),
            "ntfs" => ("ntfs-3g", _options ?? ",umask=077"),
            "exfat" => ("exfat-fuse", _options ?? ",umask=077"),
            _ => (_fileSystem, ""),
        };
        if (Run("mount", "-t", type, "-o", "loop" + more, Image, Path).ExitCode != 0)
            return false;
        _mounts.Add(Path);
        return true;
    }

    public void Dispose()
    {
        for (var i = _mounts.Count - 1; i >= 0; i--)
            Run("umount", "-l", _mounts[i]);
        _folder.Dispose();
    }
}
