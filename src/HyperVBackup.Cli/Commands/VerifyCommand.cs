using System;
using System.CommandLine;
using System.Linq;
using HyperVBackup.Cli.Output;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup verify</c>: whether a set is as it was committed.</summary>
internal static class VerifyCommand
{
    private const int Shown = 200;

    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var target = Arguments.Target();
        var set = Arguments.Set();
        var quick = new Option<bool>("--quick")
        {
            Description =
                "Compare names, sizes and times and check the structure of virtual disks; do not read the content.",
        };
        var json = Arguments.Json();
        var noProgress = Arguments.NoProgress();
        var command = new Command("verify", "Check every block of a set against the hashes it was committed with.")
        {
            target,
            set,
            quick,
            json,
            noProgress,
        };
        command.SetAction(parsed =>
            Invocation.Run(
                surroundings,
                parsed,
                json,
                noProgress,
                invocation =>
                    Verify(
                        invocation,
                        SetChoice.Target(invocation.Context.Files, parsed.GetValue(target)!),
                        parsed.GetValue(set),
                        parsed.GetValue(quick)
                    )
            )
        );
        return command;
    }

    private static int Verify(Invocation invocation, string target, string? name, bool quick)
    {
        var context = invocation.Context;
        var request = new VerifyRequest
        {
            Path = target,
            Set = name,
            Quick = quick,
        };
        var report = invocation.Watch(
            context.Progress,
            () => VerifyRun.Execute(request, context, invocation.Surroundings.Cancel)
        );
        var json = (JObject)JsonOutput.ToToken(report);
        json["failures"] = JsonOutput.ToToken(
            report.Damages.Select(damage => damage.Failure).Concat(report.Unverified)
        );
        json["failureCount"] = report.DamageCount + report.UnverifiedCount;
        return invocation.End(
            json,
            Outcomes.Word(report.ExitCode),
            report.ExitCode,
            text => Write(text, report, context.Clock.UtcNow)
        );
    }

    private static void Write(Report text, VerifyReport report, DateTime now)
    {
        var committed = report.Completed is { } completed ? "committed " + SetChoice.Time(completed, now) : "";
        if (report.IsGood)
            text.Line("Good: " + report.Set + " on " + report.Target + " is as it was " + committed + ".", Tone.Good);
        else if (report.DamageCount == 0)
            text.Line(
                "Could not be verified: "
                    + report.Set
                    + " on "
                    + report.Target
                    + ", "
                    + committed
                    + ". Nothing that was looked at is damaged.",
                Tone.Bad
            );
        else
            text.Line(
                "Damaged: "
                    + report.Set
                    + " on "
                    + report.Target
                    + ", "
                    + committed
                    + ", "
                    + (report.DamageCount == 1 ? "in one place." : "in " + report.DamageCount + " places."),
                Tone.Bad
            );
        var read = report.ContentRead
            ? ", "
                + HumanText.Size(report.BytesRead)
                + " compared with their hashes"
                + RunReport.Took(report.BytesRead, report.Duration)
                + "."
            : "; names, sizes, times and the structure of virtual disks. Their content was not read.";
        text.Line(report.Files + (report.Files == 1 ? " file" : " files") + read);
        if (report.DamageCount > 0)
            WriteDamage(text, report);
        if (report.UnverifiedCount > 0)
            WriteUnverified(text, report);
        foreach (var note in report.Notes)
            text.Line("Note: " + note);
        FailureText.AddWarnings(text, report.Warnings);
    }

    private static void WriteUnverified(Report text, VerifyReport report)
    {
        text.Line();
        text.Line(
            report.UnverifiedCount == 1
                ? "One thing could not be verified, which says nothing of it:"
                : report.UnverifiedCount + " things could not be verified, which says nothing of them:"
        );
        foreach (var failure in report.Unverified.Take(Shown))
            text.Line("  " + failure.Message);
        if (report.UnverifiedCount > Shown)
            text.Line("  ... and " + (report.UnverifiedCount - Shown) + " more (--json lists up to ten thousand)");
        text.Line();
        foreach (var advice in report.Unverified.Select(failure => failure.Advice).Distinct())
            text.Line(advice);
    }

    private static void WriteDamage(Report text, VerifyReport report)
    {
        text.Line();
        foreach (var damage in report.Damages.Take(Shown))
            text.Line(
                "  "
                    + damage.File
                    + ": "
                    + damage.Failure.Cause
                    + (damage.Length > 0 ? " (" + HumanText.Size(damage.Length) + ")" : "")
            );
        if (report.DamageCount > Shown)
            text.Line("  ... and " + (report.DamageCount - Shown) + " more (--json lists up to ten thousand)");
        text.Line();
        foreach (var advice in report.Damages.Select(damage => damage.Failure.Advice).Distinct())
            text.Line(advice);
    }
}
