using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// Decides what a run would do, step by step: provider, jobs, targets, sets, whose they are, which is written, machine
/// folders, guard, warnings. Writes nothing, but for what the run that acts on it wants to hold while it decides.
/// </summary>
internal static class RunPreparer
{
    /// <summary>
    /// For a run that acts on it. The first problem is the last: nothing further is looked at, and no lock is taken
    /// that is of no use.
    /// </summary>
    /// <param name="begin">The plan, with links resolved.</param>
    /// <param name="context">What the run works with.</param>
    /// <param name="takeLock">Takes the lock at a path, or throws a <see cref="BackupException"/>.</param>
    public static PreparedRun ToAct(PreparedRun begin, RunContext context, Action<string> takeLock)
    {
        var run = begin;
        foreach (var step in Steps(context, takeLock))
        {
            run = step(run);
            if (run.Problems.Count > 0)
                break;
        }

        return run;
    }

    /// <summary>
    /// For who wants to know all that is wrong at once. Nothing is touched: no lock is taken, and no provider tries
    /// anything out on the volumes.
    /// </summary>
    /// <param name="begin">The plan, with links resolved, without the jobs that are known to be wrong.</param>
    /// <param name="context">What a run would work with.</param>
    public static PreparedRun ToShow(PreparedRun begin, RunContext context) =>
        Steps(context, null).Aggregate(begin, (run, step) => step(run));

    private static IEnumerable<Func<PreparedRun, PreparedRun>> Steps(RunContext context, Action<string>? takeLock)
    {
        yield return run => SourceSteps.ChooseProvider(run, context.Providers, takeLock != null);
        yield return SourceSteps.FindMachines;
        yield return SourceSteps.MakeJobs;
        yield return run => TargetSteps.Require(run, context.Files);
        if (takeLock != null)
            yield return run => TargetSteps.Lock(run, takeLock);
        yield return run => TargetSteps.ListSets(run, context.Files);
        yield return run => ChoiceSteps.ChooseNames(run, context.Host);
        yield return ChoiceSteps.RequireReadable;
        yield return run => ChoiceSteps.Choose(run, context);
        yield return run => ChoiceSteps.RequireOwn(run, context.Host);
        yield return ChoiceSteps.SettleFolders;
        yield return run => ChoiceSteps.GuardSources(run, context);
        yield return run => LostSets.Look(run, context);
        yield return ChoiceSteps.Tell;
    }
}
