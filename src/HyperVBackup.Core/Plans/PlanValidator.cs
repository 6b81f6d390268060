using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Plans;

/// <summary>Says what is wrong with a plan on this host, before anything is touched.</summary>
public static class PlanValidator
{
    /// <summary>
    /// Everything that is wrong; empty when the plan can be run. A target that is missing is no mistake of the plan
    /// (its disk may be unplugged), nor is a disk that fails when it is
    /// looked at: the run meets them, and has a result, an entry in the history and the plan's program for them.
    /// </summary>
    public static IReadOnlyList<PlanProblem> Validate(BackupPlan plan, IFileSystem files)
    {
        var problems = new List<PlanProblem>();
        if (string.IsNullOrWhiteSpace(plan.Name))
            problems.Add(new PlanProblem("name", "it is empty; the name tells whose sets they are"));
        if (plan.Name.Length > BackupPlan.LongestName)
            problems.Add(
                new PlanProblem(
                    "name",
                    "it has " + plan.Name.Length + " characters; a name has at most " + BackupPlan.LongestName
                )
            );
        CheckSets(plan, problems);
        CheckLength(plan, problems);
        if (plan.Jobs.Count == 0 && plan.VirtualMachines.Count == 0)
            problems.Add(new PlanProblem("jobs", "the plan copies nothing; name at least one job or virtual machine"));
        if (plan.VirtualMachines.Count > 0 && plan.VirtualMachineTargets.Count == 0)
            problems.Add(
                new PlanProblem(
                    "virtualMachineTargets",
                    "it is missing; name the disks the virtual machines are copied to"
                )
            );
        for (var i = 0; i < plan.VirtualMachineTargets.Count; i++)
        {
            var property = "virtualMachineTargets[" + i.ToString(CultureInfo.InvariantCulture) + "]";
            if (plan.VirtualMachineTargets[i].Length == 0)
                problems.Add(new PlanProblem(property, "it is empty; name a disk or folder to copy to"));
            else if (
                Look(files, plan.VirtualMachineTargets[i], property, problems, out _) is { Kind: not EntryKind.Folder }
            )
                problems.Add(new PlanProblem(property, "'" + plan.VirtualMachineTargets[i] + "' is not a folder"));
        }

        if (plan.VirtualMachines.Any(string.IsNullOrWhiteSpace))
            problems.Add(
                new PlanProblem(
                    "virtualMachines",
                    "a name is empty; write the name of a virtual machine, with '*' for several, or its id"
                )
            );
        if (plan.VirtualMachines.Count > 0 && plan.Shadow.Provider is not ("auto" or "vss"))
            problems.Add(new PlanProblem("shadow.provider", "only vss can capture virtual machines by name"));
        var writers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < plan.Jobs.Count; i++)
            CheckJob(plan.Jobs[i], "jobs[" + i.ToString(CultureInfo.InvariantCulture) + "]", files, writers, problems);
        if (problems.Count == 0)
            CheckAcrossJobs(plan, files, problems);
        if (problems.Count == 0)
            new PlanPlaces(files, MountedPlaces.Current()).Check(plan, SetsOf(plan), problems);
        PlanTrust.Check(plan, files, problems);
        return problems;
    }

    /// <summary>Throws if <see cref="Validate"/> finds anything.</summary>
    /// <exception cref="PlanException">The plan cannot be used.</exception>
    public static void Require(BackupPlan plan, IFileSystem files)
    {
        var problems = Validate(plan, files);
        if (problems.Count > 0)
            throw new PlanException("The plan '" + plan.Name + "'", problems);
    }

    private static void CheckSets(BackupPlan plan, List<PlanProblem> problems)
    {
        if (plan.Keep != null)
        {
            if (plan.Sets.Count > 0 && !ReferenceEquals(plan.Sets, BackupPlan.DefaultSets))
                problems.Add(
                    new PlanProblem(
                        "sets",
                        "there is 'keep' as well, with which sets are named by time; leave one of the two out"
                    )
                );
            if (plan.Keep == new KeepRule())
                problems.Add(new PlanProblem("keep", "it keeps nothing; as { \"last\": 7, \"daily\": 14 }"));
            return;
        }

        if (plan.Sets.Count < 2)
            problems.Add(
                new PlanProblem(
                    "sets",
                    "a plan needs at least two sets, so that one is complete while the other is written; as [ "
                        + "\"SetA\", \"SetB\" ]"
                )
            );
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < plan.Sets.Count; i++)
        {
            var property = "sets[" + i.ToString(CultureInfo.InvariantCulture) + "]";
            if (FolderNames.WhyNot(plan.Sets[i]) is { } why)
                problems.Add(new PlanProblem(property, "'" + plan.Sets[i] + "' cannot name a set: " + why));
            else if (!seen.Add(plan.Sets[i]))
                problems.Add(
                    new PlanProblem(
                        property,
                        "'" + plan.Sets[i] + "' is there twice; every set needs a name of its own"
                    )
                );
        }
    }

    // It goes into each set's set.json, where there must be room for what a run finds as well.
    private static void CheckLength(BackupPlan plan, List<PlanProblem> problems)
    {
        const int perText = 16;
        long bytes = 0;
        foreach (var job in plan.Jobs)
        foreach (var text in job.Include.Concat(job.Exclude).Concat(job.Targets).Append(job.Source))
            bytes += Layout.SetStateLimits.BytesOf(text) + perText;
        if (bytes > Layout.SetStateLimits.MostPlanBytes)
            problems.Add(
                new PlanProblem(
                    "jobs",
                    "the folders and patterns of its jobs take "
                        + bytes
                        + " bytes, and "
                        + Layout.SetStateLimits.MostPlanBytes
                        + " at most can be noted with a set; use fewer or shorter patterns, or several plans"
                )
            );
    }

    private static void CheckJob(
        BackupJob job,
        string property,
        IFileSystem files,
        Dictionary<string, string> writers,
        List<PlanProblem> problems
    )
    {
        CheckSource(job, property, files, problems);
        if (FolderNames.WhyNot(job.FolderName) is { } why)
            problems.Add(
                new PlanProblem(property + ".folder", "'" + job.FolderName + "' cannot name a folder in a set: " + why)
            );
        CheckPatterns(job.Include, property + ".include", problems);
        CheckPatterns(job.Exclude, property + ".exclude", problems);
        if (job.Targets.Count == 0)
            problems.Add(
                new PlanProblem(property + ".targets", "it is empty; name at least one disk or folder to copy to")
            );
        for (var i = 0; i < job.Targets.Count; i++)
            CheckTarget(job, i, property, files, writers, problems);
    }

    private static void CheckSource(BackupJob job, string property, IFileSystem files, List<PlanProblem> problems)
    {
        if (job.Source.Length == 0)
        {
            problems.Add(new PlanProblem(property + ".source", "it is empty; name the folder to copy"));
            return;
        }

        if (Look(files, job.Source, property + ".source", problems, out var failed) is not { } entry)
        {
            if (!failed)
                problems.Add(
                    new PlanProblem(
                        property + ".source",
                        "'" + job.Source + "' does not exist; check the spelling, and that the volume is mounted"
                    )
                );
        }
        else if (entry.Kind == EntryKind.File)
        {
            problems.Add(
                new PlanProblem(
                    property + ".source",
                    "'" + job.Source + "' is a file; name its folder, and the file in 'include'"
                )
            );
        }
        else if (entry.Kind != EntryKind.Folder)
        {
            problems.Add(new PlanProblem(property + ".source", "'" + job.Source + "' is not a folder"));
        }
    }

    private static void CheckPatterns(IReadOnlyList<string> patterns, string property, List<PlanProblem> problems)
    {
        for (var i = 0; i < patterns.Count; i++)
            if (GlobFilter.WhyNot(patterns[i]) is { } why)
                problems.Add(new PlanProblem(property + "[" + i.ToString(CultureInfo.InvariantCulture) + "]", why));
    }

    private static void CheckTarget(
        BackupJob job,
        int index,
        string jobProperty,
        IFileSystem files,
        Dictionary<string, string> writers,
        List<PlanProblem> problems
    )
    {
        var property = jobProperty + ".targets[" + index.ToString(CultureInfo.InvariantCulture) + "]";
        var target = job.Targets[index];
        if (target.Length == 0)
        {
            problems.Add(new PlanProblem(property, "it is empty; name a disk or folder to copy to"));
            return;
        }

        if (Look(files, target, property, problems, out _) is { Kind: not EntryKind.Folder })
            problems.Add(new PlanProblem(property, "'" + target + "' is not a folder"));
        var (realSource, realTarget) = (Real(files, job.Source), Real(files, target));
        if (PathOf.TryRelative(realSource, realTarget, out _))
            problems.Add(
                new PlanProblem(
                    property,
                    "'"
                        + target
                        + "' lies inside the source '"
                        + job.Source
                        + "', so the backup would back itself up; name a folder outside, best on another disk"
                )
            );
        else if (PathOf.TryRelative(realTarget, realSource, out _))
            problems.Add(
                new PlanProblem(
                    property,
                    "the source '"
                        + job.Source
                        + "' lies inside the target '"
                        + target
                        + "'; whatever destroys the one takes the other; name a target on another disk"
                )
            );
        var place = PathOf.TrimEnd(realTarget) + "|" + job.FolderName;
        if (writers.TryGetValue(place, out var other))
            problems.Add(
                new PlanProblem(
                    jobProperty + ".folder",
                    "'"
                        + job.FolderName
                        + "' on "
                        + target
                        + " is written by "
                        + other
                        + " too; give one of them another 'folder'"
                )
            );
        else
            writers.Add(place, jobProperty);
    }

    // A job that reads a folder in which another job writes its sets would copy the sets into each other, run after
    // run.
    private static void CheckAcrossJobs(BackupPlan plan, IFileSystem files, List<PlanProblem> problems)
    {
        foreach (
            var target in plan
                .Jobs.SelectMany(job => job.Targets)
                .Concat(plan.VirtualMachineTargets)
                .Distinct(PathOf.Comparer)
        )
        {
            foreach (var set in SetsOf(plan))
            {
                var folder = Layout.SetLayout.SetFolder(Real(files, target), set);
                for (var i = 0; i < plan.Jobs.Count; i++)
                {
                    var job = plan.Jobs[i];
                    if (!PathOf.TryRelative(Real(files, job.Source), folder, out var relative))
                        continue;
                    if (!job.Filter.Reaches(relative))
                        continue;
                    problems.Add(
                        new PlanProblem(
                            "jobs[" + i.ToString(CultureInfo.InvariantCulture) + "].source",
                            "'"
                                + job.Source
                                + "' holds the set "
                                + folder
                                + ", so sets would be copied into sets; copy a folder beside them, or exclude \""
                                + Layout.SetLayout.Prefix
                                + "*\""
                        )
                    );
                    return;
                }
            }
        }
    }

    // Of sets that are named by time, any name.
    private static IReadOnlyList<string> SetsOf(BackupPlan plan) =>
        plan.Keep == null ? plan.Sets : new[] { SetNames.OfTime(default, TimeZoneInfo.Utc, _ => false) };

    private static FileEntry? Look(
        IFileSystem files,
        string path,
        string property,
        List<PlanProblem> problems,
        out bool failed
    )
    {
        failed = false;
        try
        {
            return files.Find(Real(files, path));
        }
        catch (BackupException e)
        {
            failed = true;
            if (e.Failure.Kind is not (FailureKind.IoError or FailureKind.VolumeGone))
                problems.Add(new PlanProblem(property, e.Failure.Message));
            return null;
        }
    }

    private static string Real(IFileSystem files, string path)
    {
        try
        {
            return path.Length == 0 ? path : files.Resolve(path);
        }
        catch (BackupException)
        {
            return path;
        }
    }
}
