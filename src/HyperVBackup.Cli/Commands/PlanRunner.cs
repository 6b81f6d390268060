using HyperVBackup.Cli.Output;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary>Runs a plan and tells its result: what <c>backup</c> and <c>run</c> share.</summary>
internal static class PlanRunner
{
    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="PlanException">The plan cannot be used; nothing was touched.</exception>
    public static int Run(Invocation invocation, BackupPlan plan, bool allowDeletions = false)
    {
        var context = invocation.Context with { AllowDeletions = allowDeletions };
        var result = invocation.Watch(
            context.Progress,
            () => BackupRun.Execute(plan, context, invocation.Surroundings.Cancel)
        );
        return invocation.End(
            (JObject)JsonOutput.ToToken(result),
            Outcomes.Word(result.Outcome),
            result.ExitCode,
            report => RunReport.Write(report, result)
        );
    }
}
