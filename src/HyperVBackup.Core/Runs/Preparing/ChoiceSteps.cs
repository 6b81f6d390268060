using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// Which set is written, whose the sets are, and what must not go: told from the sets that were found.
/// </summary>
internal static class ChoiceSteps
{
    /// <summary>Gives a plan that names no sets those that it has, or that are free.</summary>
    public static PreparedRun ChooseNames(PreparedRun run, string host) =>
        run.ChoosesSet ? run with { Plan = SetOwnership.WithFreeNames(run.Plan, FoundOf(run), host) } : run;

    /// <summary>
    /// A set whose state is damaged is written anew. One whose state cannot be read just now, or only by a newer
    /// program, may be the newest good one.
    /// </summary>
    public static PreparedRun RequireReadable(PreparedRun run)
    {
        foreach (var target in run.Targets)
        foreach (var set in target.Sets ?? Enumerable.Empty<SetInfo>())
            if (set.Problem is { Kind: not FailureKind.StateDamaged } problem && run.Plan.Mine(set.Set))
                run = run.With(run.Properties.OfTarget(target.Path), problem);
        return run;
    }

    /// <summary>Chooses the set that is written, if all targets are known.</summary>
    public static PreparedRun Choose(PreparedRun run, RunContext context)
    {
        if (!run.ChoosesSet || run.Targets.Count == 0 || run.Targets.Any(target => target.Sets == null))
            return run;
        var (plan, found) = (run.Plan, FoundOf(run));
        var targets = run.Targets.Select(target => target.Path).ToList();
        if (plan.Keep == null)
            return run with { Choice = SetChooser.Choose(plan.Sets, targets, found) };
        try
        {
            var name = SetNames.OfTime(
                run.Started,
                context.Zone,
                taken => targets.Any(target => context.Files.Find(SetLayout.SetFolder(target, taken)) != null)
            );
            return run with
            {
                Choice = SetChooser.Choose(new SetSeries(plan, found, context.Host), targets, found, name),
            };
        }
        catch (BackupException e)
        {
            return run.With(run.Properties.OfTarget(targets[0]), e.Failure);
        }
    }

    /// <summary>Refuses sets of others, the one that would be written first.</summary>
    public static PreparedRun RequireOwn(PreparedRun run, string host)
    {
        foreach (var target in run.Targets.Where(target => target.Sets != null))
        foreach (
            var failure in SetOwnership.Refusals(
                run.Plan,
                target.Path,
                target.Sets!,
                host,
                run.Choice?.SetOn(target.Path)
            )
        )
            run = run.With(run.Properties.OfTarget(target.Path), failure);
        return run;
    }

    /// <summary>Gives the machines the folders that they have in the sets already.</summary>
    public static PreparedRun SettleFolders(PreparedRun run) =>
        run.Choice == null
            ? run
            : run with
            {
                Jobs = MachineFolders.Settle(run.Jobs, FoundOf(run), run.Plan, run.Choice),
            };

    /// <summary>Looks whether a source holds nothing any more, or lacks a disk, that its last good copy has.</summary>
    public static PreparedRun GuardSources(PreparedRun run, RunContext context)
    {
        if (run.Choice is not { } choice)
            return run;
        var found = run.Targets.SelectMany(target => target.Sets!).ToList();
        var sources = new List<GuardedSource>();
        for (var i = 0; i < run.Jobs.Count; i++)
        {
            var job = run.Jobs[i];
            if (job.Machine != null)
                continue;
            var source = GuardedSource.Look(context.Files, job, found, choice.KeptOn);
            sources.Add(source);
            if (!context.AllowDeletions && source.WhyNot(context.Files) is { } failure)
                run = run.With(run.Properties.OfSource(job, i), failure);
        }

        return run with
        {
            Guard = new SourceGuard(context, run.Plan, sources),
        };
    }

    /// <summary>Tells of what was chosen, as far as that is not what everybody expects.</summary>
    public static PreparedRun Tell(PreparedRun run)
    {
        if (run.Choice is not { } choice)
            return run;
        var targets = run.Targets.Select(target => target.Path).ToList();
        var found = run.Targets.SelectMany(target => target.Sets!).ToList();
        var story = new List<string>
        {
            "Writing "
                + choice.Describe(targets)
                + (choice.Keeps == null ? "." : "; " + choice.Keeps + " stays as the last good one."),
        };
        if (choice.IsApart && found.Any(set => set.FoundDamaged && run.Plan.Mine(set.Set)))
        {
            const string why =
                "The targets have good sets of different names, as a verification found damage in the others; so "
                + "that each keeps its own, ";
            run = run.With(
                new RunWarning(
                    why + "this run wrote " + choice.Describe(targets) + ".",
                    why + "a run would write " + choice.Describe(targets) + "."
                )
            );
        }

        // Under names of their time no run writes them again, and none knows whose they are.
        var nobodys =
            run.Plan.Keep == null
                ? new List<SetInfo>()
                : found.FindAll(set =>
                    set.State == SetCondition.Damaged && set.Doubted == null && SetNames.IsOfTime(set.Set)
                );
        if (nobodys.Count > 0)
            story.Add(
                string.Join(", ", nobodys.Select(set => set.Path))
                    + " cannot be used, and as nobody can tell whose "
                    + (nobodys.Count == 1 ? "it is, no run removes it" : "they are, no run removes them")
                    + ": "
                    + nobodys[0].Problem!.Cause
                    + ". Delete what you do not need."
            );
        return run with { Story = story };
    }

    private static List<IReadOnlyList<SetInfo>> FoundOf(PreparedRun run) =>
        run.Targets.Select(target => target.Sets).OfType<IReadOnlyList<SetInfo>>().ToList();
}
