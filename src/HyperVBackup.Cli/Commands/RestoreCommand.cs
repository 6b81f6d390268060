using System;
using System.CommandLine;
using HyperVBackup.Cli.Output;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup restore</c>: files back from a set.</summary>
internal static class RestoreCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var target = Arguments.Target();
        var to = new Option<string>("--to")
        {
            HelpName = "folder",
            Description = "The folder to restore to; each folder of the set becomes a folder in it.",
            Required = true,
        };
        var set = Arguments.Set();
        var paths = new Option<string[]>("--path")
        {
            HelpName = "GLOB",
            Description =
                "Restore only these files and folders: web.vhdx, VHD, CFG/*.vmcx. A folder means all that it holds. "
                + "Can be given several times.",
        };
        var machines = new Option<string[]>("--vm")
        {
            HelpName = "NAME",
            Description =
                "Restore only these virtual machines: names, with * and ?, or ids. Can be given several times.",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        var force = new Option<bool>("--force") { Description = "Replace files that are there with other content." };
        var salvage = new Option<bool>("--salvage")
        {
            Description =
                "Bring back what is left of damaged files as well, as NAME.salvaged with a list of what is missing.",
        };
        var json = Arguments.Json();
        var noProgress = Arguments.NoProgress();
        var command = new Command("restore", "Bring files back from a set, checking every block on the way.")
        {
            target,
            to,
            set,
            machines,
            paths,
            force,
            salvage,
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
                    var from = SetChoice.Target(invocation.Context.Files, parsed.GetValue(target)!);
                    var wishes = new RestoreWishes
                    {
                        Destination = Arguments.FullPath(parsed.GetValue(to)!, "--to"),
                        Machines = parsed.GetValue(machines) ?? [],
                        Paths = parsed.GetValue(paths) ?? [],
                        Force = parsed.GetValue(force),
                        Salvage = parsed.GetValue(salvage),
                    };
                    return Restore(
                        invocation,
                        RestoreRun.Prepare(from, parsed.GetValue(set), wishes, invocation.Context)
                    );
                }
            )
        );
        return command;
    }

    private static int Restore(Invocation invocation, PreparedRestore restore)
    {
        var context = invocation.Context;
        var result = invocation.Watch(
            context.Progress,
            () => RestoreRun.Execute(restore, context, invocation.Surroundings.Cancel)
        );
        var json = (JObject)JsonOutput.ToToken(result);
        json.Remove("registrations"); // That is the module's business.
        return invocation.End(
            json,
            Outcomes.Word(result.ExitCode),
            result.ExitCode,
            report => Write(report, restore.Request.Set, result, context.Clock.UtcNow)
        );
    }

    private static void Write(Report report, SetInfo set, RestoreReport result, DateTime now)
    {
        var of = set.Set + " on " + set.Target;
        if (result.FailureCount == 0)
            report.Line("Restored from " + of + " to " + result.Destination + ".", Tone.Good);
        else
            report.Line("Restored only in part from " + of + " to " + result.Destination + ".", Tone.Bad);
        report.Line(
            "The set was written by "
                + set.Host
                + " for the plan '"
                + set.Plan
                + "'"
                + (result.Completed is { } completed ? " and committed " + SetChoice.Time(completed, now) : "")
                + "."
        );
        if (result.Machines.Count > 0)
            report.Line(
                (result.Machines.Count == 1 ? "The virtual machine " : "The virtual machines ")
                    + string.Join(", ", result.Machines)
                    + "."
            );
        report.Line(
            Files(result.FilesRestored)
                + " restored, "
                + HumanText.Size(result.Bytes)
                + RunReport.Took(result.Bytes, result.Duration)
                + (
                    result.FilesPresent > 0
                        ? "; " + Files(result.FilesPresent) + " there already with the right content."
                        : "."
                )
        );
        FailureText.AddWarnings(report, result.Warnings);
        FailureText.Add(report, result.Failures, result.FailureCount);
    }

    private static string Files(long count) => count == 1 ? "1 file" : count + " files";
}
