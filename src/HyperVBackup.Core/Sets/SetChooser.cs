using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets;

/// <summary>
/// Which set a run writes. Decided from what is on the targets and from nothing else: a set that is not whole first, else the oldest whole one; never the
/// newest whole one, whatever clocks and earlier runs say. Whole means complete on every target, by one run, and not found damaged by a verification.
/// </summary>
internal static class SetChooser
{
    /// <summary>The choice.</summary>
    /// <param name="Set">The set to write.</param>
    /// <param name="Sequence">The number of the new run.</param>
    /// <param name="Keeps">The set that is kept as the newest good one; null when there is none yet.</param>
    internal sealed record Choice(string Set, long Sequence, string? Keeps)
    {
        /// <summary>Unfinished sets, at most one of each target, whose content the set takes over.</summary>
        public IReadOnlyList<SetInfo> Adopts { get; init; } = Array.Empty<SetInfo>();
    }

    /// <summary>Chooses, where each run writes a new set.</summary>
    /// <param name="series">The plan's sets.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="found">For each target, the sets found there.</param>
    /// <param name="name">The name of the new set.</param>
    public static Choice Choose(SetSeries series, IReadOnlyList<string> targets, IReadOnlyList<IReadOnlyList<SetInfo>> found, string name) =>
        new(name, NextSequence(found), series.Newest) { Adopts = targets.Select(series.UnfinishedOn).OfType<SetInfo>().ToArray() };

    /// <summary>Chooses.</summary>
    /// <param name="sets">The plan's sets, at least two, in their order.</param>
    /// <param name="found">For each target, the sets found there.</param>
    public static Choice Choose(IReadOnlyList<string> sets, IReadOnlyList<IReadOnlyList<SetInfo>> found)
    {
        var candidates = sets.Select((name, order) => Candidate.Of(name, order, found)).ToList();
        // With whole sets around, only they count as good; a set that is complete on some targets only is what a failed run left.
        var keep = candidates.Where(candidate => candidate.CompleteOn > 0).OrderByDescending(candidate => candidate, ByWorth).FirstOrDefault();
        var write = candidates.Where(candidate => candidate != keep).OrderBy(candidate => candidate, ByTurn).First();
        return new Choice(write.Name, NextSequence(found), keep?.Name);
    }

    private static readonly IComparer<Candidate> ByWorth = Comparer<Candidate>.Create((one, other) => FirstOf(
        one.IsWhole.CompareTo(other.IsWhole),
        one.CompleteOn.CompareTo(other.CompleteOn),
        one.Sequence.CompareTo(other.Sequence)));

    private static readonly IComparer<Candidate> ByTurn = Comparer<Candidate>.Create((one, other) => FirstOf(
        one.IsWhole.CompareTo(other.IsWhole),
        one.CompleteOn.CompareTo(other.CompleteOn),
        one.Sequence.CompareTo(other.Sequence),
        one.Order.CompareTo(other.Order)));

    private static int FirstOf(params int[] differences) => Array.Find(differences, difference => difference != 0);

    // Higher than of any set there, other plans' as well: the newest set of a target is told by it. A number out of reach of honest counting is a forgery.
    private static long NextSequence(IReadOnlyList<IReadOnlyList<SetInfo>> found)
    {
        long highest = 0;
        foreach (var set in found.SelectMany(there => there))
            if (set.Sequence > highest && set.Sequence < long.MaxValue / 2) highest = set.Sequence;
        return highest + 1;
    }

    private sealed class Candidate
    {
        public required string Name { get; init; }

        public required int Order { get; init; }

        public required bool IsWhole { get; init; }

        public required int CompleteOn { get; init; }

        public required long Sequence { get; init; }

        public static Candidate Of(string name, int order, IReadOnlyList<IReadOnlyList<SetInfo>> found)
        {
            var there = found.Select(sets => sets.FirstOrDefault(set => string.Equals(set.Set, name, StringComparison.OrdinalIgnoreCase))).ToList();
            var complete = there.OfType<SetInfo>().Where(set => set.IsGood).ToList();
            return new Candidate
            {
                Name = name,
                Order = order,
                CompleteOn = complete.Count,
                IsWhole = complete.Count > 0 && complete.Count == found.Count && complete.TrueForAll(set => set.RunId == complete[0].RunId),
                Sequence = complete.Count == 0 ? 0 : complete.Max(set => set.Sequence),
            };
        }
    }
}
