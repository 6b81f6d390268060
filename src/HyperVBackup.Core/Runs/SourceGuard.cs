using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// Sees to it that what a run takes for the whole of a source is that: looked at before anything is frozen, and once
/// more when all of it was walked, before anything is
/// deleted. Between the two it may be unmounted, as may what is mounted inside it.
/// </summary>
internal sealed class SourceGuard
{
    private readonly IFileSystem _files;
    private readonly int _percent;
    private readonly bool _allows;
    private readonly IReadOnlyDictionary<RunJob, GuardedSource> _sources;

    /// <summary>A guard for one run.</summary>
    /// <param name="context">What it works with.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="sources">The sources of its jobs of folders, as they were before anything was frozen.</param>
    public SourceGuard(RunContext context, BackupPlan plan, IEnumerable<GuardedSource> sources)
    {
        _files = context.Files;
        _percent = plan.MaxDeletePercent;
        _allows = context.AllowDeletions;
        _sources = sources.ToDictionary(source => source.Job);
    }

    /// <summary>The last good copy of a job that was looked at on a target; null when it has none.</summary>
    public LastCopy? LastOn(RunJob job, string target) =>
        _sources.TryGetValue(job, out var source)
            ? source.Copies.FirstOrDefault(last => PathOf.Comparer.Equals(last.Target, target))
            : null;

    /// <summary>Looks again when the source was walked and everything copied.</summary>
    /// <exception cref="BackupException">It is not what it was, or too much would be deleted. Nothing is deleted
    /// then.</exception>
    public void LookAgain(RunJob job, WalkEnd end)
    {
        if (_sources.TryGetValue(job, out var source) && WhyNot(source, end) is { } failure)
            throw new BackupException(failure);
    }

    private Failure? WhyNot(GuardedSource source, WalkEnd end)
    {
        var (job, root) = (source.Job, source.Root);
        if (root != null && !IsSame(job.Source, root))
            return Replaced(job.Source);
        if (_allows)
            return null;
        // What could not be read is there all the same.
        var isEmpty = end.Lanes.All(lane => lane.Deletions.SourceFiles == 0);
        foreach (var last in source.Copies)
        {
            if (isEmpty && last.Job.Files > 0)
                return EmptiedSources.Emptied(job, last);
            if (MountedSources.WhyNot(job, last, end.MountPoints) is { } missing)
                return missing;
        }

        return end
            .Lanes.Select(lane => WhyNot(job, lane.Deletions, lane.Target.Folder))
            .FirstOrDefault(failure => failure != null);
    }

    private Failure? WhyNot(RunJob job, DeletionTally tally, string copy)
    {
        var target = job
            .Targets.Where(path => PathOf.TryRelative(path, copy, out _))
            .OrderByDescending(path => path.Length)
            .FirstOrDefault();
        return WhyNot(job, target ?? "", copy, tally, (tally.SourceFiles, tally.SourceBytes));
    }

    /// <summary>Why a job's copy may not be made like its source; null when it may.</summary>
    /// <param name="job">The job, which was looked at.</param>
    /// <param name="target">The target.</param>
    /// <param name="copy">The copy on it that is written.</param>
    /// <param name="tally">What would go from it.</param>
    /// <param name="source">What the source has.</param>
    public Failure? WhyNot(RunJob job, string target, string copy, DeletionTally tally, (long Files, long Bytes) source)
    {
        if (_allows || job.Machine != null)
            return null;
        // What a run left that was refused, or cut off, is no measure: the next try must not be let through by it.
        return
            LastOn(job, target) is { } last
            && (tally.IsFresh || (last.IsBesideUnfinished && tally.Files < last.Job.Files))
            ? DeletionGuard.WhyNotLess(last, source.Files, source.Bytes, _percent)
            : DeletionGuard.WhyNot(tally, _percent, job.Source, copy);
    }

    /// <summary>The failure of a source that is not what it was when the run looked at it.</summary>
    public static Failure Replaced(string source) =>
        new(
            FailureKind.SourceMissing,
            source,
            "back it up",
            "it was unmounted, or something was mounted over it, while it was backed up; nothing was deleted"
        )
        {
            Advice =
                "Mount it again, and find out what takes it away: an automatic mount that ends after a while, a "
                + "cable, another task.",
        };

    private bool IsSame(string source, FileEntry before)
    {
        // A disk that does not answer is no other disk: that failure is the one to report.
        var now = _files.Find(source);
        // Where numbers are made up anew, the volume must do.
        return now != null && now.Volume == before.Volume && (now.FileId == before.FileId || !HasNumbers(source));
    }

    private bool HasNumbers(string source)
    {
        try
        {
            return SourceStamps.IsReliable(_files.GetVolume(source));
        }
        catch (BackupException)
        {
            return false;
        }
    }
}
