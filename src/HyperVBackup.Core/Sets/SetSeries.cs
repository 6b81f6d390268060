using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Plans;

namespace HyperVBackup.Sets;

/// <summary>
/// The sets of a plan that names them by time, over all its targets: what counts, what is unfinished, and what need not
/// be kept.
/// </summary>
internal sealed class SetSeries
{
    private readonly IReadOnlyList<Item> _items;

    /// <summary>Looks at what was found.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="found">For each target, the sets found there.</param>
    /// <param name="host">This host.</param>
    public SetSeries(BackupPlan plan, IReadOnlyList<IReadOnlyList<SetInfo>> found, string host)
    {
        _items = found
            .SelectMany(sets => sets)
            .Where(set => SetNames.IsOfTime(set.Set) && SetOwnership.Owns(plan, set, host))
            .GroupBy(set => set.Set, StringComparer.OrdinalIgnoreCase)
            .Select(parts => new Item(parts.Key, parts.ToList()))
            .OrderByDescending(item => item.Sequence)
            .ThenByDescending(item => item.Name, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>
    /// The newest set that is complete wherever it is, on the most targets. Not one that is complete on some targets
    /// and unfinished on others, unless there is no better.
    /// </summary>
    public string? Newest =>
        _items
            .Where(item => item.CompleteOn > 0)
            .OrderByDescending(item => !item.FoundDamaged)
            .ThenByDescending(item => item.Counts)
            .ThenByDescending(item => item.Counts ? item.Sequence : item.CompleteOn)
            .ThenByDescending(item => item.Sequence)
            .FirstOrDefault()
            ?.Name;

    // While none is complete, the newest partial one is the best there is, and a new set is written beside it.
    private string? Spare =>
        Newest != null
            ? null
            : _items.FirstOrDefault(item => item.Parts.All(part => part.IsPartial && !part.FoundDamaged))?.Name;

    /// <summary>
    /// What runs that did not end, or not whole, have left on a target, or a removal that did not end: the next run
    /// writes it first.
    /// </summary>
    public SetInfo? UnfinishedOn(string target)
    {
        var there = _items
            .SelectMany(item => item.Parts)
            .Where(part => PathOf.Comparer.Equals(part.Target, target))
            .ToList();
        return _items
            .Where(item => item.IsUnfinished && item.Name != Newest && item.Name != Spare)
            .SelectMany(item => item.Parts)
            .FirstOrDefault(part =>
                PathOf.Comparer.Equals(part.Target, target) && (!part.IsGood || there.Count(other => other.IsGood) > 1)
            );
    }

    /// <summary>
    /// Sets and why each is kept, the newest first; those with no reason can go. Only sets that no verification found
    /// damaged use the rule's numbers up; the others
    /// are kept where the rule would keep them among all, and never instead of a good one.
    /// </summary>
    /// <param name="rule">The plan's rule.</param>
    /// <param name="zone">The host's time zone.</param>
    /// <param name="upcoming">When a run starts whose set would be there as well; null: none.</param>
    public IReadOnlyList<(string Set, IReadOnlyList<SetInfo> Parts, IReadOnlyList<string> Reasons)> Judge(
        KeepRule rule,
        TimeZoneInfo zone,
        DateTime? upcoming = null
    )
    {
        var counting = _items.Where(item => item.Counts).ToList();
        var more = upcoming == null ? Array.Empty<DateTime>() : new[] { upcoming.Value };
        var ofAll = Retention
            .Apply(rule, more.Concat(counting.Select(item => item.Started)).ToList(), zone)
            .Skip(more.Length)
            .ToList();
        var ofGood = new Queue<IReadOnlyList<string>>(
            Retention
                .Apply(
                    rule,
                    more.Concat(counting.Where(item => !item.FoundDamaged).Select(item => item.Started)).ToList(),
                    zone
                )
                .Skip(more.Length)
        );
        var reasons = counting
            .Select(
                (item, i) =>
                    item.FoundDamaged
                        ? ofAll[i].Select(why => why + ", but found damaged").ToList()
                        : ofGood.Dequeue().ToList()
            )
            .ToList();
        // A target that was added later, or whose disk is new, holds fewer sets than the others; or a verification
        // found damage in some there.
        foreach (
            var target in counting.SelectMany(item => item.Parts).Select(part => part.Target).Distinct(PathOf.Comparer)
        )
        foreach (
            var i in Enumerable
                .Range(0, counting.Count)
                .Where(i => counting[i].Parts.Any(part => part.IsGood && PathOf.Comparer.Equals(part.Target, target)))
                .Take(Retention.Least - more.Length)
        )
            if (reasons[i].Count == 0)
                reasons[i].Add("newest two of " + target);
        // A virtual machine that could not be captured lately has no copy but an old one, and that should be a good
        // one.
        var had = new HashSet<string>(
            counting.Where((item, i) => !item.FoundDamaged && reasons[i].Count > 0).SelectMany(item => item.Machines),
            StringComparer.OrdinalIgnoreCase
        );
        foreach (var i in Enumerable.Range(0, counting.Count).OrderBy(i => counting[i].FoundDamaged))
        {
            var only = counting[i].Machines.Where(had.Add).ToList();
            if (only.Count > 0)
                reasons[i].Add("the only copy of " + string.Join(", ", only.Select(id => counting[i].NameOf(id))));
        }

        return counting.Select((item, i) => (item.Name, item.Parts, (IReadOnlyList<string>)reasons[i])).ToList();
    }

    private sealed class Item
    {
        public Item(string name, IReadOnlyList<SetInfo> parts) => (Name, Parts) = (name, parts);

        public string Name { get; }

        public IReadOnlyList<SetInfo> Parts { get; }

        public int CompleteOn => Parts.Count(part => part.State == SetCondition.Complete);

        /// <summary>
        /// Complete wherever it is, by one run. Where it is not, it may never have been: the target is newer than the
        /// set.
        /// </summary>
        public bool Counts => CompleteOn == Parts.Count && Parts.Select(part => part.RunId).Distinct().Count() == 1;

        public bool FoundDamaged => Parts.Any(part => part.FoundDamaged);

        public bool IsUnfinished =>
            Parts.Any(part => part.State is SetCondition.Writing or SetCondition.Damaged or SetCondition.Partial);

        public long Sequence => Parts.Max(part => part.Sequence);

        public DateTime Started => Parts[0].Started ?? default;

        public IEnumerable<string> Machines =>
            Parts
                .SelectMany(part => part.Jobs)
                .Select(job => job.MachineId)
                .Where(id => id.Length > 0)
                .Distinct(StringComparer.OrdinalIgnoreCase);

        public string NameOf(string machine) =>
            Parts
                .SelectMany(part => part.Jobs)
                .First(job => string.Equals(job.MachineId, machine, StringComparison.OrdinalIgnoreCase))
                .Machine;
    }
}
