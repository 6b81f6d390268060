using System.CommandLine;
using System.Linq;
using HyperVBackup.Cli.Output;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Text;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup prune</c>: removes the sets that a plan does not keep.</summary>
internal static class PruneCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("plan.json")
        {
            Description =
                "The plan, with \"keep\". Each run of it removes old sets at its end; this is for doing it now.",
        };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Say which sets would go, and why the others stay. Remove nothing.",
        };
        var json = Arguments.Json();
        var command = new Command("prune", "Remove the sets that a plan does not keep.") { file, dryRun, json };
        command.SetAction(parsed =>
            Invocation.Run(
                surroundings,
                parsed,
                json,
                null,
                invocation =>
                {
                    var plan = PlanFile.Read(Arguments.FullPath(parsed.GetValue(file)!, "plan.json"));
                    if (!parsed.GetValue(dryRun))
                        return End(invocation, PruneRun.Execute(plan, invocation.Context, surroundings.Cancel), false);
                    return End(
                        invocation,
                        new PruneResult { Plan = plan.Name, Sets = PruneRun.Preview(plan, invocation.Context) },
                        true
                    );
                }
            )
        );
        return command;
    }

    private static int End(Invocation invocation, PruneResult result, bool isDry)
    {
        var json = (JObject)JsonOutput.ToToken(result);
        json["dryRun"] = isDry;
        json["failureCount"] = result.Failures.Count;
        json["warnings"] = new JArray();
        return invocation.End(
            json,
            Outcomes.Word(result.ExitCode),
            result.ExitCode,
            report => Write(report, result, isDry)
        );
    }

    private static void Write(Report report, PruneResult result, bool isDry)
    {
        var table = new Table(
            new("Set"),
            new("Size", true),
            new("Target", Shrinks: true),
            new(isDry ? "Would be" : "Was"),
            new("Because", Shrinks: true)
        );
        foreach (var set in result.Sets)
            table.Add(
                set.Set,
                HumanText.Size(set.Bytes),
                string.Join(", ", set.Targets),
                Word(set, result, isDry),
                string.Join(", ", set.Reasons)
            );
        if (result.Sets.Count > 0)
            report.Table(table);
        var count = isDry ? result.Sets.Count(set => set.IsRemoved) : result.Removed.Count;
        report.Line(
            result.Sets.Count == 0 ? "The plan '" + result.Plan + "' has no complete sets that are named by time."
            : count == 0 ? "Nothing to remove."
            : count + (count == 1 ? " set" : " sets") + (isDry ? " would be removed." : " removed.")
        );
        FailureText.Add(report, result.Failures, result.Failures.Count);
    }

    private static string Word(PruneDecision set, PruneResult result, bool isDry) =>
        !set.IsRemoved ? "kept"
        : isDry || result.Removed.Contains(set.Set) ? "removed"
        : "not removed";
}
