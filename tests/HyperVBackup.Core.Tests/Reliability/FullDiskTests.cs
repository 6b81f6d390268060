using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A target that really fills up and becomes read-only: a small file system of its own. Needs root on Linux.
/// </summary>
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private const int Megabyte = 1024 * 1024;
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();
    private SmallDisk? _disk;
    private bool _shares;

    private string Source => _folder["C/VHD"];

    private string Target => _disk!.Path;

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ext4", 48, false)]
    [InlineData("xfs", 320, false)]
    [InlineData("btrfs", 320, false)]
    [InlineData("xfs", 320, true)]
    [InlineData("btrfs", 320, true)]
    public void A_full_disk_costs_the_run_and_nothing_else(string fileSystem, int megabytes, bool shares)
    {
        _shares = shares;
        _disk = SmallDisk.Mount(fileSystem, megabytes);
        var room = (int)(FileSystems.Current.GetVolume(Target).FreeBytes / Megabyte);
        // Two sets of a third of the disk each, or the same third; then the source grows beyond what is left.
        Tree.Write(Path.Combine(Source, "web.vhdx"), Tree.Noise(1, room / 3 * Megabyte));
        Assert.Equal(RunOutcome.Complete, Backup().Outcome);
        Assert.Equal(RunOutcome.Complete, Backup().Outcome);
        var full = 0;
        foreach (var extra in shares ? new[] { room * 3 / 4, room * 7 / 10 } : new[] { room / 2, room * 9 / 20 })
        {
            Tree.Write(Path.Combine(Source, "more.vhdx"), Tree.Noise(2, extra * Megabyte));
            var result = Backup();
            Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
            Assert.Contains(
                result.Failures,
                failure =>
                    failure.Kind == FailureKind.DiskFull && failure.Target.StartsWith(Target, StringComparison.Ordinal)
            );
            full++;
            RequireGood("SetB");
            Assert.False(File.Exists(Path.Combine(Target, ".hvbackup.lock")));
        }

        File.Delete(Path.Combine(Source, "more.vhdx"));
        Assert.Equal(("SetA", RunOutcome.Complete), Written(Backup()));
        RequireGood("SetA");
        RequireGood("SetB");
        Assert.Empty(Directory.GetFileSystemEntries(Target, ".hvbackup-tmp-*", SearchOption.AllDirectories));
        output.WriteLine(
            $"{fileSystem}{(shares ? ", shared blocks" : "")}: {full} runs met a full disk; the other set stayed good."
        );
    }

    [Fact]
    public void A_disk_that_became_read_only_costs_the_run_and_nothing_else()
    {
        _disk = SmallDisk.Mount("ext4", 48);
        Tree.Write(Path.Combine(Source, "web.vhdx"), Tree.Noise(1, Megabyte));
        Assert.Equal(RunOutcome.Complete, Backup().Outcome);
        _disk.Change("ro");
        var result = Backup();
        Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(FailureKind.ReadOnlyVolume, result.Failures[0].Kind);
        RequireGood("SetA");
        _disk.Change("rw");
        Assert.Equal(("SetB", RunOutcome.Complete), Written(Backup()));
    }

    private static (string Set, RunOutcome Outcome) Written(RunResult result) => (result.Set, result.Outcome);

    private RunResult Backup() =>
        _disk!.Backup(
            Source,
            new StateFolder(_folder["state"]),
            _clock,
            change: plan => plan with { ShareBlocks = _shares }
        );

    private void RequireGood(string set)
    {
        var found = SetCatalogue.Choose(FileSystems.Current, Target, set);
        var report = SetVerifier.Verify(
            FileSystems.Current,
            found,
            false,
            new MirrorProgress(),
            CancellationToken.None
        );
        Assert.True(report.IsGood, string.Join("; ", report.Damages.Select(damage => damage.Failure.Message)));
    }
}
