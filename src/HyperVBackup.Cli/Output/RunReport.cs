using System;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Text;

namespace HyperVBackup.Cli.Output;

/// <summary>The result of a backup, for people.</summary>
internal static class RunReport
{
    /// <summary>Writes it.</summary>
    public static void Write(Report report, RunResult result)
    {
        var (text, tone) = Headline(result);
        report.Line(text, tone);
        report.Line(
            "Plan '"
                + result.Plan
                + "', run "
                + (result.Sequence > 0 ? result.Sequence + " " : "")
                + "("
                + result.RunId.ToString("D")
                + ")"
                + (result.Provider.Length == 0 ? "." : ", read through " + result.Provider + ": " + Words(result) + ".")
        );
        if (result.Jobs.Count > 0)
        {
            report.Line();
            report.Table(Jobs(result));
            report.Line();
        }

        if (result.BytesRead > 0)
            report.Line(Totals(result.BytesRead, result.BytesWritten, result.Duration));
        if (result.Removed.Count > 0)
            report.Line(
                "Removed, because the plan does not keep "
                    + (result.Removed.Count == 1 ? "it: " : "them: ")
                    + string.Join(", ", result.Removed)
                    + "."
            );
        FailureText.AddWarnings(report, result.Warnings);
        FailureText.Add(report, result.Failures, result.FailureCount);
        if (result.Outcome == RunOutcome.Complete || result.Log.Length == 0)
            return;
        report.Line();
        report.Line("The log of the run: " + result.Log);
    }

    /// <summary>What a consistency means.</summary>
    public static string Words(Consistency consistency) =>
        consistency switch
        {
            Consistency.Application => "all volumes are one instant, and the applications were prepared for it",
            Consistency.Crash => "each volume is one instant, as after a power cut",
            Consistency.File => "each file is one instant of itself",
            _ => "nothing was frozen",
        };

    // Off Windows a shadow copy is of a subvolume, or of a folder.
    private static string Words(RunResult result) =>
        (result.Consistency, result.Shadows.Count, result.Provider) switch
        {
            (Consistency.Crash, 1, _) => "all files are one instant, as after a power cut",
            (Consistency.Crash, _, "btrfs") => "each subvolume is one instant, as after a power cut",
            _ => Words(result.Consistency),
        };

    /// <summary>The line of sums: bytes, time and rate.</summary>
    public static string Totals(long read, long written, TimeSpan duration) =>
        HumanText.Size(read) + " read" + Took(read, duration) + ", " + HumanText.Size(written) + " written.";

    /// <summary>How long that many bytes took, and the rate.</summary>
    public static string Took(long bytes, TimeSpan duration) =>
        " in "
        + HumanText.Span(duration)
        + (bytes > 0 && duration > TimeSpan.Zero ? " (" + HumanText.Rate(bytes / duration.TotalSeconds) + ")" : "");

    private static (string Text, Tone Tone) Headline(RunResult result)
    {
        var targets = string.Join(", ", result.Jobs.Select(job => job.Target).Distinct(PathOf.Comparer));
        return result.Outcome switch
        {
            RunOutcome.Complete => ("Complete: the new set " + result.Set + " is on " + targets + ".", Tone.Good),
            RunOutcome.CompleteWithWarnings => (
                "Complete, with warnings: the new set " + result.Set + " is on " + targets + ".",
                Tone.Warning
            ),
            RunOutcome.Cancelled => (
                "Cancelled: there is no new set. Earlier complete sets are as they were.",
                Tone.Bad
            ),
            _ when result.IsPartial => (
                "Failed: there is no new complete set. "
                    + result.Set
                    + " on "
                    + targets
                    + " is partial: it holds what could be copied. Earlier complete sets are as they were.",
                Tone.Bad
            ),
            _ => ("Failed: there is no new set. Earlier complete sets are as they were.", Tone.Bad),
        };
    }

    // The source has a line of its own, so that the numbers find room beside the target.
    private static Table Jobs(RunResult result)
    {
        var table = new Table(
            new("Source", Shrinks: true),
            new("Folder"),
            new("Files", true),
            new("Copied", true),
            new("Unchanged", true),
            new("Deleted", true),
            new("Size", true),
            new("Written", true)
        );
        foreach (var source in result.Jobs.GroupBy(job => job.Source, PathOf.Comparer))
        {
            table.AddHeading(source.Key);
            foreach (var job in source)
                table.Add(
                    "  -> " + job.Target,
                    PathOf.Leaf(job.Folder),
                    Number(job.Files),
                    Number(job.FilesCopied),
                    Number(job.FilesUnchanged),
                    Number(job.Deleted),
                    HumanText.Size(job.Bytes),
                    HumanText.Size(job.BytesWritten)
                );
        }

        return table;
    }

    private static string Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
