using System;
using System.Diagnostics;
using System.IO;
using HyperVBackup.Files;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>A small file system in a file, mounted by a loop device while a test runs. Needs root on Linux; otherwise the test is skipped, with the reason.</summary>
internal sealed class LoopVolume : IDisposable
{
    private readonly string _image;

    private LoopVolume(string image, string path) => (_image, Path) = (image, path);

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

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

    /// <summary>Makes one.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="fileSystem">The file system.</param>
    /// <param name="megabytes">Its size.</param>
    /// <param name="options">For mkfs.</param>
    public static LoopVolume Mount(TempFolder folder, string fileSystem, int megabytes, params string[] options)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a small disk");
        var (image, path) = (folder["volume.img"], folder.Folder("volume"));
        using (var file = File.Create(image)) file.SetLength(megabytes * 1024L * 1024);
        Assert.SkipUnless(Shell("mkfs." + fileSystem, [.. options, "-q", image]) == 0, "needs mkfs." + fileSystem + ", and a version of it that makes a disk of " + megabytes + " MB");
        Assert.SkipUnless(Shell("mount", "-o", "loop", image, path) == 0, "needs loop devices that can be mounted, with " + fileSystem);
        return new LoopVolume(image, path);
    }

    /// <summary>Runs a program to its end; -1 if it is not there.</summary>
    public static int Shell(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    public void Dispose()
    {
        Shell("umount", "-l", Path);
        File.Delete(_image);
    }
}
