using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// What people do at night, tired: another plan on the same disk, a mirror over the backups, a source that is not
/// mounted, a restore while a run is under way. No set is lost by it.
/// </summary>
public sealed class PlainMistakesTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_plan_of_another_name_is_refused_though_it_backs_up_the_same_folder()
    {
        _host.Backup();
        _host.Backup();
        var weekly = new BackupPlan
        {
            Name = "weekly",
            Shadow = _host.Plan.Shadow,
            Jobs =
            [
                new BackupJob
                {
                    Source = _host.SystemDisks,
                    Folder = "VHD",
                    Include = ["*.txt"],
                    Targets = [_host.E],
                },
            ],
        };
        Assert.Equal(FailureKind.ForeignSet, Assert.Single(_host.Backup(weekly).Failures).Kind);
        Assert.True(File.Exists(Path.Combine(_host.E, "Backup-SetA", "VHD", "web.vhdx")));
        Assert.Empty(_host.Backup(weekly with { TakeOver = true }).Failures);
    }

    [Fact]
    public void A_plan_that_is_made_later_goes_on_with_the_sets_of_backups_without_one()
    {
        _host.Backup(_host.Plan with { Name = AdHocPlan.Name });
        var result = _host.Backup();
        Assert.Equal((RunOutcome.Complete, "SetB"), (result.Outcome, result.Set));
    }

    [Theory]
    [InlineData("", "holds backup sets (SetA)")]
    [InlineData("Backup-SetA", "belongs to the backup set")]
    [InlineData("Backup-SetA/VHD", "belongs to the backup set")]
    [InlineData("Backup-SetA/not/there", "belongs to the backup set")]
    public void A_mirror_over_the_sets_of_a_disk_or_into_one_is_refused(string below, string why)
    {
        _host.Backup();
        var before = Tree.Describe(_host.E);
        var refused = Assert.Throws<PlanException>(() => Mirror(Path.Combine(_host.E, below)));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Tree.Describe(_host.E));
    }

    [Fact]
    public void A_mirror_does_not_delete_a_set_deeper_down_and_says_so()
    {
        _host.Backup();
        var disk = Path.Combine(_host.Root, "usb");
        Directory.CreateDirectory(disk);
        Directory.Move(_host.E, Path.Combine(disk, "E"));
        File.WriteAllText(Path.Combine(disk, "extra.txt"), "not in the source");
        var result = Mirror(disk);
        Assert.Equal(
            (RunOutcome.Failed, FailureKind.ForeignSet),
            (result.Outcome, Assert.Single(result.Failures).Kind)
        );
        Assert.True(_host.Verify(Path.Combine(disk, "E")).IsGood);
        Assert.False(File.Exists(Path.Combine(disk, "extra.txt")));
    }

    [Fact]
    public void A_source_that_has_become_empty_fails_the_run_and_no_set_is_touched()
    {
        _host.Backup();
        var before = Tree.Describe(_host.E);
        Directory.Move(_host.SystemDisks, _host.SystemDisks + ".elsewhere");
        Directory.CreateDirectory(Path.Combine(_host.SystemDisks, "empty"));
        var failure = Assert.Single(_host.Backup().Failures);
        Assert.Equal((FailureKind.SourceMissing, _host.SystemDisks), (failure.Kind, failure.Target));
        Assert.Contains("has 2", failure.Cause, StringComparison.Ordinal);
        Assert.Equal(before, Tree.Describe(_host.E));
        Assert.Contains(
            "holds no file that the plan takes",
            Assert.Single(PlanCheck.Of(_host.Plan, _host.Context, CancellationToken.None).Problems).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(".hvbackup-tmp-0123456789abcdef")]
    [InlineData(".hvbackup-shadow-0123456789abcdef/web.vhdx")]
    public void What_a_run_that_was_cut_off_left_of_its_own_does_not_make_a_source_look_full(string leftover)
    {
        _host.Backup();
        var before = Tree.Describe(_host.E);
        Directory.Move(_host.SystemDisks, _host.SystemDisks + ".elsewhere");
        var left = Path.Combine(_host.SystemDisks, leftover);
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        File.WriteAllText(left, "a clone of a disk");
        Assert.Contains(
            "holds no file that the plan takes",
            Assert.Single(PlanCheck.Of(_host.Plan, _host.Context, CancellationToken.None).Problems).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(FailureKind.SourceMissing, Assert.Single(_host.Backup().Failures).Kind);
        Assert.Equal(before, Tree.Describe(_host.E));
    }

    [Fact]
    public void So_does_a_pattern_that_takes_nothing_any_more()
    {
        _host.Backup();
        var slip = _host.Plan with
        {
            Jobs = _host
                .Plan.Jobs.Select(job => job.Source == _host.DataDisks ? job with { Include = ["*.vhdxx"] } : job)
                .ToArray(),
        };
        Assert.Equal(FailureKind.SourceMissing, Assert.Single(_host.Backup(slip).Failures).Kind);
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
    }

    [Fact]
    public void A_folder_that_was_always_empty_is_no_failure()
    {
        Directory.Delete(_host.SystemDisks, true);
        Directory.CreateDirectory(_host.SystemDisks);
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
    }

    [Fact]
    public void A_target_without_the_sets_that_were_written_there_is_a_warning()
    {
        _host.Backup();
        Directory.Move(Path.Combine(_host.E, "Backup-SetA"), Path.Combine(_host.Root, "unmounted"));
        var result = _host.Backup();
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(
            result.Warnings,
            warning =>
                warning.StartsWith(_host.E + " holds no sets, but run 1 wrote SetA there", StringComparison.Ordinal)
        );
        Assert.Equal(0, _host.Backup().ExitCode);
    }

    [Fact]
    public void A_restore_into_another_set_is_refused()
    {
        _host.Backup();
        _host.Backup();
        var refused = Assert.Throws<BackupException>(() =>
            _host.Restore(_host.E, Path.Combine(_host.E, "Backup-SetA", "VHD"), "SetB")
        );
        Assert.Equal(FailureKind.BadPlan, refused.Failure.Kind);
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
    }

    [Fact]
    public void What_a_run_writes_while_a_set_is_read_is_not_called_damage()
    {
        _host.Backup();
        _host.Backup();
        var set = SetCatalogue.Choose(FileSystems.Current, _host.E, "SetA");
        MiniatureHost.ChangeQuietly(Path.Combine(_host.SystemDisks, "web.vhdx"), 100, 77);
        _host.Backup();
        var verified = Assert.Throws<BackupException>(() =>
            SetVerifier.Verify(_host.Files, set, false, new MirrorProgress(), CancellationToken.None)
        );
        Assert.Equal(FailureKind.SetIncomplete, verified.Failure.Kind);
        var restored = SetRestorer.Restore(
            _host.Files,
            new RestoreRequest { Set = set, Destination = Path.Combine(_host.Root, "restored") },
            new MirrorProgress(),
            CancellationToken.None
        );
        Assert.Equal((1, FailureKind.SetIncomplete), (restored.ExitCode, restored.Failures[^1].Kind));
    }

    [Fact]
    public void A_set_that_was_found_damaged_is_written_next_and_believed_nothing()
    {
        _host.Backup();
        _host.Backup();
        // As a disk that forgets: neither size nor times tell.
        MiniatureHost.ChangeQuietly(Path.Combine(_host.E, "Backup-SetB", "VHD", "web.vhdx"), 6_000_000, 77);
        Assert.False(_host.Verify(_host.E).IsGood);
        Assert.True(_host.Sets(_host.E)["SetB"].FoundDamaged);
        Assert.Equal("SetA", SetCatalogue.Choose(FileSystems.Current, _host.E, null).Set);

        Assert.Equal(
            (RunOutcome.Complete, "SetB"),
            (_host.Backup().Outcome, _host.Sets(_host.E).Values.First(set => set.Sequence == 3).Set)
        );
        Assert.False(_host.Sets(_host.E)["SetB"].FoundDamaged);
        Assert.True(_host.Verify(_host.E, "SetB").IsGood);
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
    }

    [Fact]
    public void A_verification_that_finds_nothing_takes_the_mark_away_and_a_quick_one_does_not()
    {
        _host.Backup();
        var copy = Path.Combine(_host.E, "Backup-SetA", "VHD", "web.vhdx");
        var before = File.ReadAllBytes(copy)[6_000_000];
        MiniatureHost.ChangeQuietly(copy, 6_000_000, (byte)~before);
        _host.Verify(_host.E);
        MiniatureHost.ChangeQuietly(copy, 6_000_000, before);
        _host.Verify(_host.E, quick: true);
        Assert.True(_host.Sets(_host.E)["SetA"].FoundDamaged);
        _host.Verify(_host.E);
        Assert.False(_host.Sets(_host.E)["SetA"].FoundDamaged);
    }

    [Fact]
    public void An_extra_file_is_reported_and_is_no_reason_to_write_the_set_anew()
    {
        _host.Backup();
        File.WriteAllText(Path.Combine(_host.E, "Backup-SetA", "VHD", "extra.txt"), "extra");
        Assert.False(_host.Verify(_host.E).IsGood);
        Assert.False(_host.Sets(_host.E)["SetA"].FoundDamaged);
    }

    [Fact]
    public void A_copy_that_vanishes_while_it_is_brought_up_to_date_fails_the_run_by_name()
    {
        _host.Backup();
        _host.Backup();
        MiniatureHost.ChangeQuietly(Path.Combine(_host.SystemDisks, "web.vhdx"), 100, 77);
        var copy = Path.Combine(_host.E, "Backup-SetA", "VHD", "web.vhdx");
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
            {
                if (operation == "Write" && path == copy)
                    File.Delete(copy);
                return null;
            },
        };
        var failure = Assert.Single(_host.Backup().Failures);
        Assert.Equal((FailureKind.FileMissing, copy), (failure.Kind, failure.Target));
    }

    private MirrorResult Mirror(string destination) =>
        MirrorRun.Execute(
            _host.Config,
            destination,
            GlobFilter.All,
            0,
            _host.Context with
            {
                AllowDeletions = true,
            },
            CancellationToken.None
        );
}
