using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Sets;

namespace HyperVBackup.Reports;

/// <summary>From runs and sets to what is backed up and how it stands.</summary>
internal sealed class ItemBuilder
{
    private const int Points = 24;

    // Clocks differ by minutes; what is further ahead was made while a clock was wrong, and its age is not known.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    private readonly IReadOnlyList<RunFacts> _runs;
    private readonly IReadOnlyList<TargetReport> _targets;
    private readonly DateTime _now;
    private readonly TimeSpan _staleAfter;
    private readonly Dictionary<Guid, DateTime> _startedBy = new();

    /// <summary>A builder.</summary>
    /// <param name="runs">All runs, the newest first.</param>
    /// <param name="targets">The targets that were looked at.</param>
    /// <param name="now">Now.</param>
    /// <param name="staleAfter">The age from which a copy is too old.</param>
    public ItemBuilder(
        IReadOnlyList<RunFacts> runs,
        IReadOnlyList<TargetReport> targets,
        DateTime now,
        TimeSpan staleAfter
    )
    {
        (_runs, _targets, _now, _staleAfter) = (runs, targets, now, staleAfter);
        foreach (var run in runs)
            _startedBy[run.Run.RunId] = run.Run.Started;
        foreach (var set in Sets().Where(set => set.Started != null))
            _startedBy[set.RunId] = Amounts.Time(set.Started!.Value);
    }

    /// <summary>All items, the worst first.</summary>
    public IReadOnlyList<ProtectedItem> Build()
    {
        var found = new Dictionary<string, Found>(StringComparer.Ordinal);
        foreach (var run in _runs.Where(run => run.Run.Outcome != ReportOutcome.Skipped))
        foreach (var item in run.Items)
            FoundAs(found, item.Key, item.Kind, item.Name, run.Run.Host, run.Run.Plan, item.Folder).Add(run, item);
        foreach (var target in _targets)
        foreach (var set in target.Sets.Where(set => set.IsGood))
        foreach (var job in set.Jobs)
            Note(found, target, set, job);
        foreach (var run in _runs)
            NoteFailure(found, run);
        return found
            .Values.Select(Judge)
            .Concat(Plans(found.Values))
            .OrderBy(item => item.State)
            .ThenBy(item => item.Kind)
            .ThenBy(item => item.LastGood ?? DateTime.MinValue, Comparer<DateTime>.Default)
            .ThenBy(item => item.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();
    }

    private IEnumerable<SetInfo> Sets() => _targets.SelectMany(target => target.Sets);

    private static Found FoundAs(
        Dictionary<string, Found> found,
        string key,
        ItemKind kind,
        string name,
        string host,
        string plan,
        string folder
    )
    {
        if (!found.TryGetValue(key, out var item))
            found.Add(key, item = new Found(key, kind, name, host, plan, folder));
        return item;
    }

    private void Note(Dictionary<string, Found> found, TargetReport target, SetInfo set, SetJob job)
    {
        var isMachine = Guid.TryParse(job.MachineId, out var id);
        var key = isMachine ? ItemKey.OfMachine(set.Host, id) : ItemKey.OfFolder(set.Host, job.Source, job.Folder);
        var item = FoundAs(
            found,
            key,
            isMachine ? ItemKind.Machine : ItemKind.Folder,
            isMachine ? job.Machine : job.Source,
            set.Host,
            set.Plan,
            job.Folder
        );
        var asOf =
            job.KeptFrom == Guid.Empty ? Amounts.Time(set.Started ?? DateTime.MinValue)
            : _startedBy.TryGetValue(job.KeptFrom, out var kept) ? kept
            : (DateTime?)null;
        item.Copies.Add(new ItemCopy(target.Target, set.Set, asOf, true));
        if (item.SeenBytes == 0)
            item.SeenBytes = Amounts.Bytes(job.Bytes);
    }

    // A run that failed before it knew what to copy failed for everything that its plan copies.
    private static void NoteFailure(Dictionary<string, Found> found, RunFacts run)
    {
        if (run.Run.Outcome is not (ReportOutcome.Failed or ReportOutcome.Cancelled))
            return;
        foreach (var item in found.Values)
            if (item.Plan == run.Run.Plan && item.IsKnownTo(run) is false)
                item.Missed.Add(run);
    }

    private ProtectedItem Judge(Found item)
    {
        var tries = item
            .Tries.Select(done => (done.Run, Facts: (ItemFacts?)done.Item))
            .Concat(item.Missed.Select(run => (Run: run, Facts: (ItemFacts?)null)))
            .OrderByDescending(done => done.Run.Run.Started)
            .ToList();
        var good = tries.FirstOrDefault(done => done.Facts is { IsGood: true });
        var notes = new List<string>();
        var copies = Copies(item, good.Run, good.Facts, notes);
        var lastGood = copies.Select(copy => copy.AsOf).FirstOrDefault(time => time <= _now + Ahead);
        var failed = tries.TakeWhile(done => done.Facts is not { IsGood: true }).ToList();
        var isDropped =
            item.Tries.Count > 0
            && _runs.TakeWhile(run => run != item.Tries[0].Run).Any(run => run.Run.IsGood && run.Run.Plan == item.Plan);
        if (isDropped)
            notes.Add("The newest run of the plan '" + item.Plan + "' did not include it.");
        if (lastGood == null && copies.Count > 0)
            notes.Add(
                copies.Any(copy => copy.AsOf > _now)
                    ? "Its copy is dated in the future: a clock was wrong, and its age is not known."
                    : "There is an older copy of it that was kept; its age is not known."
            );
        return new ProtectedItem
        {
            Kind = item.Kind,
            Name = item.Name,
            Host = item.Host,
            Plan = item.Plan,
            Folder = item.Folder,
            State =
                isDropped ? ItemState.Dropped
                : copies.Count == 0 ? ItemState.NoCopy
                : lastGood == null || _now - lastGood > _staleAfter ? ItemState.Stale
                : failed.Count > 0 ? ItemState.LastFailed
                : ItemState.Good,
            LastGood = lastGood,
            StaleAt = lastGood + _staleAfter,
            Copies = copies,
            Bytes = good.Facts?.Bytes ?? item.SeenBytes,
            BytesWritten = good.Facts?.BytesWritten,
            ChangedShare = good.Facts?.ChangedShare,
            Rate = good.Facts?.Rate,
            Capture = item.Tries.Count > 0 ? item.Tries[0].Item.Capture : "",
            Points = tries
                .Take(Points)
                .Reverse()
                .Select(done => new ItemPoint(
                    done.Run.Run.Started,
                    done.Facts is { IsGood: true },
                    done.Facts?.BytesWritten ?? 0
                ))
                .ToList(),
            FailedTries = failed.Count,
            Failure = failed.Select(done => done.Facts?.Failure ?? done.Run.FirstFailure).FirstOrDefault(),
            Notes = notes,
        };
    }

    // Targets that were looked at speak for themselves; of the others, the history says what it knows.
    private List<ItemCopy> Copies(Found item, RunFacts? run, ItemFacts? facts, List<string> notes)
    {
        var copies = new List<ItemCopy>(item.Copies);
        foreach (var target in facts?.Targets ?? Array.Empty<string>())
        {
            var seen = _targets.FirstOrDefault(looked => PathOf.Comparer.Equals(looked.Target, target));
            if (seen is { Problem: null })
            {
                if (
                    !item.Copies.Any(copy =>
                        PathOf.Comparer.Equals(copy.Target, target) && copy.AsOf >= run!.Run.Started
                    )
                )
                    notes.Add(
                        "The copy that the run of " + run!.Run.Set + " wrote to " + target + " is not there any more."
                    );
                continue;
            }

            if (seen != null)
                notes.Add("Whether its copy on " + target + " is still there could not be checked.");
            copies.Add(new ItemCopy(target, run!.Run.Set, run.Run.Started, false));
        }

        return copies
            .OrderByDescending(copy => copy.AsOf ?? DateTime.MinValue)
            .ThenBy(copy => copy.Target, PathOf.Comparer)
            .ToList();
    }

    // One run that failed beside others that went well may be a slip of somebody's; a plan that fails again and again
    // is meant.
    private IEnumerable<ProtectedItem> Plans(ICollection<Found> found)
    {
        var known = new HashSet<string>(
            found.Select(item => item.Plan).Concat(_runs.Where(run => run.Items.Count > 0).Select(run => run.Run.Plan)),
            StringComparer.Ordinal
        );
        return _runs
            .Where(run => run.Run.Outcome != ReportOutcome.Skipped && !known.Contains(run.Run.Plan))
            .GroupBy(run => run.Run.Plan, StringComparer.Ordinal)
            .Select(runs => new ProtectedItem
            {
                Kind = ItemKind.Plan,
                Name = runs.Key,
                Host = runs.First().Run.Host,
                Plan = runs.Key,
                State = found.Count == 0 || runs.Count() > 1 ? ItemState.NoCopy : ItemState.LastFailed,
                FailedTries = runs.Count(),
                Points = runs.Take(Points).Reverse().Select(run => new ItemPoint(run.Run.Started, false, 0)).ToList(),
                Failure = runs.First().FirstFailure,
            });
    }

    private sealed class Found
    {
        private readonly HashSet<RunFacts> _triedBy = new();

        public Found(string key, ItemKind kind, string name, string host, string plan, string folder) =>
            (Key, Kind, Name, Host, Plan, Folder) = (key, kind, name, host, plan, folder);

        public string Key { get; }

        public ItemKind Kind { get; }

        public string Name { get; }

        public string Host { get; }

        public string Plan { get; }

        public string Folder { get; }

        public long SeenBytes { get; set; }

        /// <summary>The runs that listed it, the newest first.</summary>
        public List<(RunFacts Run, ItemFacts Item)> Tries { get; } = new();

        /// <summary>The runs that should have, and failed before.</summary>
        public List<RunFacts> Missed { get; } = new();

        public List<ItemCopy> Copies { get; } = new();

        public void Add(RunFacts run, ItemFacts item)
        {
            Tries.Add((run, item));
            _triedBy.Add(run);
        }

        /// <summary>Whether a run listed it; null for a run of the time before there was such an item.</summary>
        public bool? IsKnownTo(RunFacts run) =>
            Tries.Count == 0 || run.Run.Started < Tries[Tries.Count - 1].Run.Run.Started
                ? null
                : _triedBy.Contains(run);
    }
}
