using System;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Text;

namespace HyperVBackup.Runs;

/// <summary>
/// What is written down of a run: its log while it runs, its result in the history when it has ended.
/// </summary>
internal sealed class RunRecord : IDisposable
{
    private readonly RunContext _context;
    private readonly RunLog _log;

    private RunRecord(RunContext context, RunLog log)
    {
        _context = context;
        _log = log;
    }

    /// <summary>Begins it. The state folder is there.</summary>
    public static RunRecord Begin(RunContext context, BackupPlan plan, Guid runId, DateTime started)
    {
        var log = RunLog.Begin(context.Files, context.State, context.Clock, RunNames.Of(started, runId));
        var record = new RunRecord(context, log);
        record.Tell(
            "Run "
                + runId.ToString("D")
                + " of the plan '"
                + plan.Name
                + "'"
                + (plan.File == null ? "" : " (" + plan.File + ")")
                + " on "
                + context.Host
                + ", process "
                + Host.JournalOwner.Current.ProcessId
                + ", HyperVBackup "
                + typeof(RunRecord).Assembly.GetName().Version?.ToString(3)
                + "."
        );
        foreach (var job in plan.Jobs)
            record.Tell("Job: " + job.Source + " to " + string.Join(", ", job.Targets) + " as " + job.FolderName + ".");
        if (plan.VirtualMachines.Count > 0)
            record.Tell(
                "Virtual machines: "
                    + string.Join(", ", plan.VirtualMachines)
                    + " to "
                    + string.Join(", ", plan.VirtualMachineTargets)
                    + "."
            );
        return record;
    }

    /// <summary>Writes what happens.</summary>
    public void Tell(string sentence) => _log.Write(sentence);

    /// <summary>Writes how the run ended.</summary>
    /// <returns>The result, which says where its log is.</returns>
    public RunResult Tell(RunResult result)
    {
        foreach (var job in result.Jobs)
            Tell(
                job
                    + ": "
                    + job.Files
                    + " files, "
                    + HumanText.Size(job.Bytes)
                    + "; "
                    + job.FilesCopied
                    + " copied, "
                    + job.FilesUnchanged
                    + " unchanged, "
                    + job.Deleted
                    + " deleted, "
                    + HumanText.Size(job.BytesWritten)
                    + " written."
            );
        foreach (var machine in result.Machines)
            Tell(
                "Virtual machine "
                    + machine.Name
                    + ": "
                    + (
                        machine.IsBackedUp
                            ? "backed up (" + machine.Capture + ")."
                            : "NOT backed up: " + machine.Failure?.Message + "."
                    )
            );
        foreach (var warning in result.Warnings)
            Tell("Warning: " + warning);
        foreach (var failure in result.Failures)
            Tell("Failure: " + failure.Message + ". " + failure.Advice);
        if (result.FailureCount > result.Failures.Count)
            Tell("... and " + (result.FailureCount - result.Failures.Count) + " failures more.");
        Tell(
            Headline(result)
                + " Exit code "
                + result.ExitCode
                + " after "
                + HumanText.Span(result.Duration)
                + "; "
                + HumanText.Size(result.BytesRead)
                + " read, "
                + HumanText.Size(result.BytesWritten)
                + " written."
        );
        _log.Release();
        return result with { Log = _log.Problem == null ? _log.Path : "" };
    }

    /// <summary>Ends it.</summary>
    /// <param name="result">What <see cref="Tell(RunResult)"/> gave, perhaps with more warnings by now.</param>
    /// <param name="told">How many of its warnings are in the log already.</param>
    /// <param name="keepLogs">How many logs are kept.</param>
    /// <returns>The result, with a warning more if something could not be written down.</returns>
    public RunResult End(RunResult result, int told, int keepLogs)
    {
        foreach (var warning in result.Warnings.Skip(told))
            Tell("Warning: " + warning);
        _log.End(keepLogs);
        if (_log.Problem is { } problem)
            result = result.WithWarning(
                "The log of the run is incomplete: " + problem.Message + ". " + problem.Advice
            ) with
            {
                Log = "",
            };
        try
        {
            RunHistory.Add(_context.Files, _context.State, result);
        }
        catch (BackupException e)
        {
            result = result.WithWarning(
                "The result is not in the history of runs: " + e.Failure.Message + ". " + e.Failure.Advice
            );
        }

        return result;
    }

    public void Dispose() => _log.Dispose();

    /// <summary>How a run ended, in a sentence.</summary>
    public static string Headline(RunResult result) =>
        result.Outcome switch
        {
            RunOutcome.Complete => "Complete: there is a new set " + result.Set + ".",
            RunOutcome.CompleteWithWarnings => "Complete, with warnings: there is a new set " + result.Set + ".",
            RunOutcome.Cancelled => "Cancelled: there is no new set.",
            _ when result.IsPartial => "Failed: there is no new complete set; "
                + result.Set
                + " is partial, and holds what could be copied.",
            _ => "Failed: there is no new set.",
        };
}
