using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>A target that really fills up, becomes read-only and goes away: a small file system in a file, mounted by a loop device. Needs root on Linux.</summary>
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private const int Megabyte = 1024 * 1024;
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();
    private LoopVolume? _disk;

    private string Source => _folder["C/VHD"];

    private string Target => _disk!.Path;

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ext4", 48)]
    [InlineData("xfs", 320)]
    public void A_full_disk_costs_the_run_and_nothing_else(string fileSystem, int megabytes)
    {
        _disk = LoopVolume.Mount(fileSystem, megabytes);
        var room = (int)(FileSystems.Current.GetVolume(Target).FreeBytes / Megabyte);
        // Two sets of a third of the disk each; then the source grows beyond what is left.
        Tree.Write(Path.Combine(Source, "web.vhdx"), Tree.Noise(1, room / 3 * Megabyte));
        Assert.Equal(RunOutcome.Complete, Backup().Outcome);
        Assert.Equal(RunOutcome.Complete, Backup().Outcome);
        var full = 0;
        foreach (var extra in new[] { room / 2, room * 9 / 20 })
        {
            Tree.Write(Path.Combine(Source, "more.vhdx"), Tree.Noise(2, extra * Megabyte));
            var result = Backup();
            Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
            Assert.Contains(result.Failures, failure => failure.Kind == FailureKind.DiskFull && failure.Target.StartsWith(Target, StringComparison.Ordinal));
            full++;
            RequireGood("SetB");
            Assert.False(File.Exists(Path.Combine(Target, ".hvbackup.lock")));
        }

        File.Delete(Path.Combine(Source, "more.vhdx"));
        Assert.Equal(("SetA", RunOutcome.Complete), Written(Backup()));
        RequireGood("SetA");
        RequireGood("SetB");
        Assert.Empty(Directory.GetFileSystemEntries(Target, ".hvbackup-tmp-*", SearchOption.AllDirectories));
        output.WriteLine($"{fileSystem}: {full} runs met a full disk; the other set stayed good.");
    }

    [Fact]
    public void A_disk_that_became_read_only_costs_the_run_and_nothing_else()
    {
        _disk = LoopVolume.Mount("ext4", 48);
        Tree.Write(Path.Combine(Source, "web.vhdx"), Tree.Noise(1, Megabyte));
        Assert.Equal(RunOutcome.Complete, Backup().Outcome);
        _disk.Remount("ro");
        var result = Backup();
        Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(FailureKind.ReadOnlyVolume, result.Failures[0].Kind);
        RequireGood("SetA");
        _disk.Remount("rw");
        Assert.Equal(("SetB", RunOutcome.Complete), Written(Backup()));
    }

    private static (string Set, RunOutcome Outcome) Written(RunResult result) => (result.Set, result.Outcome);

    private RunResult Backup()
    {
        _clock.UtcNow += TimeSpan.FromHours(1);
        var state = new StateFolder(_folder["state"]);
        var files = FileSystems.Current;
        var journal = new ShadowJournal(files, state);
        var plan = new BackupPlan { Name = "nightly", Shadow = new ShadowOptions { Provider = "copy" }, Jobs = [new BackupJob { Source = Source, Targets = [Target] }] };
        return BackupRun.Execute(plan, new RunContext { Files = files, Clock = _clock, State = state, Journal = journal, Providers = ShadowProviders.OfThisHost(files, journal, _clock) }, CancellationToken.None);
    }

    private void RequireGood(string set)
    {
        var found = SetCatalogue.Choose(FileSystems.Current, Target, set);
        var report = SetVerifier.Verify(FileSystems.Current, found, false, new MirrorProgress(), CancellationToken.None);
        Assert.True(report.IsGood, string.Join("; ", report.Damages.Select(damage => damage.Failure.Message)));
    }
}
