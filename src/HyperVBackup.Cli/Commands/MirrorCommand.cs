using System.CommandLine;
using HyperVBackup.Cli.Output;
using HyperVBackup.Runs;
using HyperVBackup.Text;
using HyperVBackup.Walking;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup mirror</c>: the engine alone, one folder made like another.</summary>
internal static class MirrorCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var source = new Argument<string>("source")
        {
            Description = "The folder to read. It is read as it is, without a shadow copy.",
        };
        var destination = new Argument<string>("destination")
        {
            Description = "The folder to make like it. What the source does not have is deleted there.",
        };
        var include = Arguments.Include();
        var exclude = Arguments.Exclude();
        var maxRate = Arguments.MaxRate();
        var maxDelete = Arguments.MaxDeletePercent();
        var allowDeletions = Arguments.AllowDeletions();
        var json = Arguments.Json();
        var noProgress = Arguments.NoProgress();
        var command = new Command(
            "mirror",
            "Make one folder a mirror of another, writing only the blocks that differ. No set, no shadow copy."
        )
        {
            source,
            destination,
            include,
            exclude,
            maxRate,
            maxDelete,
            allowDeletions,
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
                {
                    var from = Arguments.FullPath(parsed.GetValue(source)!, "source");
                    var to = Arguments.FullPath(parsed.GetValue(destination)!, "destination");
                    var filter = new GlobFilter(parsed.GetValue(include), parsed.GetValue(exclude));
                    var context = invocation.Context with { AllowDeletions = parsed.GetValue(allowDeletions) };
                    var (rate, percent) = (parsed.GetValue(maxRate), parsed.GetValue(maxDelete));
                    var result = invocation.Watch(
                        context.Progress,
                        () =>
                            MirrorRun.Execute(from, to, filter, rate, context, invocation.Surroundings.Cancel, percent)
                    );
                    return invocation.End(
                        (JObject)JsonOutput.ToToken(result),
                        Outcomes.Word(result.Outcome),
                        result.ExitCode,
                        report => Write(report, result)
                    );
                }
            )
        );
        return command;
    }

    private static void Write(Report report, MirrorResult result)
    {
        var (text, tone) = result.Outcome switch
        {
            RunOutcome.Complete => (
                "Complete: " + result.Destination + " is a mirror of " + result.Source + ".",
                Tone.Good
            ),
            RunOutcome.CompleteWithWarnings => (
                "Complete, with warnings: " + result.Destination + " is a mirror of " + result.Source + ".",
                Tone.Warning
            ),
            RunOutcome.Cancelled => (
                "Cancelled: " + result.Destination + " is not a mirror of " + result.Source + " yet.",
                Tone.Bad
            ),
            _ => ("Failed: " + result.Destination + " is not a mirror of " + result.Source + " yet.", Tone.Bad),
        };
        report.Line(text, tone);
        if (result.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings)
        {
            report.Line(
                result.Files
                    + (result.Files == 1 ? " file, " : " files, ")
                    + HumanText.Size(result.Bytes)
                    + ": "
                    + result.FilesCopied
                    + " copied, "
                    + result.FilesUnchanged
                    + " unchanged, "
                    + result.Deleted
                    + " deleted."
            );
            report.Line(RunReport.Totals(result.BytesRead, result.BytesWritten, result.Duration));
        }

        FailureText.AddWarnings(report, result.Warnings);
        FailureText.Add(report, result.Failures, result.FailureCount);
    }
}
