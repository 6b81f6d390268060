using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs;

/// <summary>The source of a job of folders as a run found it before anything was frozen.</summary>
/// <param name="Job">The job.</param>
/// <param name="Root">Its folder; null when that could not be looked at.</param>
/// <param name="Copies">Its last good copies, at most one of each target.</param>
internal sealed record GuardedSource(RunJob Job, FileEntry? Root, IReadOnlyList<LastCopy> Copies)
{
    /// <summary>Looks at a job's source.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="job">The job.</param>
    /// <param name="found">The sets of its targets.</param>
    /// <param name="keptOn">The newest complete set that a target keeps; null when it has none.</param>
    public static GuardedSource Look(
        IFileSystem files,
        RunJob job,
        IReadOnlyList<SetInfo> found,
        Func<string, string?> keptOn
    ) => new(job, TryFind(files, job.Source), LastCopy.Of(job, found, keptOn));

    /// <summary>
    /// Why it cannot be the whole of what the last good copies were made of; null when nothing speaks against it.
    /// </summary>
    public Failure? WhyNot(IFileSystem files) =>
        Copies
            .Select(last => EmptiedSources.WhyNot(files, Job, last) ?? MountedSources.WhyNot(files, Job, last))
            .FirstOrDefault(failure => failure != null);

    private static FileEntry? TryFind(IFileSystem files, string path)
    {
        try
        {
            return files.Find(path);
        }
        catch (BackupException)
        {
            return null; // The run itself meets whatever is wrong, and says so.
        }
    }
}
