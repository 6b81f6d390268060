using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>
/// Which set is whose to write: no target gives up its newest good set, whatever stands on the others.
/// </summary>
public sealed class SetTurnTests
{
    private static readonly string[] Targets = ["D", "E"];

    [Theory]
    // Each target's sets as "A1 B2": set, run; x: found damaged, w: being written. Then what is written on each.
    [InlineData("", "", "A", "A")]
    [InlineData("A1", "A1", "B", "B")]
    [InlineData("A1 B2", "A1 B2", "A", "A")]
    [InlineData("A3 B2", "A3w B2", "A", "A")] // Cut between the commits of the two: what is whole stays.
    [InlineData("A1 B2", "A1 B2x", "B", "B")] // Run 1 is whole, run 2 is not any more.
    [InlineData("A1 B2", "", "A", "A")] // E is new.
    [InlineData("A1 B2", "A1", "A", "B")] // E takes turns with another disk, which has run 2.
    [InlineData("A3 B2", "B2", "B", "A")]
    [InlineData("A3 B2", "A1 B3", "B", "A")]
    [InlineData("A1x B2", "A1 B2x", "A", "B")] // Each has but one good set, and not the same.
    [InlineData("A1x B2", "A1x B2x", "A", "A")]
    [InlineData("A1x B2x", "A1 B2", "A", "A")]
    [InlineData("A3x B2x", "A3x B2x", "B", "B")] // Of bad ones the newer stays for last.
    public void One_name_for_all_unless_that_costs_a_target_its_newest_good_set(
        string onD,
        string onE,
        string writesD,
        string writesE
    )
    {
        var turn = SetChooser.Choose(BackupPlan.DefaultSets, Targets, [Sets("D", onD), Sets("E", onE)]);
        Assert.Equal(("Set" + writesD, "Set" + writesE), (turn.SetOn("D"), turn.SetOn("E")));
        Assert.Equal(writesD != writesE, turn.IsApart);
        Assert.All(Targets, target => Assert.NotEqual(turn.SetOn(target), turn.KeptOn(target)));
    }

    [Fact]
    public void With_a_third_set_all_write_one_that_no_target_would_miss()
    {
        var turn = SetChooser.Choose(["SetA", "SetB", "SetC"], Targets, [Sets("D", "A1 B2"), Sets("E", "A1")]);
        Assert.Equal(["SetC", "SetC"], Targets.Select(turn.SetOn));
    }

    [Fact]
    public void Two_disks_that_take_turns_beside_a_fixed_one_never_cost_any_of_them_its_newest()
    {
        var disks = new Dictionary<string, List<SetInfo>>
        {
            ["D"] = [],
            ["usb1"] = [],
            ["usb2"] = [],
        };
        var dice = new Random(7);
        for (var run = 1; run <= 60; run++)
        {
            var usb = "usb" + dice.Next(1, 3);
            var at = new[] { "D", usb };
            var turn = SetChooser.Choose(
                BackupPlan.DefaultSets,
                at,
                at.Select(disk => (IReadOnlyList<SetInfo>)disks[disk]).ToList()
            );
            foreach (var disk in at)
            {
                var newest = disks[disk].Where(set => set.IsGood).MaxBy(set => set.Sequence);
                Assert.NotEqual(newest?.Set, turn.SetOn(disk));
                disks[disk].RemoveAll(set => set.Set == turn.SetOn(disk));
                // Every third run fails while it writes.
                disks[disk].Add(Set(disk, turn.SetOn(disk), (int)turn.Sequence, run % 3 == 0 ? "w" : "", run));
            }
        }
    }

    private static List<SetInfo> Sets(string target, string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => Set(target, "Set" + word[0], word[1] - '0', word[2..], word[1] - '0'))
            .ToList();

    private static SetInfo Set(string target, string name, int sequence, string how, int run)
    {
        var state = how == "w" ? SetCondition.Writing : SetCondition.Complete;
        return new SetInfo
        {
            Target = target,
            Set = name,
            Path = target + "/Backup-" + name,
            State = state,
            FoundDamaged = how == "x",
            Content = new SetState
            {
                Plan = "nightly",
                Set = name,
                RunId = new Guid(run, 0, 0, new byte[8]),
                Sequence = sequence,
                State = state,
                Started = default,
                Host = "HV1",
                Provider = "copy",
                Consistency = Consistency.None,
            },
        };
    }
}
