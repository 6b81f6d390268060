using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Text;

namespace HyperVBackup.Runs;

/// <summary>Tells the system's log how things ended. What comes of it changes nothing but the warnings.</summary>
public static class RunEvents
{
    // Whoever reads more than this reads the log of the run.
    private const int Listed = 20;

    /// <summary>Tells how a backup ended.</summary>
    /// <returns>The result, with a warning more when it could not be told.</returns>
    internal static RunResult Tell(RunContext context, BackupPlan plan, RunResult result) =>
        Problem(context, Of(plan, result)) is { } problem
            ? result.WithWarning(
                "How the run ended is not in the system's log: " + problem.Message + ". " + problem.Advice
            )
            : result;

    /// <summary>
    /// Tells that a plan was refused. If it cannot be told, nobody is: the refusal is an error anyway.
    /// </summary>
    public static void TellRefused(RunContext context, PlanException refused) =>
        Problem(
            context,
            new LogEvent(
                EventKind.PlanRefused,
                "There was no backup: "
                    + refused.Failure.Target
                    + " cannot be used, and nothing was touched.\n"
                    + Lines(refused.Problems.Select(problem => problem.ToString()))
            )
        );

    /// <summary>Tells what a verification found.</summary>
    /// <returns>Why it could not be told; null when it was.</returns>
    public static Failure? Tell(RunContext context, VerifyReport report)
    {
        var text = "The set " + report.Set + " on " + report.Target;
        var doubts =
            report.UnverifiedCount == 0
                ? ""
                : "\nNot verified, for reasons that say nothing of the set:\n" + Lines(report.Unverified.Select(Line));
        if (report.DamageCount == 0 && report.UnverifiedCount > 0)
            return Problem(
                context,
                new LogEvent(EventKind.SetNotVerified, text + " could not be verified, or not all of it." + doubts)
            );
        return Problem(
            context,
            report.IsGood
                ? new LogEvent(
                    EventKind.SetGood,
                    text
                        + " is good: "
                        + HumanText.Count(report.Files, "file")
                        + ", "
                        + (
                            report.ContentRead
                                ? HumanText.Size(report.BytesRead) + " compared with their hashes."
                                : "names, sizes and times only; no content was read."
                        )
                )
                : new LogEvent(
                    EventKind.SetDamaged,
                    text
                        + " is damaged in "
                        + HumanText.Count(report.DamageCount, "place")
                        + ".\n"
                        + Lines(report.Damages.Select(damage => Line(damage.Failure)))
                        + doubts
                )
        );
    }

    /// <summary>Tells how a restore ended.</summary>
    /// <returns>Why it could not be told; null when it was.</returns>
    public static Failure? Tell(RunContext context, RestoreReport report)
    {
        var text =
            HumanText.Count(report.FilesRestored, "file")
            + " ("
            + HumanText.Size(report.Bytes)
            + ") of the set "
            + report.Set
            + " on "
            + report.Target
            + (report.FilesRestored == 1 ? " was" : " were")
            + " restored to "
            + report.Destination
            + (
                report.FilesPresent > 0
                    ? "; " + HumanText.Count(report.FilesPresent, "file") + " had been there already."
                    : "."
            );
        return Problem(
            context,
            report.FailureCount == 0
                ? new LogEvent(EventKind.RestoreComplete, text)
                : new LogEvent(
                    EventKind.RestoreFailed,
                    text
                        + "\n"
                        + HumanText.Count(report.FailureCount, "failure")
                        + ":\n"
                        + Lines(report.Failures.Select(Line))
                )
        );
    }

    /// <summary>Tells what earlier runs left, and what became of it.</summary>
    internal static void TellLeftovers(
        RunContext context,
        IReadOnlyList<JournalEntry> found,
        IReadOnlyList<Failure> left
    )
    {
        if (found.Count == 0 && left.Count == 0)
            return;
        var text =
            (
                found.Count == 0
                    ? "Something"
                    : "The shadow "
                        + (found.Count == 1 ? "set " : "sets ")
                        + string.Join(", ", found.Select(entry => entry.Id.ToString("D") + " (" + entry.Provider + ")"))
            ) + " that an earlier run left ";
        var problem = Problem(
            context,
            left.Count == 0
                ? new LogEvent(EventKind.LeftoversRemoved, text + (found.Count == 1 ? "was removed." : "were removed."))
                : new LogEvent(
                    EventKind.LeftoversRemain,
                    text + "could not be removed, or not all of it.\n" + Lines(left.Select(Line))
                )
        );
        if (problem != null)
            context.Story("That is not in the system's log: " + problem.Message + ".");
    }

    /// <summary>The event of a result.</summary>
    internal static LogEvent Of(BackupPlan plan, RunResult result)
    {
        var text = new StringBuilder("The backup '" + result.Plan + "': " + RunRecord.Headline(result) + "\n");
        text.Append("Run ")
            .Append(result.RunId.ToString("D"))
            .Append(", exit code ")
            .Append(result.ExitCode)
            .Append(", ")
            .Append(HumanText.Span(result.Duration))
            .Append("; ")
            .Append(HumanText.Size(result.BytesRead))
            .Append(" read, ")
            .Append(HumanText.Size(result.BytesWritten))
            .Append(" written.\n");
        if (plan.File != null)
            text.Append("Plan: ").Append(plan.File).Append('\n');
        if (result.Log.Length > 0)
            text.Append("Log: ").Append(result.Log).Append('\n');
        var missed = result.Machines.Where(machine => !machine.IsBackedUp).Select(machine => machine.Name).ToList();
        if (missed.Count > 0)
            text.Append("NOT backed up: ").Append(string.Join(", ", missed)).Append('\n');
        if (result.Failures.Count > 0)
            text.Append("Failures:\n").Append(Lines(result.Failures.Select(Line)));
        if (result.Warnings.Count > 0)
            text.Append("Warnings:\n").Append(Lines(result.Warnings));
        return new LogEvent(KindOf(result), text.ToString().TrimEnd('\n'));
    }

    private static EventKind KindOf(RunResult result) =>
        result.Outcome switch
        {
            RunOutcome.Complete => EventKind.BackupComplete,
            RunOutcome.CompleteWithWarnings => EventKind.BackupWarnings,
            RunOutcome.Cancelled => EventKind.BackupCancelled,
            _ => result.ExitCode switch
            {
                ExitCodes.LockHeld => EventKind.LockHeld,
                ExitCodes.BadArguments => EventKind.PlanRefused,
                _ => EventKind.BackupFailed,
            },
        };

    private static string Line(Failure failure) => failure.Message + ". " + failure.Advice;

    private static string Lines(IEnumerable<string> items)
    {
        var all = items.ToList();
        return string.Concat(all.Take(Listed).Select(item => "- " + item + "\n"))
            + (all.Count > Listed ? "... and " + (all.Count - Listed) + " more.\n" : "");
    }

    private static Failure? Problem(RunContext context, LogEvent entry)
    {
        try
        {
            context.WriteEvent(entry);
            return null;
        }
        catch (BackupException e)
        {
            return e.Failure;
        }
    }
}
