using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs;

/// <summary>
/// Sees to it that what a run takes for the whole of a source is that: looked at before anything is frozen, and once more when all of it was walked, before anything is
/// deleted. Between the two it may be unmounted, as may what is mounted inside it.
/// </summary>
internal sealed class SourceGuard
{
    private readonly IFileSystem _files;
    private readonly int _percent;
    private readonly bool _allows;
    private readonly Dictionary<RunJob, (LastCopy? Last, FileEntry? Root)> _looked = new();

    /// <summary>A guard for one run.</summary>
    public SourceGuard(RunContext context, BackupPlan plan)
    {
        _files = context.Files;
        _percent = plan.MaxDeletePercent;
        _allows = context.AllowDeletions;
    }

    /// <summary>Looks at a job's source.</summary>
    /// <param name="job">The job.</param>
    /// <param name="found">The sets of its targets.</param>
    /// <param name="keptOn">The newest complete set that a target keeps; null when it has none.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public Failure? Look(RunJob job, IEnumerable<SetInfo> found, Func<string, string?> keptOn)
    {
        if (job.Machine != null) return null;
        var last = LastCopy.Of(job, found, keptOn);
        _looked[job] = (last, TryFind(job.Source));
        if (last == null || _allows) return null;
        return EmptiedSources.WhyNot(_files, job, last) ?? MountedSources.WhyNot(_files, job, last);
    }

    /// <summary>Looks again when the source was walked and everything copied.</summary>
    /// <exception cref="BackupException">It is not what it was, or too much would be deleted. Nothing is deleted then.</exception>
    public void LookAgain(RunJob job, WalkEnd end)
    {
        if (!_looked.TryGetValue(job, out var before)) return;
        if (WhyNot(job, before.Last, before.Root, end) is { } failure) throw new BackupException(failure);
    }

    private Failure? WhyNot(RunJob job, LastCopy? last, FileEntry? root, WalkEnd end)
    {
        if (root != null && !IsSame(job.Source, root)) return Replaced(job.Source);
        if (_allows) return null;
        if (last != null)
        {
            // What could not be read is there all the same.
            if (end.Lanes.All(lane => lane.Deletions.SourceFiles == 0) && last.Job.Files > 0) return EmptiedSources.Emptied(job, last);
            if (MountedSources.WhyNot(job, last, end.MountPoints) is { } missing) return missing;
        }

        foreach (var lane in end.Lanes)
        {
            var failure = DeletionGuard.WhyNot(lane.Deletions, _percent, job.Source, lane.Target.Folder);
            if (lane.Deletions.IsFresh && last != null) failure = DeletionGuard.WhyNotLess(last, lane.Deletions.SourceFiles, lane.Deletions.SourceBytes, _percent);
            if (failure != null) return failure;
        }

        return null;
    }

    /// <summary>The failure of a source that is not what it was when the run looked at it.</summary>
    public static Failure Replaced(string source) => new(FailureKind.SourceMissing, source, "back it up", "it was unmounted, or something was mounted over it, while it was backed up; nothing was deleted")
    {
        Advice = "Mount it again, and find out what takes it away: an automatic mount that ends after a while, a cable, another task.",
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

    private FileEntry? TryFind(string path)
    {
        try
        {
            return _files.Find(path);
        }
        catch (BackupException)
        {
            return null; // The run itself meets whatever is wrong, and says so.
        }
    }
}
