using System.Collections.Generic;
using System.Linq;
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
        last.Job.Files > 0 && !HoldsAny(files, job.Source, "", new WalkRules(job.Filter)) ? Emptied(job, last) : null;

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

    // Links are no files, and nobody's copy had files for them.
    private static bool HoldsAny(IFileSystem files, string source, string relative, WalkRules rules)
    {
        try
        {
            var folders = new List<string>();
            foreach (var entry in files.List(relative.Length == 0 ? source : PathOf.Join(source, relative)))
            {
                var path = RelativePaths.Join(relative, entry.Name);
                var role = rules.RoleOf(path, entry);
                if (role == EntryRole.File)
                    return true;
                if (role == EntryRole.Folder)
                    folders.Add(path);
            }

            return folders.Any(folder => HoldsAny(files, source, folder, rules));
        }
        catch (BackupException)
        {
            return true; // The run itself meets whatever is wrong, and says so.
        }
    }
}
