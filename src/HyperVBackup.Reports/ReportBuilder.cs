using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Runs;

namespace HyperVBackup.Reports;

/// <summary>From the history, the targets and the time to what a report says. Reads nothing itself.</summary>
internal static class ReportBuilder
{
    /// <summary>Builds.</summary>
    /// <param name="history">The files of the history, the newest first; gone through once.</param>
    /// <param name="targets">The targets that were looked at.</param>
    /// <param name="options">What is to be shown.</param>
    /// <param name="host">This computer.</param>
    /// <param name="historyFolder">Where the history is.</param>
    /// <param name="now">Now, UTC.</param>
    public static ReportModel Build(
        IEnumerable<HistoryEntry> history,
        IReadOnlyList<TargetReport> targets,
        ReportOptions options,
        string host,
        string historyFolder,
        DateTime now
    )
    {
        var runs = new List<RunFacts>();
        var damaged = new List<HistoryEntry>();
        var problems = new ProblemDigest();
        foreach (var entry in history)
        {
            if (entry.Result is not { } result)
            {
                // A run that ends at this moment deletes the oldest.
                if (entry.Problem?.Kind != FailureKind.FileMissing)
                    damaged.Add(entry);
                continue;
            }

            var run = RunFacts.Of(result);
            if (runs.Count < options.Last)
                problems.Add(result, run.Run);
            runs.Add(run);
        }

        // Names of files are in order of time, unless somebody renamed them.
        runs = runs.OrderByDescending(run => run.Run.Started)
            .ThenByDescending(run => run.Run.Started + run.Run.Duration)
            .ToList();
        var model = new ReportModel
        {
            Title = string.IsNullOrWhiteSpace(options.Title) ? "Backups of " + host : options.Title!,
            Host = host,
            Generated = now,
            Zone = options.Zone,
            StaleAfter = options.StaleAfter,
            HistoryFolder = historyFolder,
            State = ReportState.Empty,
            Runs = runs.Take(options.Last).Select(run => run.Run).Reverse().ToList(),
            RunCount = runs.Count,
            Since = runs.Count == 0 ? null : runs[runs.Count - 1].Run.Started,
            Items = new ItemBuilder(runs, targets, now, options.StaleAfter).Build(),
            Failures = problems.Failures,
            Warnings = problems.Warnings,
            Targets = targets,
            Damaged = damaged,
        };
        return model with { State = StateOf(model) };
    }

    private static ReportState StateOf(ReportModel model)
    {
        if (model.Stale.Any())
            return ReportState.AtRisk;
        // "No backups yet" may be said only where nothing hints at any.
        if (model.Items.Count == 0)
            return
                model.RunCount > 0
                || model.Damaged.Count > 0
                || model.Targets.Any(target => target.Problem != null || target.Sets.Count > 0)
                ? ReportState.Attention
                : ReportState.Empty;
        if (
            model.Items.Any(item => item.State == ItemState.LastFailed)
            || model.LastRun is { IsGood: false }
            || model.Targets.Any(target => target.Problem != null || target.Sets.Any(set => set.Problem != null))
        )
            return ReportState.Attention;
        return
            model.LastRun is { Outcome: ReportOutcome.Warnings }
            || model.Damaged.Count > 0
            || model.Items.Any(item => item.State == ItemState.Dropped || item.Notes.Count > 0)
            ? ReportState.Warnings
            : ReportState.Good;
    }
}
