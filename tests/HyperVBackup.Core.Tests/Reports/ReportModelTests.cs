using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Reports;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using Xunit;
using static HyperVBackup.Tests.Reports.Histories;

namespace HyperVBackup.Tests.Reports;

/// <summary>
/// What a report says: of each machine and folder the newest good copy and its age, and of everything one word.
/// </summary>
public sealed class ReportModelTests
{
    [Fact]
    public void A_folder_has_its_newest_good_copy_with_size_share_and_rate()
    {
        var model = Build([Run(0), Run(1)]);
        var item = Assert.Single(model.Items);
        Assert.Equal(
            (ItemKind.Folder, "/vm/disks", "disks", ItemState.Good),
            (item.Kind, item.Name, item.Folder, item.State)
        );
        Assert.Equal(new DateTime(2026, 1, 29, 1, 0, 0, DateTimeKind.Utc), item.LastGood);
        Assert.Equal(item.LastGood + TimeSpan.FromDays(2), item.StaleAt);
        Assert.Equal([new ItemCopy("/e", "SetA", item.LastGood, false)], item.Copies);
        Assert.Equal((10L << 30, 1L << 30, 0.1), (item.Bytes, item.BytesWritten, item.ChangedShare));
        Assert.Equal((10L << 30) / 100.0, item.Rate);
        Assert.Equal((ReportState.Good, 0), (model.State, model.ExitCode));
        Assert.Equal("Backups of HV1", model.Title);
    }

    [Fact]
    public void The_age_counts_from_the_start_of_the_run_because_what_changed_since_is_not_in_the_copy()
    {
        var slow = Run(2.1) with { Ended = Now };
        Assert.Equal(ItemState.Stale, Build([slow]).Items[0].State);
    }

    [Theory]
    [InlineData(2, ItemState.Stale)]
    [InlineData(2.5, ItemState.Good)]
    public void A_copy_is_stale_when_it_is_older_than_asked_for(double days, ItemState state)
    {
        var model = Build([Run(2)], new ReportOptions { StaleAfter = TimeSpan.FromDays(days) });
        Assert.Equal(state, model.Items[0].State);
        Assert.Equal(state == ItemState.Stale ? ReportState.AtRisk : ReportState.Good, model.State);
    }

    [Fact]
    public void Failed_runs_do_not_renew_a_copy_and_the_newest_of_them_says_why()
    {
        var model = Build([
            Failed(0),
            Failed(1, new Failure(FailureKind.TargetMissing, "/e", "use", "it is gone")),
            Run(2),
            Failed(3),
        ]);
        var item = Assert.Single(model.Items);
        Assert.Equal((ItemState.Stale, 2, FailureKind.DiskFull), (item.State, item.FailedTries, item.Failure!.Kind));
        Assert.Equal([true, false, false], item.Points.Select(point => point.IsGood));
        Assert.Equal("No good copy since 2026-01-27 02:00 +01:00 (2 d ago)", ReportText.Since(item, model));
    }

    [Fact]
    public void A_failed_run_with_a_new_enough_copy_is_no_alarm_but_needs_attention()
    {
        var model = Build([Failed(0), Run(1)]);
        Assert.Equal(
            (ItemState.LastFailed, ReportState.Attention, 3),
            (model.Items[0].State, model.State, model.ExitCode)
        );
    }

    [Fact]
    public void A_machine_that_failed_in_a_run_that_was_completed_is_as_old_as_its_older_copy()
    {
        var model = Build([
            RunOfMachines(0, "web", "!db"),
            RunOfMachines(1, "web", "!db"),
            RunOfMachines(2, "web", "!db"),
            RunOfMachines(3, "web", "db"),
        ]);
        Assert.Equal(
            [("db", ItemState.Stale, 3), ("web", ItemState.Good, 0)],
            model.Items.Select(item => (item.Name, item.State, item.FailedTries))
        );
        Assert.Equal("the writer of db failed", model.Items[0].Failure!.Cause);
        Assert.Equal(ReportState.AtRisk, model.State);
    }

    [Fact]
    public void A_machine_is_known_by_its_id_under_its_newest_name()
    {
        var renamed = RunOfMachines(0, "web");
        var before = RunOfMachines(1, "www");
        before = before with { Machines = [before.Machines[0] with { Id = renamed.Machines[0].Id }] };
        Assert.Equal("web", Assert.Single(Build([renamed, before]).Items).Name);
    }

    [Fact]
    public void What_another_plan_copied_counts_as_well()
    {
        var model = Build([Failed(0), Run(1, plan: "weekly"), Run(5)]);
        var item = Assert.Single(model.Items);
        Assert.Equal((ItemState.Good, "weekly"), (item.State, item.Plan));
    }

    [Fact]
    public void What_a_newer_run_of_its_plan_left_out_is_no_longer_backed_up()
    {
        var model = Build([RunOfMachines(0, "web"), RunOfMachines(5, "web", "gone")]);
        var item = Assert.Single(model.Items, item => item.Name == "gone");
        Assert.Equal(ItemState.Dropped, item.State);
        Assert.Equal("The newest run of the plan 'nightly' did not include it.", Assert.Single(item.Notes));
        Assert.Equal(ReportState.Warnings, model.State);
        Assert.DoesNotContain(item, model.Stale);
    }

    [Fact]
    public void A_run_that_found_the_lock_taken_says_nothing_about_the_backups()
    {
        var locked = RunOfMachines(0, "!web") with
        {
            Outcome = RunOutcome.Failed,
            Jobs = [],
            Failures = [new Failure(FailureKind.LockHeld, "/e", "lock", "another run holds it")],
            FailureCount = 1,
        };
        var model = Build([locked, RunOfMachines(0.1, "web")]);
        Assert.Equal(ReportOutcome.Skipped, model.Runs[^1].Outcome);
        Assert.Equal(
            (ItemState.Good, 0, ReportState.Good),
            (model.Items[0].State, model.Items[0].FailedTries, model.State)
        );
    }

    [Fact]
    public void A_plan_that_never_came_so_far_as_to_know_what_it_copies_is_named_itself()
    {
        var model = Build([Failed(0, plan: "weekly"), Failed(7, plan: "weekly"), Run(0.2)]);
        Assert.Equal(
            (ItemKind.Plan, "weekly", ItemState.NoCopy),
            (model.Items[0].Kind, model.Items[0].Name, model.Items[0].State)
        );
        Assert.Equal(ReportState.AtRisk, model.State);
        // Once may be a slip.
        Assert.Equal(ItemState.LastFailed, Build([Failed(0, plan: "wekly"), Run(0.2)]).Items[0].State);
        Assert.Equal(ItemState.NoCopy, Build([Failed(0)]).Items[0].State);
    }

    [Fact]
    public void A_copy_dated_in_the_future_does_not_hide_how_old_the_others_are()
    {
        var model = Build([Run(-400), Run(5)]);
        Assert.Equal(ItemState.Stale, model.Items[0].State);
        Assert.Null(model.Items[0].LastGood);
        Assert.Contains("dated in the future", Assert.Single(model.Items[0].Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_that_are_looked_at_speak_for_themselves()
    {
        var found = Assert.Single(
            Build(
                [Run(0)],
                null,
                Target(
                    "/e",
                    Set(
                        "SetA",
                        0,
                        new SetJob
                        {
                            Source = "/vm/disks",
                            Folder = "disks",
                            Bytes = 7,
                        }
                    )
                )
            ).Items
        );
        Assert.True(Assert.Single(found.Copies).IsSeen);
        Assert.Equal(ItemState.Good, found.State);

        var older = Assert.Single(
            Build(
                [Run(0), Run(4)],
                null,
                Target("/e", Set("SetB", 4, new SetJob { Source = "/vm/disks", Folder = "disks" }))
            ).Items
        );
        Assert.Equal(
            (ItemState.Stale, "The copy that the run of SetA wrote to /e is not there any more."),
            (older.State, Assert.Single(older.Notes))
        );

        var gone = Assert.Single(Build([Run(0)], null, Target("/e")).Items);
        Assert.Equal(ItemState.NoCopy, gone.State);

        var unreachable = Build(
            [Run(0)],
            null,
            new TargetReport
            {
                Target = "/e",
                Problem = new Failure(FailureKind.TargetMissing, "/e", "look", "it is not there"),
            }
        );
        Assert.Equal((ItemState.Good, ReportState.Attention), (unreachable.Items[0].State, unreachable.State));
        Assert.Contains("could not be checked", Assert.Single(unreachable.Items[0].Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Incomplete_and_damaged_sets_are_no_copies()
    {
        var writing = Set("SetA", 0, new SetJob { Source = "/vm/disks", Folder = "disks" }) with
        {
            State = SetCondition.Writing,
        };
        var damaged = new SetInfo
        {
            Target = "/e",
            Set = "SetB",
            Path = "/e/Backup-SetB",
            State = SetCondition.Damaged,
            Problem = new Failure(FailureKind.StateDamaged, "/e/Backup-SetB", "read", "it is torn"),
        };
        var model = Build([Run(0)], null, Target("/e", writing, damaged));
        Assert.Equal(ItemState.NoCopy, model.Items[0].State);
    }

    [Fact]
    public void Sets_alone_will_do_when_the_history_is_lost()
    {
        var machine = new SetJob
        {
            Source = "vm:web",
            Folder = "web",
            Machine = "web",
            MachineId = IdOf("web").ToString("D"),
            Bytes = 5,
        };
        var model = Build([], null, Target("/e", Set("SetA", 1, machine), Set("SetB", 3, machine)));
        var item = Assert.Single(model.Items);
        Assert.Equal(
            (ItemKind.Machine, "web", ItemState.Good, 5L, 2),
            (item.Kind, item.Name, item.State, item.Bytes, item.Copies.Count)
        );
        Assert.Equal(Now.Date.AddHours(1).AddDays(-1), item.LastGood);
    }

    [Fact]
    public void A_copy_that_was_kept_is_as_old_as_the_run_that_made_it()
    {
        var old = RunOfMachines(3, "web", "db");
        var kept = new SetJob
        {
            Source = "vm:db",
            Folder = "db",
            Machine = "db",
            MachineId = IdOf("db").ToString("D"),
            KeptFrom = old.RunId,
        };
        var item = Build([RunOfMachines(0, "web", "!db"), old], null, Target("/e", Set("SetA", 0, kept)))
            .Items.Single(item => item.Name == "db");
        Assert.Equal((ItemState.Stale, old.Started), (item.State, item.LastGood));

        var unknown = Assert.Single(Build([], null, Target("/e", Set("SetA", 0, kept))).Items);
        Assert.Equal((ItemState.Stale, null), (unknown.State, unknown.LastGood));
        Assert.Contains("its age is not known", Assert.Single(unknown.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_are_gathered_by_what_to_do_about_them_and_closed_by_a_run_that_went_well()
    {
        var disk = new Failure(FailureKind.DiskFull, "/e/1", "write", "no space is left");
        var many = Failed(1) with { Failures = [disk, disk with { Target = "/e/2" }], FailureCount = 1500 };
        var model = Build([
            RunOfMachines(0.5, "!db", "web"),
            many,
            Run(2),
            Failed(3, new Failure(FailureKind.NotElevated, "host", "ask", "not elevated")),
        ]);
        Assert.Equal(
            [
                (FailureKind.WriterFailed, 1L, true),
                (FailureKind.DiskFull, 1500L, false),
                (FailureKind.NotElevated, 1L, false),
            ],
            model.Failures.Select(group => (group.Kind, group.Count, group.IsOpen))
        );
        Assert.Equal(
            ["/e/1: cannot write: no space is left", "/e/2: cannot write: no space is left"],
            model.Failures[1].Messages
        );
        Assert.StartsWith("Free space", model.Failures[1].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_beyond_those_that_are_shown_count_for_what_is_said_of_each_item()
    {
        var runs = Enumerable
            .Range(0, 30)
            .Select(day => Run(day, plan: "hourly") with { Jobs = [Job("/vm/small")] })
            .Append(Run(31));
        var model = Build(runs, new ReportOptions { Last = 5, StaleAfter = TimeSpan.FromDays(40) });
        Assert.Equal((5, 31, 2), (model.Runs.Count, model.RunCount, model.Items.Count));
        Assert.Equal(model.Runs.OrderBy(run => run.Started), model.Runs);
        Assert.All(model.Items, item => Assert.Equal(ItemState.Good, item.State));
    }

    [Fact]
    public void No_backups_yet_is_said_only_where_nothing_hints_at_any()
    {
        Assert.Equal(ReportState.Empty, Build([]).State);
        Assert.Equal(ReportState.Empty, Build([], null, Target("/e")).State);
        var locked = Failed(0, new Failure(FailureKind.LockHeld, "/e", "lock", "another run holds it"));
        Assert.Equal(ReportState.Attention, Build([locked]).State);
        Assert.Equal(
            ReportState.Attention,
            Build(
                [],
                null,
                Target(
                    "/e",
                    new SetInfo
                    {
                        Target = "/e",
                        Set = "SetA",
                        Path = "/e/Backup-SetA",
                        State = SetCondition.Damaged,
                        Problem = new Failure(FailureKind.StateDamaged, "x", "read", "it is torn"),
                    }
                )
            ).State
        );
        var torn = new HistoryEntry
        {
            Path = "/state/runs/x.json",
            Problem = new Failure(FailureKind.StateDamaged, "x", "read", "it is torn"),
        };
        Assert.Equal(
            ReportState.Attention,
            ReportBuilder.Build([torn], [], new ReportOptions { Zone = Zone }, "HV1", "/state/runs", Now).State
        );
    }

    [Fact]
    public void A_file_of_the_history_that_is_rotated_away_meanwhile_is_not_damaged()
    {
        var rotated = new HistoryEntry
        {
            Path = "/state/runs/x.json",
            Problem = new Failure(FailureKind.FileMissing, "x", "read", "it is not there"),
        };
        Assert.Empty(
            ReportBuilder.Build([rotated], [], new ReportOptions { Zone = Zone }, "HV1", "/state/runs", Now).Damaged
        );
    }

    [Fact]
    public void Nonsense_in_a_file_is_cut_to_what_can_be()
    {
        var nonsense = Run(0) with
        {
            Started = DateTime.MaxValue,
            Ended = DateTime.MinValue,
            BytesRead = long.MinValue,
            BytesWritten = long.MaxValue,
            FailureCount = long.MinValue,
            Jobs = Enumerable
                .Range(0, 40)
                .Select(i =>
                    Job("/" + i) with
                    {
                        Bytes = long.MaxValue,
                        BytesWritten = long.MaxValue,
                        Seconds = i % 2 == 0 ? double.NaN : double.NegativeInfinity,
                    }
                )
                .ToArray(),
        };
        var model = Build([nonsense, nonsense with { Started = DateTime.MinValue, Ended = DateTime.MaxValue }]);
        Assert.NotEmpty(BackupReport.ToHtml(model));
        Assert.All(model.Runs, run => Assert.InRange(run.BytesWritten, 0, 1L << 60));
    }

    private static TargetReport Target(string path, params SetInfo[] sets) => new() { Target = path, Sets = sets };

    private static SetInfo Set(string name, int daysAgo, params SetJob[] jobs)
    {
        var state = new SetState
        {
            Plan = "nightly",
            Set = name,
            RunId = Guid.NewGuid(),
            Sequence = 100 - daysAgo,
            State = SetCondition.Complete,
            Started = Now.Date.AddHours(1).AddDays(-daysAgo),
            Completed = Now.Date.AddHours(2).AddDays(-daysAgo),
            Host = "HV1",
            Provider = "vss",
            Consistency = Consistency.Application,
            Jobs = jobs,
        };
        return new SetInfo
        {
            Target = "/e",
            Set = name,
            Path = "/e/Backup-" + name,
            State = SetCondition.Complete,
            Content = state,
        };
    }
}
