using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>
/// Which set a run writes and which it keeps with partial ones around. A set is written here as its state and the
/// number of its run: C complete, P partial, W being written, D complete and
/// found damaged, Q partial and found damaged, - not there.
/// </summary>
public sealed class PartialChoiceTests
{
    [Theory]
    // With a complete one, a partial one is the next to be written, whichever is newer.
    [InlineData("C1 P2", "SetB", "SetA")]
    [InlineData("P1 C2", "SetA", "SetB")]
    [InlineData("P3 C2", "SetA", "SetB")]
    [InlineData("C1 C2 P3", "SetC", "SetB")]
    [InlineData("C3 P2 C1", "SetB", "SetA")]
    // While none is complete, the newest partial one stays and is nobody's "last good one".
    [InlineData("P1 -", "SetB", null)]
    [InlineData("- P1", "SetA", null)]
    [InlineData("P1 P2", "SetA", null)]
    [InlineData("P3 P2", "SetB", null)]
    [InlineData("P1 W2", "SetB", null)]
    [InlineData("W2 P1", "SetA", null)]
    [InlineData("P1 P3 P2", "SetA", null)]
    // What a verification found damaged is never kept for good; the newest of it is written last.
    [InlineData("Q2 P1", "SetA", null)]
    [InlineData("Q1 -", "SetB", null)]
    [InlineData("D2 P1", "SetA", null)]
    [InlineData("C1 Q2", "SetB", "SetA")]
    [InlineData("D3 C2 P1", "SetC", "SetB")]
    public void Sets_that_take_turns(string sets, string written, string? kept)
    {
        var words = sets.Split(' ');
        var names = words.Select((_, i) => "Set" + (char)('A' + i)).ToList();
        var choice = SetChooser.Choose(names, ["D"], [Found(names, words)]);
        Assert.Equal((written, kept), (choice.Set, choice.Keeps));
    }

    [Fact]
    public void Whatever_there_is_the_best_is_never_written()
    {
        var random = new Random(7);
        for (var round = 0; round < 5000; round++)
        {
            var names = Enumerable.Range(0, random.Next(2, 5)).Select(i => "Set" + (char)('A' + i)).ToList();
            var numbers = Enumerable.Range(1, 9).OrderBy(_ => random.Next()).ToList();
            var words = names
                .Select(
                    (_, i) =>
                        "CPWDQ-"[random.Next(6)] is var state && state == '-'
                            ? "-"
                            : state + numbers[i].ToString(System.Globalization.CultureInfo.InvariantCulture)
                )
                .ToList();
            var choice = SetChooser.Choose(names, ["D"], [Found(names, words)]);
            int NewestOf(char state) =>
                Enumerable
                    .Range(0, words.Count)
                    .Where(i => words[i][0] == state)
                    .OrderByDescending(i => words[i][1])
                    .Append(-1)
                    .First();
            var best = NewestOf('C') is >= 0 and var complete ? complete : NewestOf('P');
            Assert.True(best < 0 || choice.Set != names[best], string.Join(' ', words) + " writes " + choice.Set);
            Assert.Equal(NewestOf('C') >= 0 ? names[NewestOf('C')] : null, choice.Keeps);
            // A complete one is written only where all are.
            Assert.True(
                words[names.IndexOf(choice.Set)][0] != 'C' || words.TrueForAll(word => word[0] == 'C'),
                string.Join(' ', words) + " writes " + choice.Set
            );
        }
    }

    [Theory]
    [InlineData("C1 P2", null, "SetA")]
    [InlineData("P3 C1", null, "SetB")]
    [InlineData("D3 P4", null, "SetA")]
    [InlineData("P1 P2", null, "SetB")]
    [InlineData("W3 P1", null, "SetB")]
    [InlineData("Q3 P1", null, "SetB")]
    [InlineData("C1 P2", "SetB", "SetB")]
    public void Restoring_takes_a_partial_one_only_where_none_is_complete_or_it_is_named(
        string sets,
        string? named,
        string chosen
    )
    {
        var words = sets.Split(' ');
        var found = Found(["SetA", "SetB"], words);
        Assert.Equal(chosen, named ?? (SetCatalogue.Newest(found) ?? SetCatalogue.NewestPartial(found))!.Set);
    }

    [Theory]
    [InlineData("C1 C2 C3 P4", "3 2", "P4")]
    [InlineData("C1 P2 C3 C4", "4 3", "P2")]
    [InlineData("P1 P2", "", "P1")]
    [InlineData("P1", "", null)]
    [InlineData("C1 P2", "1", "P2")]
    public void Retention_never_counts_a_partial_one(string sets, string kept, string? adopted)
    {
        var words = sets.Split(' ');
        var names = words.Select(word => "2026-01-0" + word[1] + "_0200").ToList();
        var series = new SetSeries(
            new BackupPlan
            {
                Name = "nightly",
                Keep = new KeepRule { Last = 2 },
            },
            [Found(names, words)],
            "HV1"
        );
        var reasons = series
            .Judge(new KeepRule { Last = 2 }, TimeZoneInfo.Utc)
            .Where(item => item.Reasons.Count > 0)
            .Select(item => item.Set[9]);
        Assert.Equal(kept, string.Join(' ', reasons));
        Assert.Equal(adopted == null ? null : "2026-01-0" + adopted[1] + "_0200", series.UnfinishedOn("D")?.Set);
    }

    private static List<SetInfo> Found(IReadOnlyList<string> names, IReadOnlyList<string> words) =>
        names
            .Zip(words)
            .Where(pair => pair.Second != "-")
            .Select(pair => Set(pair.First, pair.Second[0], pair.Second[1] - '0'))
            .OrderByDescending(set => set.Sequence)
            .ToList();

    private static SetInfo Set(string name, char state, int number)
    {
        var condition = state switch
        {
            'C' or 'D' => SetCondition.Complete,
            'P' or 'Q' => SetCondition.Partial,
            _ => SetCondition.Writing,
        };
        return new SetInfo
        {
            Target = "D",
            Set = name,
            Path = "D/Backup-" + name,
            State = condition,
            FoundDamaged = state is 'D' or 'Q',
            Content = new SetState
            {
                Plan = "nightly",
                Set = name,
                RunId = new Guid(number, 0, 0, new byte[8]),
                Sequence = number,
                State = condition,
                Started = new DateTime(2026, 1, number, 2, 0, 0, DateTimeKind.Utc),
                Host = "HV1",
                Provider = "copy",
                Consistency = Consistency.None,
            },
        };
    }
}
