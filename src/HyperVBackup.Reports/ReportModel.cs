using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Runs;

namespace HyperVBackup.Reports;

/// <summary>The one word a report has for everything.</summary>
public enum ReportState
{
    /// <summary>Everything has a copy that is new enough, and the newest run was in order.</summary>
    Good,

    /// <summary>As <see cref="Good"/>, and there is something to know.</summary>
    Warnings,

    /// <summary>
    /// The copies are new enough, but the newest run failed, or something that was asked for could not be read.
    /// </summary>
    Attention,

    /// <summary>Something has no good copy, or none that is new enough.</summary>
    AtRisk,

    /// <summary>Nothing was ever backed up.</summary>
    Empty,
}

/// <summary>What a report says, before it is drawn. Plain data.</summary>
public sealed record ReportModel
{
    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>The computer the report was made on.</summary>
    public required string Host { get; init; }

    /// <summary>When it was made, UTC. All ages count from it.</summary>
    public required DateTime Generated { get; init; }

    /// <summary>The time zone times are shown in.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>The age from which a copy is too old.</summary>
    public required TimeSpan StaleAfter { get; init; }

    /// <summary>The folder of the history.</summary>
    public required string HistoryFolder { get; init; }

    /// <summary>The one word.</summary>
    public required ReportState State { get; init; }

    /// <summary>The process exit code for it: 0 when everything is good, 3 when there is something to know.</summary>
    public int ExitCode => State == ReportState.Good ? 0 : 3;

    /// <summary>The runs that are shown, the oldest first.</summary>
    public IReadOnlyList<ReportRun> Runs { get; init; } = Array.Empty<ReportRun>();

    /// <summary>How many runs the history holds.</summary>
    public int RunCount { get; init; }

    /// <summary>When the oldest of them started, UTC; null when there is none.</summary>
    public DateTime? Since { get; init; }

    /// <summary>What is backed up, or was: those in the worst state first.</summary>
    public IReadOnlyList<ProtectedItem> Items { get; init; } = Array.Empty<ProtectedItem>();

    /// <summary>The failures of the runs that are shown, by what to do about them, the newest first.</summary>
    public IReadOnlyList<FailureGroup> Failures { get; init; } = Array.Empty<FailureGroup>();

    /// <summary>The warnings of the runs that are shown, the newest first.</summary>
    public IReadOnlyList<WarningGroup> Warnings { get; init; } = Array.Empty<WarningGroup>();

    /// <summary>What is on the targets that were named.</summary>
    public IReadOnlyList<TargetReport> Targets { get; init; } = Array.Empty<TargetReport>();

    /// <summary>The files of the history that could not be read.</summary>
    public IReadOnlyList<HistoryEntry> Damaged { get; init; } = Array.Empty<HistoryEntry>();

    /// <summary>What could not be read, in sentences for those who asked for the report.</summary>
    public IEnumerable<string> Unreadable =>
        Targets
            .Where(target => target.Problem != null)
            .Select(target => target.Problem!.Message + ". " + target.Problem.Advice)
            .Concat(
                Damaged.Count == 0
                    ? Array.Empty<string>()
                    : new[]
                    {
                        Damaged.Count
                            + " of the files in "
                            + HistoryFolder
                            + " could not be read; the report names them, and leaves out what these runs did.",
                    }
            );

    /// <summary>What has no good copy that is new enough.</summary>
    public IEnumerable<ProtectedItem> Stale => Items.Where(item => item.State is ItemState.NoCopy or ItemState.Stale);

    /// <summary>What is still backed up.</summary>
    public IEnumerable<ProtectedItem> Active =>
        Items.Where(item => item.State != ItemState.Dropped && item.Kind != ItemKind.Plan);

    /// <summary>The newest run that did something; null when there is none.</summary>
    public ReportRun? LastRun =>
        Runs.LastOrDefault(run => run.Outcome != ReportOutcome.Skipped) ?? Runs.LastOrDefault();
}
