using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Shadows;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// The program, reading through snapshots and clones what another process (this one) does not stop writing. It is
/// stopped and killed once it has begun a set,
/// at which time it has frozen its sources.
/// </summary>
public sealed class ShadowProcessTests
{
    [Theory]
    [InlineData("btrfs", "btrfs")]
    [InlineData("reflink", "xfs")]
    public void What_is_in_each_set_is_one_instant_of_what_another_process_writes(string provider, string fileSystem)
    {
        using var volume = LoopVolume.Mount(fileSystem, 512);
        using var live = LiveDisk.Start(volume["vms"]);
        using var work = new Workplace();
        var before = 0L;
        foreach (var set in new[] { "SetA", "SetB" })
        {
            using var process = StartAndAwait(work, set, live.Folder, "64M");
            Signal(process, "STOP");
            live.AwaitPass();
            Signal(process, "CONT");
            var (output, error) = HvBackup.End(process);
            Assert.Equal((0, ""), (process.ExitCode, error));
            var json = JObject.Parse(output);
            // auto has found the best that the file system can do.
            Assert.Equal(
                (provider, provider == "btrfs" ? "crash" : "file"),
                ((string?)json["provider"], (string?)json["consistency"])
            );
            var copy = work["D/Backup-" + set + "/vms"];
            var (disk, log) = (LiveDisk.InstantOfDisk(copy), LiveDisk.InstantOfLog(copy));
            if (provider == "btrfs")
                Assert.InRange(log, disk - 1, disk);
            Assert.True(before < disk && disk + 64 < live.Written, "The live disk stood still.");
            before = disk;
        }

        Assert.Empty(Shadows(volume));
        Assert.Equal(0, work.Run("verify", work.D).ExitCode);
    }

    [Theory]
    [InlineData("btrfs", "btrfs")]
    [InlineData("reflink", "btrfs")]
    [InlineData("reflink", "xfs")]
    public void What_a_killed_run_left_is_removed_by_the_next(string provider, string fileSystem)
    {
        using var volume = LoopVolume.Mount(fileSystem, 512);
        using var live = LiveDisk.Start(volume["vms"]);
        using var work = new Workplace();
        // At this rate it would take ten seconds and more.
        using (var process = StartAndAwait(work, "SetA", live.Folder, "1M", "--provider", provider))
        {
            Signal(process, "KILL");
            process.WaitForExit();
            Assert.Equal(128 + 9, process.ExitCode);
        }

        var left = Assert.Single(Shadows(volume));
        if (provider == "btrfs")
            Assert.Equal(left + "/snapshot", volume.Subvolumes());

        var ran = HvBackup.Run(work, "backup", live.Folder, "--to", work.D, "--provider", provider, "--json");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Empty(Shadows(volume));
        if (fileSystem == "btrfs")
            Assert.Equal("", volume.Subvolumes());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(work.State, "shadows")));
        LiveDisk.InstantOfDisk(work["D/Backup-SetA/vms"]);
    }

    private static Process StartAndAwait(Workplace work, string set, string source, string rate, params string[] more)
    {
        using var begun = new ManualResetEventSlim();
        // The first set is seen when its folder is made, the others when their state says that they are being written.
        using var folders = new FileSystemWatcher(work.D) { IncludeSubdirectories = true };
        void Look(object sender, FileSystemEventArgs change)
        {
            if (change.FullPath.StartsWith(work["D/Backup-" + set], StringComparison.Ordinal))
                begun.Set();
        }

        folders.Created += Look;
        folders.Renamed += Look;
        folders.EnableRaisingEvents = true;
        var process = HvBackup.Start(work, ["backup", source, "--to", work.D, "--max-rate", rate, "--json", .. more]);
        Assert.True(begun.Wait(TimeSpan.FromMinutes(2)), "the run did not begin");
        return process;
    }

    private static void Signal(Process process, string signal) =>
        LoopVolume.Must("kill", "-" + signal, process.Id.ToString(CultureInfo.InvariantCulture));

    private static string[] Shadows(LoopVolume volume) =>
        Directory
            .GetFileSystemEntries(volume.Path, ".hvbackup-shadow-*")
            .Select(path => Path.GetFileName(path))
            .ToArray();
}
