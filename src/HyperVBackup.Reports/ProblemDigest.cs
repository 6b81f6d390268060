using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Runs;

namespace HyperVBackup.Reports;

/// <summary>Failures with the same name and the same advice. Plain data.</summary>
public sealed record FailureGroup
{
    /// <summary>Which failure of the vocabulary.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Advice { get; init; }

    /// <summary>How many there were.</summary>
    public required long Count { get; init; }

    /// <summary>In how many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>The start of the oldest of these runs, UTC.</summary>
    public required DateTime First { get; init; }

    /// <summary>The start of the newest of these runs, UTC.</summary>
    public required DateTime Last { get; init; }

    /// <summary>Whether it is still so: no run of the same plan has ended well since.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>Some of the messages, the newest first, none twice.</summary>
    public required IReadOnlyList<string> Messages { get; init; }
}

/// <summary>A warning and how often it came. Plain data.</summary>
public sealed record WarningGroup
{
    /// <summary>The warning.</summary>
    public required string Text { get; init; }

    /// <summary>In how many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>The start of the newest of these runs, UTC.</summary>
    public required DateTime Last { get; init; }
}

/// <summary>
/// Gathers failures and warnings of runs, the newest run first, keeping no more than a page can show.
/// </summary>
internal sealed class ProblemDigest
{
    private const int MostGroups = 40;
    private readonly Dictionary<(FailureKind, string), AlikeFailures> _failures = new();
    private readonly Dictionary<string, (int Runs, DateTime Last)> _warnings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _good = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _goodMachines = new();

    /// <summary>The failures, the newest first.</summary>
    public IReadOnlyList<FailureGroup> Failures =>
        _failures
            .Values.OrderByDescending(alike => alike.IsOpen)
            .ThenByDescending(alike => alike.Last)
            .Take(MostGroups)
            .Select(alike => alike.ToGroup())
            .ToList();

    /// <summary>The warnings, the newest first.</summary>
    public IReadOnlyList<WarningGroup> Warnings =>
        _warnings
            .OrderByDescending(warning => warning.Value.Last)
            .ThenBy(warning => warning.Key, StringComparer.Ordinal)
            .Take(MostGroups)
            .Select(warning => new WarningGroup
            {
                Text = warning.Key,
                Runs = warning.Value.Runs,
                Last = warning.Value.Last,
            })
            .ToList();

    /// <summary>Adds what a run says. Runs come with the newest first.</summary>
    public void Add(RunResult result, ReportRun run)
    {
        foreach (var failure in result.Failures)
            Alike(failure).Add(failure, run, !_good.Contains(run.Plan));
        if (result.FailureCount > result.Failures.Count && result.Failures.Count > 0)
            Alike(result.Failures[result.Failures.Count - 1]).Uncounted(result.FailureCount - result.Failures.Count);
        foreach (var machine in result.Machines)
        {
            // In a run that failed as a whole, its machines only repeat why.
            if (run.IsGood && machine.Failure is { } failure)
                Alike(failure).Add(failure, run, !_goodMachines.Contains(machine.Id));
            if (run.IsGood && machine.IsBackedUp)
                _goodMachines.Add(machine.Id);
        }

        foreach (var warning in result.Warnings.Distinct(StringComparer.Ordinal))
        {
            var known = _warnings.TryGetValue(warning, out var so);
            _warnings[warning] = known ? (so.Runs + 1, so.Last) : (1, run.Started);
        }

        if (run.IsGood)
            _good.Add(run.Plan);
    }

    private AlikeFailures Alike(Failure failure)
    {
        if (!_failures.TryGetValue((failure.Kind, failure.Advice), out var alike))
            _failures.Add((failure.Kind, failure.Advice), alike = new AlikeFailures(failure));
        return alike;
    }
}
