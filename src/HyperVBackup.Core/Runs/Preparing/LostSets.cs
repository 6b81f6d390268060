using System;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// Targets that hold no sets any more, though this host's history says that a run wrote one there. A mount point whose
/// disk is not mounted is an empty folder of another disk: the run would fill that. A disk that takes turns with
/// others looks the same, so it is no failure.
/// </summary>
internal static class LostSets
{
    /// <summary>Warns of them.</summary>
    /// <param name="run">The run so far.</param>
    /// <param name="context">What it works with.</param>
    public static PreparedRun Look(PreparedRun run, RunContext context)
    {
        foreach (var target in run.Targets.Where(target => target.Sets is { Count: 0 }))
        {
            try
            {
                if (LastOn(target.Path, run, context) is { } last)
                    run = run.With(RunWarning.Of(Words(target.Path, last)));
            }
            catch (BackupException e)
            {
                run = run.With(run.Properties.OfTarget(target.Path), e.Failure);
            }
        }

        return run;
    }

    private static RunResult? LastOn(string target, PreparedRun run, RunContext context) =>
        RunHistory
            .Entries(context.Files, context.State)
            .Select(entry => entry.Result)
            .OfType<RunResult>()
            .FirstOrDefault(past =>
                past.Plan == run.Plan.Name
                && past.Set.Length > 0
                && past.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings
                && past.Jobs.Any(job => PathOf.Comparer.Equals(job.Target, target))
            );

    private static string Words(string target, RunResult last) =>
        target
        + " holds no sets, but run "
        + last.Sequence
        + " wrote "
        + SetWrittenOn(last, target)
        + " there. Is it the disk that it should be, and is it mounted?";

    private static string SetWrittenOn(RunResult run, string target)
    {
        var folder = run.Jobs.First(job => PathOf.Comparer.Equals(job.Target, target)).Folder;
        var leaf = PathOf.Parent(folder) is { } set ? PathOf.Leaf(set) : "";
        return leaf.StartsWith(SetLayout.Prefix, StringComparison.Ordinal)
            ? leaf.Substring(SetLayout.Prefix.Length)
            : run.Set;
    }
}
