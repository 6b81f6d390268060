using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>A disk that is away looks like files that were deleted. No run takes it for that.</summary>
public sealed class SourceGuardTests : IDisposable
{
    private readonly LoopVolume _disk = LoopVolume.Mount("ext4", 20);
    private readonly MiniatureHost _host = new();

    public SourceGuardTests()
    {
        for (var i = 0; i < 3; i++)
            Tree.Write(_disk["file" + i], "on the disk");
        for (var i = 0; i < 9; i++)
            Tree.Write(Path.Combine(Source, "file" + i), "beside it");
    }

    public void Dispose()
    {
        _disk.Dispose();
        _host.Dispose();
    }

    private string Source => Path.Combine(_host.Root, "files");

    private string Inside => Path.Combine(Source, "mnt", "disk");

    private BackupPlan Plan =>
        new()
        {
            Name = "files",
            Shadow = new ShadowOptions { Provider = "copy" },
            Jobs =
            [
                new BackupJob
                {
                    Source = Source,
                    Folder = "files",
                    Targets = [_host.E],
                },
            ],
        };

    [Fact]
    public void A_disk_that_was_mounted_inside_a_source_and_is_away_fails_the_run_however_few_its_files()
    {
        TwoRunsWithTheDisk();
        _disk.Unmount(Inside);
        var failure = Assert.Single(_host.Backup(Plan).Failures);
        Assert.Equal((FailureKind.SourceMissing, Inside), (failure.Kind, failure.Target));
        Assert.Contains(failure.Cause, Assert.Single(Check().Problems).Message, StringComparison.Ordinal);
        Assert.Equal((3, 3), (CopiesOfDisk("SetA"), CopiesOfDisk("SetB")));
        Assert.Equal(
            RunOutcome.Complete,
            _host.Backup(Plan with { Jobs = [Plan.Jobs[0] with { Exclude = ["mnt/disk"] }] }).Outcome
        );
    }

    [Fact]
    public void It_is_forgotten_when_one_run_was_allowed_to()
    {
        TwoRunsWithTheDisk();
        _disk.Unmount(Inside);
        Assert.Equal(
            RunOutcome.Complete,
            BackupRun.Execute(Plan, _host.Context with { AllowDeletions = true }, CancellationToken.None).Outcome
        );
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
        Assert.Empty(_host.Sets(_host.E)["SetB"].Jobs[0].MountPoints);
    }

    [Fact]
    public void A_disk_without_files_is_none_that_could_be_missed()
    {
        for (var i = 0; i < 3; i++)
            File.Delete(_disk["file" + i]);
        TwoRunsWithTheDisk();
        _disk.Unmount(Inside);
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
    }

    [Fact]
    public void A_disk_that_goes_between_the_look_and_the_walk_fails_the_run_and_nothing_is_deleted()
    {
        TwoRunsWithTheDisk();
        Once("List", Source, () => _disk.Unmount(Inside), 2);
        var failure = Assert.Single(_host.Backup(Plan).Failures);
        Assert.Equal((FailureKind.SourceMissing, Inside), (failure.Kind, failure.Target));
        Assert.False(File.Exists(Path.Combine(Inside, "file0")));
        Assert.Equal((3, 3), (CopiesOfDisk("SetA"), CopiesOfDisk("SetB")));
    }

    [Fact]
    public void So_does_a_source_that_is_a_disk()
    {
        _disk.Bind(_disk.Path, Inside);
        Tree.Write(Path.Combine(_disk["file0"]), "changed");
        var plan = Plan with { Jobs = [Plan.Jobs[0] with { Source = Inside }] };
        _host.Backup(plan);
        _host.Backup(plan);
        Once("List", Inside, () => _disk.Unmount(Inside), 2);
        var failure = Assert.Single(_host.Backup(plan).Failures);
        Assert.Equal((FailureKind.SourceMissing, Inside), (failure.Kind, failure.Target));
        Assert.Contains("nothing was deleted", failure.Cause, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(_host.E, "Backup-SetA", "files")).Length);
    }

    [Fact]
    public void So_does_the_source_of_a_mirror_without_a_plan()
    {
        _disk.Bind(_disk.Path, Inside);
        var copy = Path.Combine(_host.Root, "copy");
        Assert.Equal(RunOutcome.Complete, Mirror(copy).Outcome);
        Once("List", Inside, () => _disk.Unmount(Inside), 1);
        var failure = Assert.Single(Mirror(copy).Failures);
        Assert.Equal((FailureKind.SourceMissing, Inside), (failure.Kind, failure.Target));
        Assert.Equal(3, Directory.GetFiles(copy).Length);
    }

    [Fact]
    public void Each_target_remembers_the_disks_of_its_own_copy()
    {
        // Of the two targets the first was away when the disk was there.
        var first = Plan with
        {
            Jobs = [Plan.Jobs[0] with { Targets = [_host.D] }],
        };
        Assert.Equal(RunOutcome.Complete, _host.Backup(first).Outcome);
        TwoRunsWithTheDisk();
        _disk.Unmount(Inside);
        var both = Plan with { Jobs = [Plan.Jobs[0] with { Targets = [_host.D, _host.E] }] };
        var failure = Assert.Single(_host.Backup(both).Failures);
        Assert.Equal((FailureKind.SourceMissing, Inside), (failure.Kind, failure.Target));
    }

    [Fact]
    public void A_disk_is_known_again_although_its_folder_has_a_name_of_no_encoding()
    {
        var odd = PathOf.Join(Source, "disk\udcff");
        FileSystems.Current.CreateFolder(odd, false);
        // The shell writes the byte that no text of a program can hold.
        LoopVolume.Must("sh", "-c", "mount --bind \"$1\" \"$2/disk$(printf '\\377')\"", "sh", _disk.Path, Source);
        try
        {
            for (var i = 0; i < 3; i++)
                Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
            Assert.Equal(["disk\udcff"], _host.Sets(_host.E)["SetB"].Jobs[0].MountPoints);
        }
        finally
        {
            LoopVolume.Must("sh", "-c", "umount \"$1/disk$(printf '\\377')\"", "sh", Source);
        }

        Assert.Equal(odd, Assert.Single(_host.Backup(Plan).Failures).Target);
    }

    private void TwoRunsWithTheDisk()
    {
        _disk.Bind(_disk.Path, Inside);
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
    }

    // Before the given one of these operations.
    private void Once(string operation, string path, Action act, int which)
    {
        var count = 0;
        _host.Files = new FaultyFiles(FileSystems.Current)
        {
            Fail = (now, at) =>
            {
                if (now == operation && at == path && ++count == which)
                    act();
                return null;
            },
        };
    }

    private int CopiesOfDisk(string set) =>
        Directory.GetFiles(Path.Combine(_host.E, "Backup-" + set, "files", "mnt", "disk")).Length;

    private PlanCheck Check() => PlanCheck.Of(Plan, _host.Context, CancellationToken.None);

    private MirrorResult Mirror(string copy) =>
        MirrorRun.Execute(Inside, copy, GlobFilter.All, 0, _host.Context, CancellationToken.None);
}
