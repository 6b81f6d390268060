using System;

namespace HyperVBackup.Reports;

/// <summary>How a run ended, as a report tells it.</summary>
public enum ReportOutcome
{
    /// <summary>A new complete set.</summary>
    Complete,

    /// <summary>A new complete set, with warnings.</summary>
    Warnings,

    /// <summary>No new set.</summary>
    Failed,

    /// <summary>Cancelled; no new set.</summary>
    Cancelled,

    /// <summary>Another run held the lock: it did nothing, and says nothing about the backups.</summary>
    Skipped,
}

/// <summary>
/// One run of the history, in numbers. Plain data; what a damaged file claims (negative sizes, ends before starts) is
/// cut to what can be.
/// </summary>
public sealed record ReportRun
{
    /// <summary>Its id.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Its plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The computer it ran on.</summary>
    public required string Host { get; init; }

    /// <summary>The set it wrote; empty if it did not come that far.</summary>
    public string Set { get; init; } = "";

    /// <summary>When it started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How it ended.</summary>
    public required ReportOutcome Outcome { get; init; }

    /// <summary>Bytes of all it keeps a copy of, each counted once.</summary>
    public long Bytes { get; init; }

    /// <summary>Source bytes gone through.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes written to all targets.</summary>
    public long BytesWritten { get; init; }

    /// <summary>
    /// The part of what its targets hold that it had to write, from 0 to 1; null when they hold nothing.
    /// </summary>
    public double? ChangedShare { get; init; }

    /// <summary>Source bytes per second over the whole run; null when it is not known.</summary>
    public double? Rate { get; init; }

    /// <summary>Whether what it wrote was read back.</summary>
    public bool Verified { get; init; }

    /// <summary>How many failures it had.</summary>
    public long FailureCount { get; init; }

    /// <summary>How many warnings.</summary>
    public int WarningCount { get; init; }

    /// <summary>Whether there is a new set.</summary>
    public bool IsGood => Outcome is ReportOutcome.Complete or ReportOutcome.Warnings;
}
