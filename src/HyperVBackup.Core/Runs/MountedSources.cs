using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Runs;

/// <summary>
/// Disks that were mounted inside a source when its last copy was made, and are not any more: their files are not gone,
/// only out of sight.
/// </summary>
internal static class MountedSources
{
    /// <summary>What is wrong with a job's source as it stands; null when nothing is.</summary>
    public static Failure? WhyNot(IFileSystem files, RunJob job, LastCopy last) =>
        last.Job.MountPoints.FirstOrDefault(path => job.Filter.Reaches(path) && !IsMounted(files, job.Source, path))
            is { } missing
            ? Missing(job, last, missing)
            : null;

    /// <summary>What is wrong with it after it was walked.</summary>
    /// <param name="job">The job.</param>
    /// <param name="last">Its last good copy.</param>
    /// <param name="seen">The mount points that the walk came to.</param>
    public static Failure? WhyNot(RunJob job, LastCopy last, IReadOnlyCollection<string> seen) =>
        last.Job.MountPoints.FirstOrDefault(path => job.Filter.Reaches(path) && !seen.Contains(path)) is { } missing
            ? Missing(job, last, missing)
            : null;

    private static Failure Missing(RunJob job, LastCopy last, string path) =>
        new(
            FailureKind.SourceMissing,
            PathOf.Join(job.Source, path),
            "back it up",
            "another volume was mounted there when "
                + last.Set
                + " was written, and is not any more; its files would be taken from the copies"
        )
        {
            Advice = FrontWords.Of(
                "Mount it. If it is meant to be gone, run once with {--allow-deletions|-AllowDeletions}, or exclude "
                    + "the folder."
            ),
        };

    private static bool IsMounted(IFileSystem files, string source, string path)
    {
        try
        {
            var folder = PathOf.Join(source, path);
            return files.Find(folder) is { Kind: EntryKind.Folder } entry
                && entry.Volume != files.Find(PathOf.Parent(folder)!)?.Volume;
        }
        catch (BackupException)
        {
            return true; // The run itself meets whatever is wrong, and says so.
        }
    }
}
