using System.CommandLine;
using HyperVBackup.Plans;
using HyperVBackup.Runs;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup run</c>: a plan from a file.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("plan.json")
        {
            Description = "The plan. Relative paths in it start from its folder.",
        };
        var maxRate = Arguments.MaxRate();
        var takeOver = Arguments.TakeOver();
        var allowDeletions = Arguments.AllowDeletions();
        var json = Arguments.Json();
        var noProgress = Arguments.NoProgress();
        var command = new Command("run", "Run a plan.") { file, maxRate, takeOver, allowDeletions, json, noProgress };
        command.SetAction(parsed =>
            Invocation.Run(
                surroundings,
                parsed,
                json,
                noProgress,
                invocation =>
                {
                    BackupPlan? plan = null;
                    try
                    {
                        plan = PlanFile.Read(Arguments.FullPath(parsed.GetValue(file)!, "plan.json"));
                        // What is given here is for this run; what is not stays as the plan says.
                        if (parsed.GetResult(maxRate) is { Implicit: false })
                            plan = plan with { MaxBytesPerSecond = parsed.GetValue(maxRate) };
                        if (parsed.GetValue(takeOver))
                            plan = plan with { TakeOver = true };
                        return PlanRunner.Run(invocation, plan, parsed.GetValue(allowDeletions));
                    }
                    catch (PlanException refused) when (plan is not { EventLog: false })
                    {
                        RunEvents.TellRefused(invocation.Context, refused);
                        throw;
                    }
                }
            )
        );
        return command;
    }
}
