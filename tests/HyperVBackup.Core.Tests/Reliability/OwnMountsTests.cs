using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A source and a target that are one place, or lie in each other, by another mount: no path says so, and a run would
/// copy its own copies, or write over what it reads.
/// </summary>
public sealed class OwnMountsTests : IDisposable
{
    private readonly LoopVolume _disk = LoopVolume.Mount("ext4", 40);
    private readonly MiniatureHost _host = new();

    public OwnMountsTests()
    {
        Tree.Write(_disk["data/file"], "one");
        Tree.Write(_disk["data/inner/file"], "two");
        Tree.Write(_disk["data/zz"], "three");
    }

    public void Dispose()
    {
        _host.Dispose();
        _disk.Dispose();
    }

    [Theory]
    [InlineData("data/inner", "data", "", "jobs[0].targets[0]", "lies inside the source")]
    [InlineData("data", "data", "", "jobs[0].targets[0]", "lies inside the source")]
    [InlineData("data/inner", "data", "not/yet/there", "jobs[0].targets[0]", "lies inside the source")]
    [InlineData("data", "data/inner", "", "jobs[0].targets[0]", "the source")]
    public void A_target_that_is_in_its_source_by_a_bind_mount_or_the_other_way_round_is_refused(
        string bound,
        string source,
        string below,
        string property,
        string why
    )
    {
        var target = Path.Combine(_disk.Bind(_disk[bound], _disk.Beside("m")), below);
        var plan = Plan(_disk[source], target);
        var before = Tree.Describe(_disk.Path);

        var problem = Assert.Single(PlanValidator.Validate(plan, _host.Files));
        Assert.Equal(property, problem.Property);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.Contains("reached by another mount", problem.Message, StringComparison.Ordinal);
        Assert.Throws<PlanException>(() => _host.Backup(plan));
        Assert.Contains(
            PlanCheck.Of(plan, _host.Context, CancellationToken.None).Problems,
            found => found.Message.Contains(why, StringComparison.Ordinal)
        );
        Assert.Throws<PlanException>(() => Mirror(_disk[source], target));
        Assert.Equal(before, Tree.Describe(_disk.Path));
    }

    [Fact]
    public void So_is_one_on_a_second_mount_of_the_same_disk()
    {
        var again = _disk.MountAgain("again", "defaults");
        Assert.Contains(
            "lies inside the source",
            Refused(Plan(_disk["data"], Path.Combine(again, "data", "inner"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "lies inside the target",
            Refused(Plan(_disk["data/inner"], Path.Combine(again, "data"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void So_is_one_that_is_mounted_somewhere_inside_the_source()
    {
        Tree.Write(Path.Combine(_host.Root, "tree", "file"), "four");
        _disk.Bind(_disk["data"], Path.Combine(_host.Root, "tree", "a", "b"));
        try
        {
            var plan = Plan(Path.Combine(_host.Root, "tree"), _disk["data/inner"]);
            Assert.Contains("lies inside the source", Refused(plan), StringComparison.Ordinal);
            var without = plan with { Jobs = [plan.Jobs[0] with { Exclude = ["a/b"] }] };
            Assert.Equal(RunOutcome.Complete, _host.Backup(without).Outcome);
        }
        finally
        {
            _disk.Unmount(Path.Combine(_host.Root, "tree", "a", "b"));
        }
    }

    [Fact]
    public void A_folder_beside_the_source_on_the_same_disk_is_no_such_target()
    {
        Tree.Write(_disk["backups/readme"], "mine");
        var target = _disk.Bind(_disk["backups"], _disk.Beside("m"));
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan(_disk["data"], target)).Outcome);
        Assert.True(_host.Verify(target).IsGood);
    }

    [Fact]
    public void The_target_of_one_job_inside_the_source_of_another_is_refused_unless_the_patterns_leave_its_sets_out()
    {
        Tree.Write(_disk["other/file"], "four");
        var target = _disk.Bind(_disk["data/inner"], _disk.Beside("m"));
        var plan = Plan(_disk["other"], target);
        var reader = new BackupJob
        {
            Source = _disk["data"],
            Folder = "data",
            Targets = [_host.E],
        };
        var both = plan with { Jobs = [plan.Jobs[0], reader] };
        Assert.Contains("lies inside the source '" + _disk["data"], Refused(both), StringComparison.Ordinal);
        Assert.Equal(
            RunOutcome.Complete,
            _host.Backup(both with { Jobs = [plan.Jobs[0], reader with { Exclude = ["Backup-*"] }] }).Outcome
        );
    }

    [Fact]
    public void Two_targets_that_are_one_folder_by_two_mounts_are_refused()
    {
        Directory.CreateDirectory(_disk["backups"]);
        var target = _disk.Bind(_disk["backups"], _disk.Beside("m"));
        var problem = Refused(Plan(_host.SystemDisks, _disk["backups"], target));
        Assert.Contains(
            "'" + target + "' is the same folder as '" + _disk["backups"] + "'",
            problem,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_mount_that_came_after_the_plan_was_looked_at_ends_the_walk_there_and_nothing_is_copied_into_itself()
    {
        var target = _disk.Bind(_disk["data/inner"], _disk.Beside("m"));
        var log = new FailureLog();
        using (var engine = new MirrorEngine(_host.Files, log, new MirrorProgress()))
        {
            engine.Run(
                new MirrorJob
                {
                    Source = _disk["data"],
                    SourceName = "the data",
                    Filter = GlobFilter.All,
                    Targets = [new MirrorTarget { Folder = target }],
                },
                CancellationToken.None
            );
        }

        var failure = Assert.Single(log.Failures);
        Assert.Equal((FailureKind.BadPlan, Path.Combine("the data", "inner")), (failure.Kind, failure.Target));
        Assert.Equal("three", File.ReadAllText(Path.Combine(target, "zz")));
        Assert.False(Directory.Exists(Path.Combine(target, "inner")));
    }

    [Fact]
    public void A_restore_or_a_mirror_into_a_set_by_another_mount_is_refused()
    {
        Directory.CreateDirectory(_disk["backups"]);
        _host.Backup(Plan(_disk["data"], _disk["backups"]));
        var inside = _disk.Bind(_disk["backups/Backup-SetA/data"], _disk.Beside("m"));

        var refused = Assert.Throws<BackupException>(() => _host.Restore(_disk["backups"], inside, force: true));
        Assert.Equal((FailureKind.BadPlan, "it lies inside the set"), (refused.Failure.Kind, refused.Failure.Cause));
        Assert.Contains(
            "belongs to the backup set",
            Assert.Throws<PlanException>(() => Mirror(_host.SystemDisks, inside)).Message,
            StringComparison.Ordinal
        );
        Assert.True(_host.Verify(_disk["backups"]).IsGood);
    }

    [Fact]
    public void A_mirror_over_the_folder_of_the_history_is_refused_by_whatever_mount()
    {
        _host.Backup();
        var around = _disk.Bind(_host.Root, _disk.Beside("m"));
        try
        {
            var refused = Assert.Throws<PlanException>(() => Mirror(_disk["data"], around));
            Assert.Contains("keeps its history", refused.Message, StringComparison.Ordinal);
            Assert.True(Directory.Exists(_host.State.Runs));
        }
        finally
        {
            _disk.Unmount(around);
        }
    }

    [Fact]
    public void A_state_folder_in_a_source_is_backed_up_like_any_other()
    {
        Directory.CreateDirectory(_disk["backups"]);
        var plan = Plan(_host.Root, _disk["backups"]);
        _host.Backup(plan);
        Assert.Equal(0, _host.Backup(plan).FailureCount);
    }

    private BackupPlan Plan(string source, params string[] targets) =>
        new()
        {
            Name = "mounts",
            Shadow = new ShadowOptions { Provider = "copy" },
            Jobs =
            [
                new BackupJob
                {
                    Source = source,
                    Folder = "data",
                    Targets = targets,
                },
            ],
        };

    private string Refused(BackupPlan plan) => Assert.Single(PlanValidator.Validate(plan, _host.Files)).Message;

    private MirrorResult Mirror(string source, string destination) =>
        MirrorRun.Execute(
            source,
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
