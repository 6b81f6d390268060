using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using HyperVBackup.Walking;
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
                    var destination = Arguments.FullPath(parsed.GetValue(to)!, "--to");
                    return Restore(
                        invocation,
                        from,
                        parsed.GetValue(set),
                        new RestoreWishes(
                            destination,
                            parsed.GetValue(machines) ?? [],
                            parsed.GetValue(paths) ?? [],
                            parsed.GetValue(force),
                            parsed.GetValue(salvage)
                        )
                    );
                }
            )
        );
        return command;
    }

    private sealed record RestoreWishes(
        string Destination,
        string[] Machines,
        string[] Paths,
        bool Force,
        bool Salvage
    );

    private static int Restore(Invocation invocation, string target, string? name, RestoreWishes wishes)
    {
        var unusable = wishes
            .Paths.Select(path => GlobFilter.WhyNot(path))
            .OfType<string>()
            .Select(why => new PlanProblem("--path", why))
            .ToList();
        if (wishes.Machines.Any(string.IsNullOrWhiteSpace))
            unusable.Add(
                new PlanProblem(
                    "--vm",
                    "a name is empty; write the name of a virtual machine, with '*' for several, or its id"
                )
            );
        if (unusable.Count > 0)
            throw new PlanException("The arguments", unusable);
        var context = invocation.Context;
        IReadOnlyList<string> warnings = name == null ? SetChoice.Doubts(context.Files, target) : [];
        var set = SetCatalogue.Choose(context.Files, target, name);
        var request = new RestoreRequest
        {
            Set = set,
            Destination = wishes.Destination,
            Machines = wishes.Machines,
            Paths = wishes.Paths,
            Force = wishes.Force,
            Salvage = wishes.Salvage,
        };
        var started = context.Clock.UtcNow;
        var result = invocation.Watch(
            context.Progress,
            () => SetRestorer.Restore(context.Files, request, context.Progress, invocation.Surroundings.Cancel)
        );
        if (RunEvents.Tell(context, result) is { } untold)
            warnings = [.. warnings, untold.Message + ". " + untold.Advice];
        var ended = context.Clock.UtcNow;
        warnings = [.. warnings, .. result.Warnings];
        var exitCode =
            result.ExitCode == ExitCodes.Complete && warnings.Count > 0 ? ExitCodes.Warnings : result.ExitCode;
        var json = (JObject)JsonOutput.ToToken(result);
        json["duration"] = JsonOutput.ToToken(ended - started);
        json["warnings"] = new JArray(warnings);
        json.Remove("registrations"); // That is the module's business.
        return invocation.End(
            json,
            Outcomes.Word(exitCode),
            exitCode,
            report => Write(report, set, result, warnings, ended - started, ended)
        );
    }

    private static void Write(
        Report report,
        SetInfo set,
        RestoreReport result,
        IReadOnlyList<string> warnings,
        TimeSpan took,
        DateTime now
    )
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
                + RunReport.Took(result.Bytes, took)
                + (
                    result.FilesPresent > 0
                        ? "; " + Files(result.FilesPresent) + " there already with the right content."
                        : "."
                )
        );
        FailureText.AddWarnings(report, warnings);
        FailureText.Add(report, result.Failures, result.FailureCount);
    }

    private static string Files(long count) => count == 1 ? "1 file" : count + " files";
}
