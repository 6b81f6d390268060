using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs;

/// <summary>
/// Restores from beginning to end: chooses the set, refuses what cannot go well, brings the files back, and tells the
/// system's log.
/// </summary>
public static class RestoreRun
{
    /// <summary>Decides what one restore will do, touching nothing.</summary>
    /// <param name="path">The target, or the folder of a set; absolute.</param>
    /// <param name="set">The set's name; null: the newest complete one, before those that were found damaged.</param>
    /// <param name="wishes">What is wanted back, and where.</param>
    /// <param name="context">What it works with.</param>
    /// <exception cref="BackupException">There is no such set, or what is wanted makes no sense.</exception>
    public static PreparedRestore Prepare(string path, string? set, RestoreWishes wishes, RunContext context)
    {
        wishes.Require();
        return Prepare(new[] { ChosenSet.Of(context.Files, path, set) }, wishes)[0];
    }

    /// <summary>Decides what restores of several sets to one folder will do, touching nothing.</summary>
    /// <param name="sets">The sets; one that is named twice is restored once.</param>
    /// <param name="wishes">What is wanted back, and where.</param>
    /// <exception cref="BackupException">
    /// What is wanted makes no sense, or an older set would come over a newer one; nothing must be restored.
    /// </exception>
    public static IReadOnlyList<PreparedRestore> Prepare(IReadOnlyList<ChosenSet> sets, RestoreWishes wishes)
    {
        wishes.Require();
        var all = sets.GroupBy(chosen => chosen.Set.Path).Select(same => same.First()).ToList();
        if (
            all.Count > 1
            && RestoreOverlap.Of(all.ConvertAll(chosen => chosen.Set), wishes.Machines, wishes.Destination)
                is { } overlap
        )
            throw new BackupException(overlap);
        return all.ConvertAll(chosen => new PreparedRestore(
            new RestoreRequest
            {
                Set = chosen.Set,
                Destination = wishes.Destination,
                Machines = wishes.Machines,
                Paths = wishes.Paths,
                Force = wishes.Force,
                Salvage = wishes.Salvage,
            },
            chosen.Warnings
        ));
    }

    /// <summary>
    /// Makes sure that a restore can begin, touching nothing: better known before somebody is asked, or told what would
    /// happen.
    /// </summary>
    /// <param name="restore">The restore.</param>
    /// <param name="context">What it works with.</param>
    /// <exception cref="BackupException">
    /// The set has no such virtual machine, or two; or the destination lies inside a set.
    /// </exception>
    public static void Require(PreparedRestore restore, RunContext context)
    {
        MachineChoice.Of(restore.Request.Set, restore.Request.Machines);
        RestoreFolders.RequireOutsideSets(
            context.Files,
            restore.Request.Set,
            context.Files.Resolve(Files.PathOf.Full(restore.Request.Destination))
        );
    }

    /// <summary>Restores.</summary>
    /// <param name="restore">The restore.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancel">Stops it; run again, it continues.</param>
    /// <returns>What was done, with everything that should be known of it as warnings.</returns>
    /// <exception cref="BackupException">Nothing matches, or the destination cannot be used at all.</exception>
    public static RestoreReport Execute(PreparedRestore restore, RunContext context, CancellationToken cancel)
    {
        var started = context.Clock.UtcNow;
        var report = SetRestorer.Restore(context.Files, restore.Request, context.Progress, cancel);
        var warnings = new List<string>(restore.Warnings);
        if (RunEvents.Tell(context, report) is { } untold)
            warnings.Add(untold.Message + ". " + untold.Advice);
        warnings.AddRange(report.Warnings);
        return report with
        {
            Warnings = warnings,
            Duration = context.Clock.UtcNow - started,
            ExitCode =
                report.ExitCode == ExitCodes.Complete && warnings.Count > 0 ? ExitCodes.Warnings : report.ExitCode,
        };
    }
}
