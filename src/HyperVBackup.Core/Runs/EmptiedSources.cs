using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// Sources that hold nothing any more of which the last good copy has files: a disk that is not mounted looks so, and
/// so does a pattern with a slip in it. Two runs would empty both sets.
/// </summary>
internal static class EmptiedSources
{
    /// <summary>What is wrong with a job's source; null when nothing is.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="job">A job of folders.</param>
    /// <param name="last">Its last good copy.</param>
    public static Failure? WhyNot(IFileSystem files, RunJob job, LastCopy last) =>
        last.Job.Files > 0 && !HoldsFile(files, job) ? Emptied(job, last) : null;

    /// <summary>The failure of a source that holds nothing any more.</summary>
    public static Failure Emptied(RunJob job, LastCopy last) =>
        new(
            FailureKind.SourceMissing,
            job.Source,
            "back it up",
            "it holds no file that the plan takes, and its last copy in " + last.Folder + " has " + last.Job.Files
        )
        {
            Advice = FrontWords.Of(
                "Is its disk mounted, and do the patterns mean what they should? If it is meant to be empty, take "
                    + "it out of"
                    + " the plan, back it up to sets of other names, or run once with "
                    + "{--allow-deletions|-AllowDeletions}."
            ),
        };

    // As the run will count it: links are no files.
    private static bool HoldsFile(IFileSystem files, RunJob job)
    {
        try
        {
            return March.HoldsFile(new FolderTree(files, job.Source), new WalkRules(job.Filter));
        }
        catch (BackupException)
        {
            return true; // The run itself meets whatever is wrong, and says so.
        }
    }
}
