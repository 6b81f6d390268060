using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>
/// Which set a run writes. Decided from what is on the targets and from nothing else: a set that is not whole first,
/// else the oldest whole one; never the
/// newest whole one, whatever clocks and earlier runs say; and while none is complete, not the newest partial one
/// either. Whole means complete on every target, by one run, and not found damaged by a verification.
/// One name serves all targets, unless that would take the newest good set of one of them: disks that take turns hold
/// other sets than the one they stand beside,
/// and so does a target whose other set was found damaged. Then each target writes the set that is its own to write.
/// </summary>
internal static class SetChooser
{
    /// <summary>Chooses, where each run writes a new set.</summary>
    /// <param name="series">The plan's sets.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="found">For each target, the sets found there.</param>
    /// <param name="name">The name of the new set.</param>
    public static SetTurn Choose(
        SetSeries series,
        IReadOnlyList<string> targets,
        IReadOnlyList<IReadOnlyList<SetInfo>> found,
        string name
    ) =>
        new(name, NextSequence(found), series.Newest)
        {
            Adopts = targets.Select(series.UnfinishedOn).OfType<SetInfo>().ToArray(),
        };

    /// <summary>Chooses.</summary>
    /// <param name="sets">The plan's sets, at least two, in their order.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="found">For each target, the sets found there.</param>
    public static SetTurn Choose(
        IReadOnlyList<string> sets,
        IReadOnlyList<string> targets,
        IReadOnlyList<IReadOnlyList<SetInfo>> found
    )
    {
        var candidates = sets.Select((name, order) => Candidate.Of(name, order, found)).ToList();
        // With whole sets around, only they count as good; a set that is complete on some targets only is what a failed
        // run left.
        var keep = candidates
            .Where(candidate => candidate.CompleteOn > 0)
            .OrderByDescending(candidate => candidate, ByWorth)
            .FirstOrDefault();
        // While none is complete, the newest partial one is the best there is, and another is written.
        var spare =
            keep
            ?? candidates
                .Where(candidate => candidate.PartialSequence > 0)
                .OrderByDescending(candidate => candidate.PartialSequence)
                .FirstOrDefault();
        var places = found.Select((_, i) => SetPlace.Of(sets, found, i)).ToList();
        var kept = places.ConvertAll(place => place.Newest);
        var write = candidates
            .Where(candidate => candidate != spare && !kept.Contains(candidate.Name, StringComparer.OrdinalIgnoreCase))
            .OrderBy(candidate => candidate, ByTurn)
            .FirstOrDefault();
        if (write != null)
            return new SetTurn(write.Name, NextSequence(found), keep?.Name)
            {
                Places = PlacesOf(targets, kept.ConvertAll(newest => (write.Name, newest ?? keep?.Name))),
            };
        var apart = places.ConvertAll(place => (place.Next, place.Newest));
        return new SetTurn(apart[0].Next, NextSequence(found), keep?.Name) { Places = PlacesOf(targets, apart) };
    }

    private static Dictionary<string, (string Set, string? Keeps)> PlacesOf(
        IReadOnlyList<string> targets,
        IReadOnlyList<(string Set, string? Keeps)> choices
    ) =>
        targets
            .Select((target, i) => (target, i))
            .ToDictionary(item => item.target, item => choices[item.i], PathOf.Comparer);

    private static readonly IComparer<Candidate> ByWorth = Comparer<Candidate>.Create(
        (one, other) =>
            FirstOf(
                one.IsWhole.CompareTo(other.IsWhole),
                one.CompleteOn.CompareTo(other.CompleteOn),
                one.Sequence.CompareTo(other.Sequence)
            )
    );

    // Of sets that were all found damaged the newest goes last: what is left of it may be wanted yet.
    private static readonly IComparer<Candidate> ByTurn = Comparer<Candidate>.Create(
        (one, other) =>
            FirstOf(
                one.IsWhole.CompareTo(other.IsWhole),
                one.CompleteOn.CompareTo(other.CompleteOn),
                one.Sequence.CompareTo(other.Sequence),
                one.DamagedSequence.CompareTo(other.DamagedSequence),
                one.Order.CompareTo(other.Order)
            )
    );

    private static int FirstOf(params int[] differences) => Array.Find(differences, difference => difference != 0);

    // Higher than of any set there, other plans' as well: the newest set of a target is told by it. Higher ones than
    // can be written were not read (SetStateLimits).
    private static long NextSequence(IReadOnlyList<IReadOnlyList<SetInfo>> found)
    {
        long highest = 0;
        foreach (var set in found.SelectMany(there => there))
            if (set.Sequence > highest && set.Sequence < SetStateLimits.MostSequence)
                highest = set.Sequence;
        return highest + 1;
    }

    private sealed class Candidate
    {
        public required string Name { get; init; }

        public required int Order { get; init; }

        public required bool IsWhole { get; init; }

        public required int CompleteOn { get; init; }

        public required long Sequence { get; init; }

        public required long DamagedSequence { get; init; }

        /// <summary>The run of its partial parts, where it has any that were not found damaged; else 0.</summary>
        public required long PartialSequence { get; init; }

        public static Candidate Of(string name, int order, IReadOnlyList<IReadOnlyList<SetInfo>> found)
        {
            var there = found
                .Select(sets =>
                    sets.FirstOrDefault(set => string.Equals(set.Set, name, StringComparison.OrdinalIgnoreCase))
                )
                .ToList();
            var complete = there.OfType<SetInfo>().Where(set => set.IsGood).ToList();
            return new Candidate
            {
                Name = name,
                Order = order,
                CompleteOn = complete.Count,
                IsWhole =
                    complete.Count > 0
                    && complete.Count == found.Count
                    && complete.TrueForAll(set => set.RunId == complete[0].RunId),
                Sequence = complete.Count == 0 ? 0 : complete.Max(set => set.Sequence),
                DamagedSequence = there
                    .OfType<SetInfo>()
                    .Where(set => set.FoundDamaged)
                    .Select(set => set.Sequence)
                    .DefaultIfEmpty()
                    .Max(),
                PartialSequence = there
                    .OfType<SetInfo>()
                    .Where(set => set.IsPartial && !set.FoundDamaged)
                    .Select(set => set.Sequence)
                    .DefaultIfEmpty()
                    .Max(),
            };
        }
    }
}
