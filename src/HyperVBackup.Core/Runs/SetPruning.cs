using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs;

/// <summary>Removes the sets that a plan's "keep" does not keep. The locks of its targets are held.</summary>
internal static class SetPruning
{
    /// <summary>The sets that would go, and those that stay with why, the newest first.</summary>
    /// <param name="plan">The plan, with its links resolved.</param>
    /// <param name="found">For each of its targets, the sets found there.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="upcoming">When a run starts whose set would be there as well; null: none.</param>
    public static IReadOnlyList<PruneDecision> Judge(
        BackupPlan plan,
        IReadOnlyList<IReadOnlyList<SetInfo>> found,
        RunContext context,
        DateTime? upcoming = null
    ) => Judged(plan, found, context, upcoming).Select(item => item.Decision).ToArray();

    /// <summary>Removes them, the oldest first. One that cannot be removed does not keep the others.</summary>
    /// <param name="plan">The plan, with its links resolved.</param>
    /// <param name="targets">Its targets.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="fail">Told what could not be removed.</param>
    /// <param name="cancel">Stops it, between two sets.</param>
    /// <returns>The sets that were removed.</returns>
    public static IReadOnlyList<string> Run(
        BackupPlan plan,
        IReadOnlyList<string> targets,
        RunContext context,
        Action<Failure> fail,
        CancellationToken cancel
    )
    {
        var removed = new List<string>();
        Guarded(() =>
        {
            foreach (
                var (decision, parts) in Judged(plan, Found(targets, context), context)
                    .Where(item => item.Decision.IsRemoved)
                    .Reverse()
            )
            {
                if (cancel.IsCancellationRequested)
                    return;
                Guarded(() =>
                {
                    context.Story("Removing " + decision.Set + ", which the plan does not keep.");
                    SetRemover.Remove(context.Files, parts);
                    removed.Add(decision.Set);
                });
            }

            foreach (var target in targets)
                SetRemover.RemoveRemains(context.Files, target);
        });
        return removed;

        void Guarded(Action act)
        {
            try
            {
                act();
            }
            catch (BackupException e)
            {
                fail(e.Failure);
            }
        }
    }

    /// <summary>For each target, the sets found there now.</summary>
    /// <exception cref="BackupException">A target cannot be read.</exception>
    public static IReadOnlyList<IReadOnlyList<SetInfo>> Found(IEnumerable<string> targets, RunContext context) =>
        targets.Select(target => SetCatalogue.List(context.Files, target)).ToList();

    private static IEnumerable<(PruneDecision Decision, IReadOnlyList<SetInfo> Parts)> Judged(
        BackupPlan plan,
        IReadOnlyList<IReadOnlyList<SetInfo>> found,
        RunContext context,
        DateTime? upcoming = null
    )
    {
        return new SetSeries(plan, found, context.Host)
            .Judge(plan.Keep!, context.Zone, upcoming)
            .Select(item =>
                (
                    new PruneDecision
                    {
                        Set = item.Set,
                        Started = item.Parts[0].Started,
                        Bytes = SetStateLimits.Sum(item.Parts.Select(part => part.Bytes)),
                        Targets = item.Parts.Select(part => part.Target).ToArray(),
                        Reasons = item.Reasons.ToArray(),
                    },
                    item.Parts
                )
            );
    }
}

/// <summary>Whether a set stays. Plain data.</summary>
public sealed record PruneDecision
{
    /// <summary>The set.</summary>
    public required string Set { get; init; }

    /// <summary>When its run started, UTC.</summary>
    public DateTime? Started { get; init; }

    /// <summary>Its bytes on all its targets; what it shares with other sets is not freed.</summary>
    public long Bytes { get; init; }

    /// <summary>Its targets.</summary>
    public IReadOnlyList<string> Targets { get; init; } = Array.Empty<string>();

    /// <summary>Why it stays, as "last", "daily 2026-11-25"; none: it goes.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = Array.Empty<string>();

    /// <summary>Whether it goes.</summary>
    public bool IsRemoved => Reasons.Count == 0;
}
