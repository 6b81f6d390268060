using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>A small file system in a file, mounted by a loop device. Needs root on Linux; the test that asks for it is skipped where that cannot be had.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _image;
    private readonly string _options;

    private SmallDisk(string image, string path, string options)
    {
        _image = image;
        _options = options;
        Path = path;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Makes and mounts one.</summary>
    public static SmallDisk Mount(TempFolder folder, string fileSystem, int megabytes)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a small disk");
        // XFS refuses a second disk of one id, and the copy of a disk (see Remount) may be one for a moment.
        var disk = new SmallDisk(folder["disk.img"], folder["mount"], fileSystem == "xfs" ? "loop,nouuid" : "loop");
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
        // A copy of it: while anybody on this machine still looks at the old one, the kernel would not read the medium again but show that.
        Assert.Equal(0, Shell("cp", "--sparse=auto", _image, _image + ".copy"));
        File.Move(_image + ".copy", _image, true);
        Assert.True(Attach(), "it cannot be mounted again");
    }

    /// <summary>Backs a folder up to it, an hour after the last time.</summary>
    public RunResult Backup(string source, StateFolder state, FakeClock clock, IFileSystem? files = null, int workers = 0)
    {
        clock.UtcNow += TimeSpan.FromHours(1);
        files ??= FileSystems.Current;
        var journal = new ShadowJournal(FileSystems.Current, state);
        var plan = new BackupPlan { Name = "nightly", Shadow = new ShadowOptions { Provider = "copy" }, Jobs = [new BackupJob { Source = source, Targets = [Path] }] };
        return BackupRun.Execute(plan, new RunContext { Files = files, Clock = clock, State = state, Journal = journal, Providers = ShadowProviders.OfThisHost(files, journal, clock), Workers = workers }, CancellationToken.None);
    }

    public void Dispose() => Shell("umount", "-l", Path);

    private bool Attach() => Shell("mount", "-o", _options, _image, Path) == 0;

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
