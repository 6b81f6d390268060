using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Plans;

/// <summary>
/// Sources and targets of a plan that are the same, or lie in each other, although their paths do not say so; see
/// <see cref="FolderIdentity"/>.
/// </summary>
internal sealed class PlanPlaces
{
    private readonly IFileSystem _files;
    private readonly FolderIdentity _identity;

    public PlanPlaces(IFileSystem files, MountedPlaces mounts)
    {
        _files = files;
        _identity = new FolderIdentity(files, mounts);
    }

    /// <summary>Adds what is wrong with the targets of a plan in which nothing else is.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="sets">The names its sets may have; of sets named by time any one.</param>
    /// <param name="problems">Gets what is found.</param>
    public void Check(BackupPlan plan, IReadOnlyList<string> sets, List<PlanProblem> problems)
    {
        var targets = TargetsOf(plan);
        foreach (var (named, owner, property) in targets)
        {
            var real = Real(named);
            var why = plan
                .Jobs.Select(job =>
                    ReferenceEquals(job, owner) ? WhyNotOwn(job, named, real) : WhyNot(job, named, real, sets)
                )
                .FirstOrDefault(found => found != null);
            if (why != null)
                problems.Add(new PlanProblem(property, why));
        }

        CheckTwice(targets, problems);
    }

    private static List<(string Named, BackupJob? Owner, string Property)> TargetsOf(BackupPlan plan)
    {
        static string Index(int i) => "[" + i.ToString(CultureInfo.InvariantCulture) + "]";
        var ofJobs = plan.Jobs.SelectMany(
            (job, i) =>
                job.Targets.Select((target, k) => (target, (BackupJob?)job, "jobs" + Index(i) + ".targets" + Index(k)))
        );
        var ofMachines = plan.VirtualMachineTargets.Select(
            (target, k) => (target, (BackupJob?)null, "virtualMachineTargets" + Index(k))
        );
        return ofJobs.Concat(ofMachines).ToList();
    }

    private string? WhyNotOwn(BackupJob job, string named, string target)
    {
        var source = Real(job.Source);
        if (_identity.Ways(source, target, job.Filter.Reaches).Any())
            return LiesInside(job, named);
        return _identity.Ways(target, source, _ => false).Any()
            ? "the source '"
                + job.Source
                + "' lies inside the target '"
                + named
                + "', reached by another mount or "
                + "name; whatever destroys the one takes the other; name a target on another disk"
            : null;
    }

    // Other jobs' targets may lie in a source whose patterns leave the sets out.
    private string? WhyNot(BackupJob job, string named, string target, IReadOnlyList<string> sets) =>
        sets.Any(set =>
            _identity
                .Ways(Real(job.Source), Layout.SetLayout.SetFolder(target, set), job.Filter.Reaches)
                .Any(job.Filter.Reaches)
        )
            ? LiesInside(job, named)
            : null;

    private static string LiesInside(BackupJob job, string named) =>
        "'"
        + named
        + "' lies inside the source '"
        + job.Source
        + "', reached by another mount or name, so the backup "
        + "would back itself up; name a folder outside, best on another disk";

    private void CheckTwice(List<(string Named, BackupJob? Owner, string Property)> targets, List<PlanProblem> problems)
    {
        var seen = new List<(string Named, string Real)>();
        foreach (var (named, _, property) in targets)
        {
            var real = PathOf.TrimEnd(Real(named));
            if (seen.Any(other => PathOf.Comparer.Equals(other.Real, real)))
                continue;
            if (seen.FirstOrDefault(other => _identity.IsSame(other.Real, real)).Named is { } first)
                problems.Add(
                    new PlanProblem(
                        property,
                        "'"
                            + named
                            + "' is the same folder as '"
                            + first
                            + "', reached by another mount or name; name each target once, and always by the same path"
                    )
                );
            else
                seen.Add((named, real));
        }
    }

    private string Real(string path)
    {
        try
        {
            return _files.Resolve(path);
        }
        catch (BackupException)
        {
            return path;
        }
    }
}
