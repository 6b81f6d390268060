using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;

namespace HyperVBackup.Runs;

/// <summary>Calls the plan's command when a run has ended. What comes of it changes nothing but the warnings.</summary>
internal static class RunHook
{
    /// <summary>Calls <c>onSuccess</c> or <c>onFailure</c>, if the plan has it.</summary>
    /// <param name="plan">The plan; <see cref="PlanTrust"/> has found nothing wrong with it.</param>
    /// <param name="result">How the run ended.</param>
    /// <param name="context">What it works with.</param>
    /// <returns>The result, with a warning more when the command failed.</returns>
    public static RunResult Call(BackupPlan plan, RunResult result, RunContext context)
    {
        var (name, command) = result.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings
            ? ("onSuccess", plan.OnSuccess)
            : ("onFailure", plan.OnFailure);
        if (command == null)
            return result;
        context.Story("Calling " + name + ": " + command.Command + ".");
        // A run may take hours, in which somebody may have got hold of what is called now.
        var folder = plan.File != null ? PathOf.Parent(plan.File) : null;
        if (CommandTrust.Problems(command, name, folder, context.Files).FirstOrDefault() is { } untrusted)
            return result.WithWarning(
                "The plan's "
                    + name
                    + " ("
                    + command.Command
                    + ") was not called: "
                    + untrusted
                    + ". The backup itself is not affected."
            );
        var json = RunJson.OfResult(result);
        var (problem, output) = Call(
            context,
            new ChildCall
            {
                Command = command.Command,
                Folder = folder ?? "",
                Arguments = command.Arguments,
                Timeout = command.Timeout,
                Input = RunJson.Text(json),
                Environment = new Dictionary<string, string>
                {
                    ["HVBACKUP_OUTCOME"] = (string)json["outcome"]!,
                    ["HVBACKUP_EXITCODE"] = result.ExitCode.ToString(CultureInfo.InvariantCulture),
                    ["HVBACKUP_PLAN"] = result.Plan,
                    ["HVBACKUP_SET"] = result.Set,
                    ["HVBACKUP_RUN"] = result.RunId.ToString("D"),
                    ["HVBACKUP_LOG"] = result.Log,
                },
            }
        );
        foreach (var line in output.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
            context.Story("  " + line);
        return problem == null
            ? result
            : result.WithWarning(
                "The plan's "
                    + name
                    + " ("
                    + command.Command
                    + ") failed: "
                    + problem
                    + ". The backup itself is not affected."
            );
    }

    private static (string? Problem, string Output) Call(RunContext context, ChildCall call)
    {
        try
        {
            return context.CallProgram(call);
        }
#pragma warning disable CA1031 // Whatever it is, the run has ended and must say how.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (e.Message.TrimEnd('.'), "");
        }
    }
}
