using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs;

/// <summary>
/// Removes the sets that a plan's "keep" does not keep, without a backup: what each run of the plan does at its end.
/// </summary>
public static class PruneRun
{
    /// <summary>Looks, touching nothing.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="context">What it works with.</param>
    /// <returns>Every set of the plan that counts, the newest first, with why it stays, or that it goes.</returns>
    /// <exception cref="PlanException">The plan cannot be used, or has no "keep".</exception>
    /// <exception cref="BackupException">A target is missing or cannot be read.</exception>
    public static IReadOnlyList<PruneDecision> Preview(BackupPlan plan, RunContext context)
    {
        var (real, targets) = Prepare(plan, context);
        return SetPruning.Judge(real, SetPruning.Found(targets, context), context);
    }

    /// <summary>Removes them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancel">Stops it, between two sets.</param>
    /// <exception cref="PlanException">The plan cannot be used, or has no "keep"; nothing was touched.</exception>
    /// <exception cref="BackupException">A target is missing or cannot be read, or a run holds a lock; nothing was
    /// removed.</exception>
    public static PruneResult Execute(BackupPlan plan, RunContext context, CancellationToken cancel)
    {
        var (real, targets) = Prepare(plan, context);
        var locks = new List<IDisposable>();
        try
        {
            context.State.Create(context.Files);
            foreach (
                var path in new[] { context.State.Lock }.Concat(
                    targets.OrderBy(target => target, StringComparer.Ordinal).Select(RunLock.OnTarget)
                )
            )
                locks.Add(context.TakeLock(context.Files, path, real.Name, context.Clock.UtcNow));
            foreach (var target in targets)
                SetWriter.Settle(context.Files, target, null);
            var decisions = SetPruning.Judge(real, SetPruning.Found(targets, context), context);
            var failures = new List<Failure>();
            var removed = SetPruning.Run(real, targets, context, failures.Add, cancel);
            return new PruneResult
            {
                Plan = real.Name,
                Sets = decisions,
                Removed = removed,
                Failures = failures.ToArray(),
            };
        }
        finally
        {
            foreach (var held in Enumerable.Reverse(locks))
                held.Dispose();
        }
    }

    private static (BackupPlan Plan, IReadOnlyList<string> Targets) Prepare(BackupPlan plan, RunContext context)
    {
        PlanValidator.Require(plan, context.Files);
        if (plan.Keep == null)
            throw new PlanException(
                "The plan '" + plan.Name + "'",
                new[]
                {
                    new PlanProblem(
                        "keep",
                        "it is missing, so its sets take turns and none is removed; as { \"last\": 7, \"daily\": 14 }"
                    ),
                }
            );
        var real = ResolvedPlan.Of(plan, context.Files);
        var begin = PreparedRun.Of(real, context.Clock.UtcNow);
        var named = real.Jobs.SelectMany(job => job.Targets).Concat(real.VirtualMachineTargets);
        var run = TargetSteps.Require(begin, named, context.Files);
        run.RequireNoProblem();
        return (real, run.Targets.Select(target => target.Path).ToList());
    }
}

/// <summary>What was removed. Plain data.</summary>
public sealed record PruneResult
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>Its sets as they were before, the newest first, with why each stays.</summary>
    public IReadOnlyList<PruneDecision> Sets { get; init; } = Array.Empty<PruneDecision>();

    /// <summary>The sets that were removed.</summary>
    public IReadOnlyList<string> Removed { get; init; } = Array.Empty<string>();

    /// <summary>What could not be removed, and why.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = Array.Empty<Failure>();

    /// <summary>The process exit code for it: 0 or 1.</summary>
    public int ExitCode => Failures.Count == 0 ? 0 : 1;
}
