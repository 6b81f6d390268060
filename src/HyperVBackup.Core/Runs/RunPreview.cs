using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Runs.Preparing;

namespace HyperVBackup.Runs;

/// <summary>What a run of a plan would do, found out without touching anything. Plain data.</summary>
public sealed record RunPreview
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The set that would be written.</summary>
    public required string Set { get; init; }

    /// <summary>The set that stays as the last good one; null when there is none yet.</summary>
    public string? Keeps { get; init; }

    /// <summary>The number the run would have.</summary>
    public long Sequence { get; init; }

    /// <summary>The folders that would be read.</summary>
    public IReadOnlyList<string> Sources { get; init; } = Array.Empty<string>();

    /// <summary>The virtual machines that would be captured, with how.</summary>
    public IReadOnlyList<HyperVMachine> Machines { get; init; } = Array.Empty<HyperVMachine>();

    /// <summary>
    /// What would be written, on each target. Without the count of what would be deleted nothing is known of the room
    /// it needs.
    /// </summary>
    public IReadOnlyList<TargetCheck> Targets { get; init; } = Array.Empty<TargetCheck>();

    /// <summary>
    /// Older sets that would be removed once the new one is complete, because the plan's "keep" does not keep them.
    /// </summary>
    public IReadOnlyList<PruneDecision> Removes { get; init; } = Array.Empty<PruneDecision>();

    /// <summary>
    /// Files that are in the set and no longer in the sources: they would be deleted. Null when they were not counted.
    /// </summary>
    public long? FilesToDelete { get; init; }

    /// <summary>Their bytes.</summary>
    public long? BytesToDelete { get; init; }

    /// <summary>Looks.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="countDeletions">Whether to walk the sources and the set, to say how much would be deleted, and what
    /// room is needed.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="PlanException">The plan cannot be used.</exception>
    /// <exception cref="BackupException">A target is missing, or its sets are somebody else's: the run would fail in
    /// the same way.</exception>
    public static RunPreview Of(BackupPlan plan, RunContext context, bool countDeletions, CancellationToken cancel)
    {
        var files = context.Files;
        PlanValidator.Require(plan, files);
        var prepared = RunPreparer.ToShow(PreparedRun.Of(ResolvedPlan.Of(plan, files), context.Clock.UtcNow), context);
        var run = prepared.Decided();
        var jobs = run.Jobs.Where(job => job.Refused == null).ToList();
        var checker = new TargetChecker(
            prepared,
            context,
            (_, failure) => throw new BackupException(failure),
            _ => { }
        );
        checker.Look();
        if (countDeletions)
            foreach (var job in jobs)
                checker.Count(job, failure => throw new BackupException(failure), cancel);
        var (choice, targets) = (run.Choice, checker.Describe());
        return new RunPreview
        {
            Plan = run.Plan.Name,
            Set = choice.Set,
            Keeps = choice.Keeps,
            Sequence = choice.Sequence,
            Sources = jobs.Select(job => job.Source).Distinct(PathOf.Comparer).ToArray(),
            Machines = prepared.Machines,
            Targets = targets,
            Removes = checker.Removes,
            FilesToDelete = countDeletions ? targets.Sum(target => target.FilesToDelete) : null,
            BytesToDelete = countDeletions ? targets.Sum(target => target.BytesToDelete) : null,
        };
    }
}
