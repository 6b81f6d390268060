using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// A VHDX and a log that are written without a pause while they are backed up. The run waits, after it has begun to
/// read the VHDX, until every block of the
/// live one has been written again: so whatever is not frozen is seen, every time.
/// </summary>
public sealed class FrozenUnderLoadTests : IDisposable
{
    private readonly ShadowHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("btrfs", "btrfs")]
    [InlineData("reflink", "btrfs")]
    [InlineData("reflink", "xfs")]
    public void Each_file_of_each_set_is_one_instant_while_the_live_data_moves_on(string provider, string fileSystem)
    {
        using var volume = LoopVolume.Mount(fileSystem, 512);
        using var live = LiveDisk.Start(volume["vms"]);
        WaitForThe(live);
        var instants = Enumerable
            .Range(0, 2)
            .Select(_ =>
            {
                var result = _host.Backup(provider, live.Folder);
                Assert.Equal((RunOutcome.Complete, provider), (result.Outcome, result.Provider));
                var set = _host.InSet(result.Set, "vms");
                var (disk, log) = (LiveDisk.InstantOfDisk(set), LiveDisk.InstantOfLog(set));
                // Of one subvolume, all files are the same instant: the log is as far as the disk, or one line behind.
                if (provider == "btrfs")
                    Assert.InRange(log, disk - 1, disk);
                Assert.True(live.Written > disk + 64, "The live disk stood still.");
                return (result.Set, Disk: disk);
            })
            .ToList();

        Assert.Equal(["SetA", "SetB"], instants.Select(instant => instant.Set));
        Assert.True(instants[1].Disk > instants[0].Disk);
        Assert.Equal(instants[0].Disk, LiveDisk.InstantOfDisk(_host.InSet("SetA", "vms")));
        Assert.Empty(_host.Journal.Entries());
        Assert.Equal(["vms"], Directory.GetFileSystemEntries(volume.Path).Select(Path.GetFileName));
        if (fileSystem == "btrfs")
            Assert.Equal("", volume.Subvolumes());
    }

    [Fact]
    public void Two_files_that_were_cloned_one_after_the_other_can_be_told_to_be_two_instants()
    {
        using var volume = LoopVolume.Mount("btrfs", 512);
        using var live = LiveDisk.Start(volume["vms"]);
        var clones = 0;
        _host.Files = new FaultyFiles(FileSystems.Current)
        {
            Fail = (operation, path) =>
            {
                if (operation == "TryClone" && path.Contains("/live.", StringComparison.Ordinal) && ++clones == 2)
                    live.AwaitPass();
                return null;
            },
        };
        Assert.Equal(RunOutcome.Complete, _host.Backup("reflink", live.Folder).Outcome);
        var set = _host.InSet("SetA", "vms");
        Assert.NotInRange(LiveDisk.InstantOfLog(set) - LiveDisk.InstantOfDisk(set), -1, 0);
    }

    [Fact]
    public void The_same_backup_through_copy_fails_and_names_the_disk_that_changed()
    {
        using var volume = LoopVolume.Mount("btrfs", 512);
        using var live = LiveDisk.Start(volume["vms"]);
        WaitForThe(live);
        var result = _host.Backup("copy", live.Folder);
        Assert.Equal(RunOutcome.Failed, result.Outcome);
        Assert.Contains(
            result.Failures,
            failure =>
                failure.Kind == FailureKind.SourceChanged && failure.Target == Path.Combine(live.Folder, "live.vhdx")
        );
    }

    [Fact]
    public void A_copy_of_the_live_files_is_no_one_instant_of_them()
    {
        using var volume = LoopVolume.Mount("btrfs", 512);
        using var live = LiveDisk.Start(volume["vms"]);
        var copy = Directory.CreateDirectory(volume.Beside("copy")).FullName;
        using (
            var from = File.Open(
                Path.Combine(live.Folder, "live.vhdx"),
                new FileStreamOptions { Share = FileShare.ReadWrite }
            )
        )
        using (var to = File.Create(Path.Combine(copy, "live.vhdx")))
        {
            var buffer = new byte[1 << 20];
            for (var got = from.Read(buffer); got > 0; got = from.Read(buffer))
            {
                to.Write(buffer, 0, got);
                if (from.Position is > 4 << 20 and <= 6 << 20)
                    live.AwaitPass();
            }
        }

        Assert.Throws<InvalidDataException>(() => LiveDisk.InstantOfDisk(copy));
    }

    // After the second and the third piece that is read.
    private void WaitForThe(LiveDisk live)
    {
        var pieces = 0;
        _host.Files = new FaultyFiles(FileSystems.Current)
        {
            Fail = (operation, path) =>
            {
                if (Path.GetFileName(path) != "live.vhdx" || path.StartsWith(_host.Target, StringComparison.Ordinal))
                    return null;
                if (operation == "OpenRead")
                    pieces = 0;
                else if (operation == "Read" && Interlocked.Increment(ref pieces) is 2 or 3)
                    live.AwaitPass();
                return null;
            },
        };
    }
}
