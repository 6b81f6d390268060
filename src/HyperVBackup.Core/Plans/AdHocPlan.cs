using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;

namespace HyperVBackup.Plans;

/// <summary>
/// The plan behind "these folders to those disks": every source goes to every target that does not contain it, which
/// with one folder per disk is the crosswise plan.
/// </summary>
public static class AdHocPlan
{
    /// <summary>The name of plans that nobody named.</summary>
    public const string Name = "ad-hoc";

    /// <summary>Builds the plan.</summary>
    /// <param name="sources">Folders to copy.</param>
    /// <param name="targets">Disks or folders to copy to.</param>
    /// <param name="include">Files to copy, of every source.</param>
    /// <param name="exclude">Files and folders to leave out, of every source.</param>
    /// <exception cref="PlanException">A source would be copied nowhere.</exception>
    public static BackupPlan Build(
        IReadOnlyList<string> sources,
        IReadOnlyList<string> targets,
        IReadOnlyList<string>? include = null,
        IReadOnlyList<string>? exclude = null
    )
    {
        var problems = new List<PlanProblem>();
        var jobs = new List<BackupJob>();
        var fullTargets = Full(targets, "to", problems);
        var fullSources = Full(sources, "source", problems);
        for (var i = 0; i < fullSources.Count; i++)
        {
            var source = fullSources[i];
            var reached = fullTargets.Where(target => !PathOf.TryRelative(target, source, out _)).ToList();
            if (reached.Count == 0 && fullTargets.Count > 0)
                problems.Add(
                    new PlanProblem(
                        "source",
                        "'"
                            + sources[i]
                            + "' lies in every target, so it would be copied nowhere; name a target on another disk"
                    )
                );
            jobs.Add(
                new BackupJob
                {
                    Source = source,
                    Targets = reached,
                    Include = include ?? Array.Empty<string>(),
                    Exclude = exclude ?? Array.Empty<string>(),
                }
            );
        }

        return problems.Count == 0
            ? new BackupPlan { Name = Name, Jobs = jobs }
            : throw new PlanException("The arguments", problems);
    }

    private static List<string> Full(IReadOnlyList<string> paths, string argument, List<PlanProblem> problems)
    {
        var full = new List<string>();
        foreach (var path in paths)
        {
            try
            {
                if (string.IsNullOrWhiteSpace(path))
                    throw new ArgumentException("it is empty");
                full.Add(PathOf.Full(path));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException or System.IO.PathTooLongException)
            {
                problems.Add(new PlanProblem(argument, "'" + path + "' is no path: " + e.Message));
            }
        }

        return full;
    }
}
