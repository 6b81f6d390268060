using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs.Preparing;

/// <summary>The targets of a run: whether they are there, and what sets they hold.</summary>
internal static class TargetSteps
{
    /// <summary>Takes the targets of all jobs, and sees to it that each is there.</summary>
    public static PreparedRun Require(PreparedRun run, IFileSystem files) =>
        Require(run, run.Jobs.SelectMany(job => job.Targets), files);

    /// <summary>Takes these for the targets, and sees to it that each is there.</summary>
    public static PreparedRun Require(PreparedRun run, IEnumerable<string> targets, IFileSystem files)
    {
        var there = new List<PreparedTarget>();
        foreach (var target in targets.Distinct(PathOf.Comparer))
        {
            var failure = Try(() => RequireFolder(files, target));
            there.Add(new PreparedTarget(target, failure == null, null));
            if (failure != null)
                run = run.With(run.Properties.OfTarget(target), failure);
        }

        return run with
        {
            Targets = there,
        };
    }

    /// <summary>Takes the locks of the targets, in an order that is the same for all runs.</summary>
    /// <param name="run">The run so far.</param>
    /// <param name="takeLock">Takes the lock at a path, or throws.</param>
    public static PreparedRun Lock(PreparedRun run, Action<string> takeLock)
    {
        foreach (var target in run.Targets.OrderBy(target => target.Path, StringComparer.Ordinal))
        {
            // Whoever does not get one gets none further: it does not hold what others may want.
            if (Try(() => takeLock(RunLock.OnTarget(target.Path))) is { } failure)
                return run.With(run.Properties.OfTarget(target.Path), failure);
        }

        return run;
    }

    /// <summary>Lists the sets of the targets that are there.</summary>
    public static PreparedRun ListSets(PreparedRun run, IFileSystem files)
    {
        var targets = new List<PreparedTarget>();
        foreach (var target in run.Targets)
        {
            var listed = target;
            if (
                target.IsThere
                && Try(() => listed = target with { Sets = SetCatalogue.List(files, target.Path) }) is { } failure
            )
                run = run.With(run.Properties.OfTarget(target.Path), failure);
            targets.Add(listed);
        }

        return run with
        {
            Targets = targets,
        };
    }

    private static Failure? Try(Action look)
    {
        try
        {
            look();
            return null;
        }
        catch (BackupException e)
        {
            return e.Failure;
        }
    }

    private static void RequireFolder(IFileSystem files, string target)
    {
        var entry = files.Find(target);
        if (entry == null)
            throw new BackupException(FailureKind.TargetMissing, target, "use the target", "there is no such folder");
        if (entry.Kind != EntryKind.Folder)
            throw new BackupException(FailureKind.TargetMissing, target, "use the target", "it is not a folder");
    }
}
