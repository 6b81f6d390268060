using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Runs;

public sealed class BackupRunTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_sets_take_turns_and_each_holds_its_run()
    {
        Assert.Equal(("SetA", RunOutcome.Complete), Written(_host.Backup()));
        MiniatureHost.ChangeQuietly(Path.Combine(_host.SystemDisks, "web.vhdx"), 5_000_000, 7);
        File.Delete(Path.Combine(_host.SystemDisks, "readme.txt"));
        Assert.Equal(("SetB", RunOutcome.Complete), Written(_host.Backup()));
        Tree.Write(Path.Combine(_host.DataDisks, "new.vhdx"), Tree.Noise(9, 100));
        Assert.Equal(("SetA", RunOutcome.Complete), Written(_host.Backup()));

        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_host.E, "Backup-SetA", "VHD"));
        Tree.AssertEqual(_host.DataDisks, Path.Combine(_host.D, "Backup-SetA", "VHD"));
        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_host.E, "Backup-SetB", "VHD"));
        Assert.False(File.Exists(Path.Combine(_host.D, "Backup-SetB", "VHD", "new.vhdx")));
        foreach (var target in new[] { _host.D, _host.E })
        {
            Assert.Equal(
                ["vm1.xml"],
                Directory.GetFiles(Path.Combine(target, "Backup-SetA", "CFG")).Select(Path.GetFileName)
            );
            var sets = _host.Sets(target);
            Assert.Equal((SetCondition.Complete, 3L), (sets["SetA"].State, sets["SetA"].Sequence));
            Assert.Equal((SetCondition.Complete, 2L), (sets["SetB"].State, sets["SetB"].Sequence));
            Assert.True(_host.Verify(target, "SetA").IsGood);
            Assert.True(_host.Verify(target, "SetB").IsGood);
        }
    }

    [Fact]
    public void A_disk_that_changed_behind_an_unchanged_time_stamp_is_copied_and_only_its_changed_blocks_are_written()
    {
        _host.Backup();
        _host.Backup();
        MiniatureHost.ChangeQuietly(Path.Combine(_host.SystemDisks, "web.vhdx"), 3_000_000, 99);
        var result = _host.Backup();
        Assert.Equal(128 * 1024, result.BytesWritten);
        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_host.E, "Backup-SetA", "VHD"));
    }

    [Fact]
    public void A_text_file_that_changed_while_size_and_time_stayed_is_copied()
    {
        _host.Backup();
        _host.Backup();
        var text = Path.Combine(_host.SystemDisks, "readme.txt");
        MiniatureHost.ChangeQuietly(text, 0, (byte)'X');
        _host.Backup();
        Assert.Equal("Xystem disks", File.ReadAllText(Path.Combine(_host.E, "Backup-SetA", "VHD", "readme.txt")));
    }

    [Fact]
    public void Somebody_who_wrote_to_a_copy_is_noticed_and_the_copy_repaired()
    {
        _host.Backup();
        _host.Backup();
        var copy = Path.Combine(_host.E, "Backup-SetA", "VHD", "web.vhdx");
        MiniatureHost.ChangeQuietly(copy, 1_000_000, 42);
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_host.E, "Backup-SetA", "VHD"));
    }

    [Fact]
    public void A_failed_run_leaves_the_last_good_set_and_the_next_run_writes_the_failed_one_again()
    {
        _host.Backup();
        _host.Backup();
        Directory.CreateDirectory(Path.Combine(_host.SystemDisks, "locked"));
        var faulty = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
                operation == "OpenRead"
                && path.EndsWith("web.vhdx", StringComparison.Ordinal)
                && path.StartsWith(_host.D, StringComparison.Ordinal)
                    ? FailureKind.FileLocked
                    : null,
        };
        _host.Files = faulty;

        var failed = _host.Backup();

        Assert.Equal(("SetA", RunOutcome.Failed), Written(failed));
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains(
            failed.Failures,
            failure =>
                failure.Kind == FailureKind.FileLocked && failure.Target.EndsWith("web.vhdx", StringComparison.Ordinal)
        );
        Assert.Equal(SetCondition.Partial, _host.Sets(_host.D)["SetA"].State);
        Assert.True(_host.Verify(_host.D, "SetB").IsGood);
        Assert.True(_host.Verify(_host.E, "SetB").IsGood);
        // The rest was copied all the same.
        Assert.True(Directory.Exists(Path.Combine(_host.E, "Backup-SetA", "VHD", "locked")));

        _host.Files = HyperVBackup.Files.FileSystems.Current;
        Assert.Equal(("SetA", RunOutcome.Complete), Written(_host.Backup()));
        Assert.Equal(("SetB", RunOutcome.Complete), Written(_host.Backup()));
    }

    [Fact]
    public void A_missing_target_fails_the_run_and_touches_nothing()
    {
        _host.Backup();
        var before = Tree.Describe(_host.E);
        Directory.Move(_host.D, _host.D + "-unplugged");
        Directory.CreateDirectory(_host.SystemDisks);
        Directory.Delete(_host.D, true);
        var plan = _host.Plan with { Jobs = [new BackupJob { Source = _host.Config, Targets = [_host.D, _host.E] }] };

        var result = _host.Backup(plan);

        Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(FailureKind.TargetMissing, Assert.Single(result.Failures).Kind);
        Assert.Equal(before, Tree.Describe(_host.E));
    }

    [Theory]
    [InlineData(FailureKind.IoError)]
    [InlineData(FailureKind.VolumeGone)]
    public void A_target_that_fails_when_it_is_looked_at_is_no_mistake_of_the_plan_but_a_failed_run(FailureKind kind)
    {
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
                operation is "Find" or "Resolve"
                && path.StartsWith(_host.E, StringComparison.Ordinal)
                && !path.Contains("DataVHD", StringComparison.Ordinal)
                    ? kind
                    : null,
        };
        Assert.Empty(PlanValidator.Validate(_host.Plan, _host.Files));
        var result = _host.Backup();
        Assert.Equal(
            (RunOutcome.Failed, 1, kind, _host.E),
            (result.Outcome, result.ExitCode, result.Failures[0].Kind, result.Failures[0].Target)
        );
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_host.State.Path, "runs")));
    }

    [Fact]
    public void A_source_that_fails_when_it_is_looked_at_is_not_called_missing()
    {
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) => operation == "Find" && path == _host.DataDisks ? FailureKind.IoError : null,
        };
        Assert.Empty(PlanValidator.Validate(_host.Plan, _host.Files));
        Assert.Contains(_host.Backup().Failures, failure => failure.Kind == FailureKind.IoError);
    }

    [Fact]
    public void Cancelling_ends_the_run_and_keeps_the_last_good_set()
    {
        _host.Backup();
        using var cancel = new CancellationTokenSource();
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
            {
                if (
                    operation == "Write"
                    && path.Contains("Backup-SetB", StringComparison.Ordinal)
                    && path.Contains("VHD", StringComparison.Ordinal)
                )
                    cancel.Cancel();
                return null;
            },
        };
        var result = _host.Backup(cancel: cancel.Token);
        Assert.Equal((RunOutcome.Cancelled, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(SetCondition.Complete, _host.Sets(_host.E)["SetA"].State);
        Assert.Equal(SetCondition.Writing, _host.Sets(_host.E)["SetB"].State);
        Assert.Empty(new ShadowJournal(HyperVBackup.Files.FileSystems.Current, _host.State).Entries());
        Assert.False(File.Exists(Path.Combine(_host.E, ".hvbackup.lock")));
    }

    [Fact]
    public void A_second_run_is_told_who_holds_the_lock()
    {
        using var held = RunLock.Take(_host.Files, RunLock.OnTarget(_host.E), "weekly", _host.Clock.UtcNow);
        var result = _host.Backup();
        Assert.Equal(4, result.ExitCode);
        var failure = Assert.Single(result.Failures);
        Assert.Equal(FailureKind.LockHeld, failure.Kind);
        Assert.Contains("'weekly'", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("2026-01-29", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_goes_backwards_does_not_confuse_the_turns()
    {
        _host.Backup();
        _host.Clock.UtcNow = _host.Clock.UtcNow.AddYears(-3);
        Assert.Equal("SetB", _host.Backup().Set);
        _host.Clock.UtcNow = _host.Clock.UtcNow.AddYears(-3);
        Assert.Equal("SetA", _host.Backup().Set);
        Assert.Equal("SetA", SetCatalogue.Choose(_host.Files, _host.E, null).Set);
    }

    [Fact]
    public void The_sets_of_another_host_or_plan_are_refused_until_taken_over()
    {
        _host.Backup();
        _host.HostName = "HV2";
        var refused = _host.Backup();
        Assert.Equal(FailureKind.ForeignSet, Assert.Single(refused.Failures).Kind);
        Assert.Equal(RunOutcome.Complete, _host.Backup(_host.Plan with { TakeOver = true }).Outcome);
        var other = new BackupPlan
        {
            Name = "other",
            Shadow = _host.Plan.Shadow,
            Jobs = [new BackupJob { Source = Path.Combine(_host.C, "ProgramData"), Targets = [_host.E] }],
        };
        Assert.Equal(FailureKind.ForeignSet, Assert.Single(_host.Backup(other).Failures).Kind);
        Assert.Equal(RunOutcome.Complete, _host.Backup(other with { Sets = ["Other1", "Other2"] }).Outcome);
    }

    [Fact]
    public void A_folder_of_a_job_that_is_gone_from_the_plan_is_kept_and_named()
    {
        _host.Backup();
        _host.Backup();
        var result = _host.Backup(_host.Plan with { Jobs = _host.Plan.Jobs.Skip(1).ToArray() });
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(
            result.Warnings,
            warning => warning.StartsWith(Path.Combine(_host.E, "Backup-SetA", "CFG"), StringComparison.Ordinal)
        );
        Assert.True(File.Exists(Path.Combine(_host.E, "Backup-SetA", "CFG", "vm1.xml")));
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
    }

    [Fact]
    public void A_folder_that_no_set_of_ours_made_is_not_written_to()
    {
        var foreign = Path.Combine(_host.E, "Backup-SetA", "VHD", "precious.doc");
        Tree.Write(foreign, "mine");
        var result = _host.Backup();
        Assert.Equal(FailureKind.ForeignSet, Assert.Single(result.Failures).Kind);
        Assert.Equal("mine", File.ReadAllText(foreign));
    }

    [Fact]
    public void With_verify_the_set_is_read_back_before_it_counts()
    {
        Assert.Equal(RunOutcome.Complete, _host.Backup(_host.Plan with { Verify = true }).Outcome);
        // A disk that forgets what was written to it.
        _host.Files = new FaultyFiles(_host.Files)
        {
            Corrupt = path =>
                path.Contains("Backup-SetB", StringComparison.Ordinal)
                && path.Contains("VHD", StringComparison.Ordinal)
                && path.Contains(".hvbackup-tmp", StringComparison.Ordinal),
        };
        var result = _host.Backup(_host.Plan with { Verify = true });
        Assert.Equal(RunOutcome.Failed, result.Outcome);
        Assert.Contains(result.Failures, failure => failure.Kind == FailureKind.BlockDamaged);
        Assert.Equal(SetCondition.Writing, _host.Sets(_host.E)["SetB"].State);
    }

    private static (string Set, RunOutcome Outcome) Written(RunResult result) => (result.Set, result.Outcome);
}
