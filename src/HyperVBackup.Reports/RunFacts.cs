using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;

namespace HyperVBackup.Reports;

/// <summary>
/// What a report needs of one result: small, so that a thousand of them fit in memory whatever failures they list.
/// </summary>
internal sealed class RunFacts
{
    private const string MachineSource = "vm:";

    private RunFacts(ReportRun run, IReadOnlyList<ItemFacts> items, Failure? firstFailure)
    {
        Run = run;
        Items = items;
        FirstFailure = firstFailure;
    }

    public ReportRun Run { get; }

    /// <summary>What it copied, or tried to. A run that failed may not have come so far as to know.</summary>
    public IReadOnlyList<ItemFacts> Items { get; }

    public Failure? FirstFailure { get; }

    public static RunFacts Of(RunResult result)
    {
        var started = Amounts.Time(result.Started);
        var duration = Amounts.Time(result.Ended) - started;
        if (duration < TimeSpan.Zero)
            duration = TimeSpan.Zero;
        var items = result.Machines.Select(machine => OfMachine(result, machine)).Concat(OfFolders(result)).ToList();
        var held = Amounts.Sum(result.Jobs.Select(job => job.Bytes));
        var (read, written) = (Amounts.Bytes(result.BytesRead), Amounts.Bytes(result.BytesWritten));
        var run = new ReportRun
        {
            RunId = result.RunId,
            Plan = result.Plan,
            Host = result.Host,
            Set = result.Set,
            Started = started,
            Duration = duration,
            Outcome = OutcomeOf(result),
            Bytes = Amounts.Sum(items.Select(item => item.Bytes)),
            BytesRead = read,
            BytesWritten = written,
            ChangedShare = Amounts.Share(written, held),
            Rate = Amounts.Rate(read, duration.TotalSeconds),
            Verified = result.Verified,
            FailureCount = Math.Max(result.FailureCount, result.Failures.Count),
            WarningCount = result.Warnings.Count,
        };
        return new RunFacts(run, items, result.Failures.FirstOrDefault());
    }

    private static ReportOutcome OutcomeOf(RunResult result) =>
        result.Outcome switch
        {
            RunOutcome.Complete => ReportOutcome.Complete,
            RunOutcome.CompleteWithWarnings => ReportOutcome.Warnings,
            RunOutcome.Cancelled => ReportOutcome.Cancelled,
            _ => result.Failures.Count > 0 && result.Failures[0].Kind == FailureKind.LockHeld
                ? ReportOutcome.Skipped
                : ReportOutcome.Failed,
        };

    private static ItemFacts OfMachine(RunResult result, MachineResult machine)
    {
        var targets = result
            .Jobs.Where(job => job.Source == MachineSource + machine.Name && PathOf.Leaf(job.Folder) == machine.Folder)
            .Select(job => job.Target)
            .ToList();
        var (bytes, written) = (Amounts.Bytes(machine.Bytes), Amounts.Bytes(machine.BytesWritten));
        return new ItemFacts
        {
            Key = ItemKey.OfMachine(result.Host, machine.Id),
            Kind = ItemKind.Machine,
            Name = machine.Name,
            Folder = machine.Folder,
            Targets = targets,
            IsGood = machine.IsBackedUp && result.Outcome is (RunOutcome.Complete or RunOutcome.CompleteWithWarnings),
            Bytes = bytes,
            BytesWritten = written,
            ChangedShare = Amounts.Share(written, Amounts.Bytes(bytes * (double)targets.Count)),
            Rate = Amounts.Rate(bytes, machine.Seconds),
            Capture = machine.Capture,
            Failure = machine.Failure,
        };
    }

    private static IEnumerable<ItemFacts> OfFolders(RunResult result) =>
        from job in result.Jobs
        where result.Machines.Count == 0 || !job.Source.StartsWith(MachineSource, StringComparison.Ordinal)
        group job by ItemKey.OfFolder(result.Host, job.Source, PathOf.Leaf(job.Folder)) into jobs
        let first = jobs.First()
        let written = Amounts.Sum(jobs.Select(job => job.BytesWritten))
        select new ItemFacts
        {
            Key = jobs.Key,
            Kind = ItemKind.Folder,
            Name = first.Source,
            Folder = PathOf.Leaf(first.Folder),
            Targets = jobs.Select(job => job.Target).ToList(),
            IsGood = result.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings,
            Bytes = Amounts.Bytes(first.Bytes),
            BytesWritten = written,
            ChangedShare = Amounts.Share(written, Amounts.Sum(jobs.Select(job => job.Bytes))),
            Rate = Amounts.Rate(Amounts.Bytes(first.Bytes), first.Seconds),
        };
}

/// <summary>What one run did for one item.</summary>
internal sealed record ItemFacts
{
    public required string Key { get; init; }

    public required ItemKind Kind { get; init; }

    public required string Name { get; init; }

    public required string Folder { get; init; }

    public IReadOnlyList<string> Targets { get; init; } = Array.Empty<string>();

    public bool IsGood { get; init; }

    public long Bytes { get; init; }

    public long BytesWritten { get; init; }

    public double? ChangedShare { get; init; }

    public double? Rate { get; init; }

    public string Capture { get; init; } = "";

    public Failure? Failure { get; init; }
}

/// <summary>
/// What makes two copies copies of the same: a machine's id, which a new name does not change, or a folder and its name
/// in the set. Not the plan:
/// what one plan failed to copy, another one may have.
/// </summary>
internal static class ItemKey
{
    public static string OfMachine(string host, Guid id) => "vm\n" + host.ToUpperInvariant() + "\n" + id.ToString("N");

    public static string OfFolder(string host, string source, string folder) =>
        "folder\n"
        + host.ToUpperInvariant()
        + "\n"
        + (PathOf.IsWindows ? source.ToUpperInvariant() : source)
        + "\n"
        + folder.ToUpperInvariant();
}
