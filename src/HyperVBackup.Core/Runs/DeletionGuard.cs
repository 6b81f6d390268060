using System;
using HyperVBackup.Failures;
using HyperVBackup.Text;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// The guard on deletions as such: whatever the reason, a run that would take more than a share of a job's files or
/// bytes from a copy fails before it deletes anything.
/// Virtual machines of the plan are left to their writer, which says what belongs to them.
/// </summary>
public static class DeletionGuard
{
    private const string Advice =
        "Is all of the source there, are its disks mounted, and do the patterns mean what they should? If so much is"
        + " meant to go, run it once with {--allow-deletions|-AllowDeletions}, or raise"
        + " {--max-delete-percent|-MaxDeletePercent}, in a plan \"maxDeletePercent\".";

    /// <summary>Whether more would be deleted than may be at once.</summary>
    /// <param name="survey">What would be.</param>
    /// <param name="percent">The most that may be.</param>
    public static bool IsTooMuch(DeletionSurvey survey, int percent) => survey.Tally.IsMoreThan(percent);

    /// <summary>Why a copy's extras may not be deleted; null when they may.</summary>
    /// <param name="tally">What would go.</param>
    /// <param name="percent">The most that may.</param>
    /// <param name="source">The source, as people know it.</param>
    /// <param name="copy">The copy.</param>
    internal static Failure? WhyNot(DeletionTally tally, int percent, string source, string copy) =>
        tally.IsMoreThan(percent) ? Refused(source, copy, tally.Lost, (tally.Files, tally.Bytes), percent) : null;

    /// <summary>
    /// Why a new set may not have so much less than the newest one; null when it may. A set that begins empty deletes
    /// nothing, and the older ones go in time.
    /// </summary>
    /// <param name="last">The last copy.</param>
    /// <param name="files">Files of the source by now.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="percent">The most that may be missing.</param>
    internal static Failure? WhyNotLess(LastCopy last, long files, long bytes, int percent)
    {
        var lost = (Files: Math.Max(0, last.Job.Files - files), Bytes: Math.Max(0, last.Job.Bytes - bytes));
        return DeletionTally.IsMoreThan(percent, lost, (last.Job.Files, last.Job.Bytes))
            ? Refused(last.Job.Source, last.Folder, lost, (last.Job.Files, last.Job.Bytes), percent)
            : null;
    }

    private static Failure Refused(
        string source,
        string copy,
        (long Files, long Bytes) lost,
        (long Files, long Bytes) before,
        int percent
    ) =>
        new(
            FailureKind.TooManyDeletions,
            source,
            "make its copy like it",
            FormattableString.Invariant($"{lost.Files} of the {before.Files} files (")
                + (HumanText.Size(lost.Bytes) + " of " + HumanText.Size(before.Bytes) + ") in " + copy)
                + FormattableString.Invariant($" would be lost, and no more than {percent} % may go at once; ")
                + "nothing was deleted"
        )
        {
            Advice = FrontWords.Of(Advice),
        };
}
