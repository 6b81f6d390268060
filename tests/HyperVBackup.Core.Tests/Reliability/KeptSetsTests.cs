using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Plans that write a new set each time and keep some: what is removed, what is not, and what is there when a run is
/// cut off at any step of it.
/// </summary>
public class KeptSetsTests(ITestOutputHelper output)
{
    private static readonly KeepRule LastTwo = new() { Last = 2 };

    [Theory]
    [InlineData(1, true, false)]
    [InlineData(1, false, true)]
    [InlineData(2, true, true)]
    public void When_a_run_is_cut_off_anywhere_nothing_is_lost_and_the_next_one_tidies_up(
        int targets,
        bool flushesVolumes,
        bool clones
    )
    {
        var (files, kept) = AfterThree(targets, flushesVolumes, clones);
        var host = new MemoryHost(files.Settled(), targets) { Keep = LastTwo };
        var before = host.Files.Tree.Copy();
        var written = host.BackupWell();
        var cut = new PowerCut(host.Files, before, host.Files.Record.ToList());
        Assert.Contains(
            cut.Steps,
            step => step.Operation == "DeleteFolder" && step.Path.Contains("Backup-", StringComparison.Ordinal)
        );
        var points = EveryCrashPointTests.EveryPoint(
            "run with keep",
            cut,
            flushesVolumes,
            (found, steps) =>
            {
                var later = new MemoryHost(found, targets) { Keep = LastTwo };
                later.RequireTruth();
                later.RequireWhole(kept);
                if (steps == cut.Steps.Count)
                    later.RequireWhole(written);
                later.Clock.UtcNow = host.Clock.UtcNow;
                var next = later.BackupWell();
                later.RequireEqual(next);
                if (steps % 8 == 0)
                    later.RequireTruth();
                RequireJustTwo(later, next);
            }
        );
        output.WriteLine(
            $"{points} crash points replayed: {cut.Steps.Count} steps of a run that removes a set, "
                + $"{targets} target(s), nothing was lost."
        );
    }

    [Fact]
    public void Whatever_fails_while_old_sets_are_removed_the_new_one_counts_and_the_next_run_tidies_up()
    {
        var (files, _) = AfterThree(1, true, true);
        var failed = 0;
        for (var index = 0; ; index++)
        {
            var host = new MemoryHost(files.Settled()) { Keep = LastTwo };
            var (count, committed, hit) = (0, false, false);
            host.Through = new FaultyFiles(host.Files)
            {
                Fail = (operation, path) =>
                {
                    committed |=
                        host.Files.Record.Count(step =>
                            step.Operation == "Rename" && step.Path.EndsWith("set.json", StringComparison.Ordinal)
                        ) == 2
                        && operation == "List"
                        && path == host.Targets[0];
                    hit |= committed && count++ == index;
                    return committed && count == index + 1 ? FailureKind.IoError : null;
                },
            };
            var result = host.Backup();
            host.Through = host.Files;
            host.RequireWhole(result.Set);
            host.RequireTruth();
            if (!hit)
                break;
            failed++;
            Assert.True(
                result.Outcome == RunOutcome.CompleteWithWarnings
                    || result.Removed.Count == 1
                    || result.Warnings.Count == 0
            );
            var next = host.BackupWell();
            RequireJustTwo(host, next);
        }

        Assert.InRange(failed, 10, 1000);
        output.WriteLine($"{failed} faults injected into the removal of a set; the new set counted each time.");
    }

    [Fact]
    public void Sets_are_named_by_time_and_the_rule_decides_what_stays()
    {
        var host = MemoryHost.New();
        host.Keep = new KeepRule { Last = 2, Daily = 2 };
        var names = new List<string>();
        for (var run = 0; run < 5; run++)
        {
            host.Change(run + 1);
            names.Add(host.BackupWell());
            host.Clock.UtcNow += TimeSpan.FromHours(run == 1 ? 23 : 1);
        }

        Assert.Equal(
            ["2026-01-29_0200", "2026-01-29_0400", "2026-01-30_0400", "2026-01-30_0600", "2026-01-30_0800"],
            names
        );
        Assert.Equal(
            ["2026-01-30_0800", "2026-01-30_0600", "2026-01-29_0400"],
            host.Sets(host.Targets[0]).Select(set => set.Set)
        );
        host.RequireTruth();
        host.RequireEqual(names[4]);
    }

    [Fact]
    public void A_clock_that_went_back_makes_no_set_old_and_takes_no_name()
    {
        var host = MemoryHost.New();
        host.Keep = LastTwo;
        host.BackupWell();
        host.Clock.UtcNow -= TimeSpan.FromHours(1);
        var second = host.BackupWell();
        host.Clock.UtcNow -= TimeSpan.FromDays(400);
        var third = host.BackupWell();
        Assert.Equal(("2026-01-29_0200-2", "2024-12-25_0300"), (second, third));
        Assert.Equal([third, second], host.Sets(host.Targets[0]).Select(set => set.Set));
        host.RequireTruth();
    }

    [Fact]
    public void An_unfinished_set_is_taken_up_under_the_name_of_the_next_run()
    {
        var host = MemoryHost.New();
        host.Keep = LastTwo;
        host.BackupWell();
        host.Change(2);
        host.KilledAfter(40, () => host.Backup());
        var unfinished = Assert.Single(host.Sets(host.Targets[0]), set => set.State == SetCondition.Writing);

        var next = host.BackupWell();

        Assert.NotEqual(unfinished.Set, next);
        Assert.Null(host.Files.Find(unfinished.Path));
        host.RequireEqual(next);
        host.RequireTruth();
        RequireJustTwo(host, next);
    }

    [Fact]
    public void What_is_not_the_plans_own_is_never_removed()
    {
        var host = MemoryHost.New();
        host.Keep = LastTwo;
        var target = host.Targets[0];
        var own = host.BackupWell();
        var (other, foreign, damaged) = ("2020-01-01_0000", "2020-01-02_0000", "2020-01-03_0000");
        Copy(host.Files, target, own, other, "\"plan\": \"nightly\"", "\"plan\": \"weekly\"");
        Copy(host.Files, target, own, foreign, "\"host\": \"HV1\"", "\"host\": \"HV2\"");
        Copy(host.Files, target, own, damaged, "\"state\"", "\"stat\"");
        host.Files.Put(PathOf.Join(SetLayout.SetFolder(target, "2020-01-04_0000"), "notes.txt"), [1]);

        for (var run = 0; run < 4; run++)
            host.BackupWell();

        foreach (var set in new[] { other, foreign, damaged, "2020-01-04_0000" })
            Assert.NotNull(host.Files.Find(SetLayout.SetFolder(target, set)));
        Assert.Null(host.Files.Find(SetLayout.SetFolder(target, own)));
    }

    [Fact]
    public void A_set_that_holds_something_of_somebody_stays_whole_with_a_warning()
    {
        var host = MemoryHost.New();
        host.Keep = LastTwo;
        var first = host.BackupWell();
        host.Files.Put(PathOf.Join(SetLayout.SetFolder(host.Targets[0], first), "notes.txt"), [1]);
        host.BackupWell();

        var result = host.Backup();

        Assert.Equal(RunOutcome.CompleteWithWarnings, result.Outcome);
        Assert.Contains("notes.txt", Assert.Single(result.Warnings), StringComparison.Ordinal);
        host.RequireWhole(first);
        Assert.Empty(result.Removed);
    }

    [Fact]
    public void A_target_that_was_added_later_does_not_make_earlier_sets_unfinished()
    {
        var host = MemoryHost.New();
        host.Keep = new KeepRule { Last = 3 };
        var first = host.BackupWell();
        var both = new MemoryHost(host.Files, 2) { Keep = host.Keep };
        both.Clock.UtcNow = host.Clock.UtcNow;
        var second = both.BackupWell();
        Assert.Equal([second, first], both.Sets(both.Targets[0]).Select(set => set.Set));
        both.RequireWhole(second);
        both.RequireTruth();
    }

    [Fact]
    public void The_only_set_that_has_a_copy_of_a_virtual_machine_stays()
    {
        var plan = new BackupPlan { Name = "nightly", Keep = LastTwo };
        SetInfo Set(int number, params string[] machines) =>
            new()
            {
                Target = "D",
                Set = $"2026-01-0{number}_0200",
                Path = "",
                State = SetCondition.Complete,
                Content = new SetState
                {
                    Plan = "nightly",
                    Set = "",
                    RunId = new Guid(number, 0, 0, new byte[8]),
                    Sequence = number,
                    State = SetCondition.Complete,
                    Started = new DateTime(2026, 1, number),
                    Host = "HV1",
                    Provider = "vss",
                    Consistency = HyperVBackup.Shadows.Consistency.Application,
                    Jobs = machines
                        .Select(machine => new SetJob
                        {
                            Source = "vm:" + machine,
                            Folder = machine,
                            Machine = machine,
                            MachineId = machine,
                        })
                        .ToArray(),
                },
            };
        var series = new SetSeries(
            plan,
            [
                [Set(1, "web", "db"), Set(2, "web", "db"), Set(3, "web"), Set(4, "web"), Set(5, "web")],
            ],
            "HV1"
        );
        var judged = series.Judge(LastTwo, TimeZoneInfo.Utc);
        Assert.Equal(
            [
                "2026-01-05_0200: last",
                "2026-01-04_0200: last",
                "2026-01-03_0200: ",
                "2026-01-02_0200: the only copy of db",
                "2026-01-01_0200: ",
            ],
            judged.Select(item => item.Set + ": " + string.Join(", ", item.Reasons))
        );
    }

    [Fact]
    public void A_preview_says_which_sets_would_go_and_touches_nothing()
    {
        var host = MemoryHost.New();
        host.Keep = LastTwo;
        var first = host.BackupWell();
        host.BackupWell();
        host.Files.ClearRecord();
        host.Clock.UtcNow += TimeSpan.FromHours(1);

        var preview = RunPreview.Of(host.Plan, host.Context, false, default);

        Assert.Equal(first, Assert.Single(preview.Removes).Set);
        Assert.Empty(host.Files.Record);
        Assert.Equal((preview.Set, first), (Next(), Assert.Single(host.Backup().Removed)));

        string Next() => SetNames.OfTime(host.Clock.UtcNow, TimeZoneInfo.Utc, _ => false);
    }

    private static (MemoryFiles Files, string Newest) AfterThree(int targets, bool flushesVolumes, bool clones)
    {
        var host = MemoryHost.New(targets, flushesVolumes, clones);
        host.Keep = LastTwo;
        var newest = "";
        for (var run = 1; run <= 3; run++)
        {
            newest = host.BackupWell();
            host.Change(run + 1);
        }

        // The clock of the next host begins anew: its set gets a name of its own all the same.
        return (host.Files.Settled(), newest);
    }

    // Two complete sets on each target, no other folder of a set, and nothing of an unfinished one.
    private static void RequireJustTwo(MemoryHost host, string newest)
    {
        foreach (var target in host.Targets)
        {
            Assert.Equal([SetCondition.Complete, SetCondition.Complete], host.Sets(target).Select(set => set.State));
            Assert.Equal(newest, host.Sets(target)[0].Set);
            Assert.Equal(
                2,
                host.Files.List(target)
                    .Count(entry => entry.Name.StartsWith(SetLayout.Prefix, StringComparison.Ordinal))
            );
        }

        host.RequireTidy();
    }

    private static void Copy(MemoryFiles files, string target, string set, string copy, string from, string to)
    {
        var json = System
            .Text.Encoding.UTF8.GetString(files.Get(SetLayout.StateFileOf(SetLayout.SetFolder(target, set))))
            .Replace(from, to, StringComparison.Ordinal)
            .Replace(set, copy, StringComparison.Ordinal);
        files.Put(
            SetLayout.StateFileOf(SetLayout.SetFolder(target, copy)),
            SetStateSeal.Close(Newtonsoft.Json.Linq.JObject.Parse(json))
        );
    }
}
