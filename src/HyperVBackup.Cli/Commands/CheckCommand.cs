using System.CommandLine;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup check</c>: what a plan would do here and now, without doing it.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("plan.json")
        {
            Description = "The plan. Relative paths in it start from its folder.",
        };
        var json = Arguments.Json();
        var noProgress = Arguments.NoProgress();
        var command = new Command(
            "check",
            "Check a plan: what it would write where, whether it fits, and what is wrong with it. Nothing is touched."
        )
        {
            file,
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
                    var check = Check(invocation, Arguments.FullPath(parsed.GetValue(file)!, "plan.json"));
                    return invocation.End(
                        (JObject)JsonOutput.ToToken(check),
                        Word(check),
                        check.ExitCode,
                        report => CheckReport.Write(report, check)
                    );
                }
            )
        );
        return command;
    }

    private static PlanCheck Check(Invocation invocation, string path)
    {
        BackupPlan plan;
        try
        {
            plan = PlanFile.Read(path);
        }
        catch (PlanException e) when (!e.IsUnreadable)
        {
            return PlanCheck.Of(path, e);
        }

        var context = invocation.Context;
        return invocation.Watch(context.Progress, () => PlanCheck.Of(plan, context, invocation.Surroundings.Cancel));
    }

    private static string Word(PlanCheck check) =>
        check.ExitCode switch
        {
            ExitCodes.Complete => "usable",
            ExitCodes.Warnings => "usableWithWarnings",
            _ => "unusable",
        };
}
