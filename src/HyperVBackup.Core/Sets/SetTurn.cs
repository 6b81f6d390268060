using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Sets;

/// <summary>Which set a run writes, and which stays.</summary>
/// <param name="Set">The set to write; where that differs between targets, that of the first.</param>
/// <param name="Sequence">The number of the new run.</param>
/// <param name="Keeps">The set that is kept as the newest good one; null when there is none yet.</param>
internal sealed record SetTurn(string Set, long Sequence, string? Keeps)
{
    /// <summary>Unfinished sets, at most one of each target, whose content the set takes over.</summary>
    public IReadOnlyList<SetInfo> Adopts { get; init; } = Array.Empty<SetInfo>();

    /// <summary>What each target writes and keeps, where that is not the same for all.</summary>
    public IReadOnlyDictionary<string, (string Set, string? Keeps)> Places { get; init; } =
        new Dictionary<string, (string Set, string? Keeps)>();

    /// <summary>Whether the targets write sets of different names.</summary>
    public bool IsApart =>
        Places.Values.Select(place => place.Set).Distinct(StringComparer.OrdinalIgnoreCase).Skip(1).Any();

    /// <summary>The set that is written on a target.</summary>
    public string SetOn(string target) => Places.TryGetValue(target, out var place) ? place.Set : Set;

    /// <summary>The set that is kept on a target as its newest good one; null when it has none.</summary>
    public string? KeptOn(string target) => Places.TryGetValue(target, out var place) ? place.Keeps : Keeps;

    /// <summary>What is written where, as "SetA on D:\ and E:\", or "SetA on D:\, SetB on E:\".</summary>
    public string Describe(IReadOnlyList<string> targets) =>
        string.Join(
            "; ",
            targets
                .GroupBy(SetOn, StringComparer.OrdinalIgnoreCase)
                .Select(same => same.Key + " on " + string.Join(", ", same))
        );
}

/// <summary>The plan's sets as one target sees them.</summary>
/// <param name="Newest">Its newest good set, which a run does not touch; null when it has none.</param>
/// <param name="Next">The set that is its own to write.</param>
internal sealed record SetPlace(string? Newest, string Next)
{
    /// <summary>Looks at one target.</summary>
    /// <param name="sets">The plan's sets, at least two, in their order.</param>
    /// <param name="found">For each target, the sets found there.</param>
    /// <param name="index">Which target.</param>
    public static SetPlace Of(IReadOnlyList<string> sets, IReadOnlyList<IReadOnlyList<SetInfo>> found, int index)
    {
        var there = sets.Select((name, order) => (Name: name, Order: order, Set: Named(found[index], name))).ToList();
        // What a run committed here counts for less than an older set that is whole if another target, which is at
        // hand,
        // has only something unfinished or damaged of that run. Where that target has nothing of it, another disk has.
        var spoilt = new HashSet<Guid>(
            found
                .SelectMany(part => part)
                .Where(set => set.State == SetCondition.Writing || set.FoundDamaged)
                .Select(set => set.RunId)
        );
        var newest = there
            .Where(item => item.Set is { IsGood: true })
            .OrderBy(item => spoilt.Contains(item.Set!.RunId))
            .ThenByDescending(item => item.Set!.Sequence)
            .FirstOrDefault()
            .Name;
        var next = there
            .Where(item => !string.Equals(item.Name, newest, StringComparison.OrdinalIgnoreCase))
            .OrderBy(item => item.Set is { IsGood: true })
            .ThenBy(item => item.Set is { FoundDamaged: true })
            .ThenBy(item => item.Set?.Sequence ?? 0)
            .ThenBy(item => item.Order)
            .First()
            .Name;
        return new SetPlace(newest, next);
    }

    private static SetInfo? Named(IReadOnlyList<SetInfo> sets, string name) =>
        sets.FirstOrDefault(set => string.Equals(set.Set, name, StringComparison.OrdinalIgnoreCase));
}
