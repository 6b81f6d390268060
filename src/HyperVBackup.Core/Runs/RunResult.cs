using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Progress;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Runs;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>A new complete set on every target.</summary>
    Complete,

    /// <summary>A new complete set on every target, and something an administrator should know.</summary>
    CompleteWithWarnings,

    /// <summary>No new complete set; perhaps a partial one. Earlier complete sets are as they were.</summary>
    Failed,

    /// <summary>Cancelled before it was complete. Earlier complete sets are as they were.</summary>
    Cancelled,
}

/// <summary>What a backup did. Plain data, so that it survives remoting and Export-Clixml.</summary>
public sealed record RunResult
{
    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>The process exit code for it: one of <see cref="ExitCodes"/>, 0 to 4.</summary>
    public int ExitCode =>
        Outcome switch
        {
            RunOutcome.Complete => ExitCodes.Complete,
            RunOutcome.CompleteWithWarnings => ExitCodes.Warnings,
            // The first failure is what kept it from beginning.
            _ => Failures.Count > 0 && Failures[0].Kind is FailureKind.LockHeld or FailureKind.BadPlan
                ? ExitCodes.Of(Failures[0].Kind)
                : ExitCodes.Failed,
        };

    /// <summary>The run's id: the same in all its sets.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The set that was written; empty if none was chosen yet.</summary>
    public string Set { get; init; } = "";

    /// <summary>Counts the runs.</summary>
    public long Sequence { get; init; }

    /// <summary>
    /// Whether a run that failed has committed what could be copied as a partial set, which says what it lacks.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>Older sets that were removed, because the plan's "keep" does not keep them.</summary>
    public IReadOnlyList<string> Removed { get; init; } = Array.Empty<string>();

    /// <summary>When it started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTime Ended { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration => Ended - Started;

    /// <summary>This computer.</summary>
    public required string Host { get; init; }

    /// <summary>The shadow provider; empty if it did not come that far.</summary>
    public string Provider { get; init; } = "";

    /// <summary>How consistent the copies are.</summary>
    public Consistency Consistency { get; init; }

    /// <summary>Whether the new set was read back and found right before it counted.</summary>
    public bool Verified { get; init; }

    /// <summary>The shadow copies that were read.</summary>
    public IReadOnlyList<Shadow> Shadows { get; init; } = Array.Empty<Shadow>();

    /// <summary>What was done, for each job and target.</summary>
    public IReadOnlyList<JobResult> Jobs { get; init; } = Array.Empty<JobResult>();

    /// <summary>How each virtual machine fared.</summary>
    public IReadOnlyList<MachineResult> Machines { get; init; } = Array.Empty<MachineResult>();

    /// <summary>Source bytes gone through.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes written to all targets.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Where the time of the engine's threads went; null when nothing was copied.</summary>
    public EngineTimes? Profile { get; init; }

    /// <summary>What went wrong, at most a thousand.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = Array.Empty<Failure>();

    /// <summary>How many failures there were.</summary>
    public long FailureCount { get; init; }

    /// <summary>What an administrator should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();

    /// <summary>The log of the run; empty when it could not be written.</summary>
    public string Log { get; init; } = "";

    /// <summary>The result of a backup that did not begin.</summary>
    internal static RunResult OfNoRun(string plan, Failure failure, RunContext context)
    {
        var now = context.Clock.UtcNow;
        return new RunResult
        {
            Outcome = RunOutcome.Failed,
            RunId = Guid.Empty,
            Plan = plan,
            Started = now,
            Ended = now,
            Host = context.Host,
            Failures = new[] { failure },
            FailureCount = 1,
        };
    }

    /// <summary>The result with another warning, and the outcome that goes with it.</summary>
    internal RunResult WithWarning(string warning)
    {
        var warnings = new List<string>(Warnings) { warning };
        return this with
        {
            Outcome = Outcome == RunOutcome.Complete ? RunOutcome.CompleteWithWarnings : Outcome,
            Warnings = warnings.ToArray(),
        };
    }
}

/// <summary>What was done for one job on one target.</summary>
public sealed record JobResult
{
    /// <summary>The live folder.</summary>
    public required string Source { get; init; }

    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The folder that was written.</summary>
    public required string Folder { get; init; }

    /// <summary>Files in it now.</summary>
    public long Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Files that were new or changed.</summary>
    public long FilesCopied { get; init; }

    /// <summary>Files that were as they should be.</summary>
    public long FilesUnchanged { get; init; }

    /// <summary>Files, links and folders removed.</summary>
    public long Deleted { get; init; }

    /// <summary>Bytes of content written.</summary>
    public long BytesWritten { get; init; }

    /// <summary>
    /// Seconds that its copying took: all targets of a job are written from one read, and so have the same. 0: not
    /// known.
    /// </summary>
    public double Seconds { get; init; }

    /// <summary>One line: from where to where.</summary>
    public override string ToString() => Source + " -> " + Folder;
}

/// <summary>How one virtual machine fared.</summary>
public sealed record MachineResult
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whether it is in the set as it was at the time of the run.</summary>
    public bool IsBackedUp { get; init; }

    /// <summary>How it was captured: Online, SavedState (paused for a moment), Off, Unknown.</summary>
    public string Capture { get; init; } = "";

    /// <summary>What its writer said at the end: Stable, or why it failed.</summary>
    public string WriterState { get; init; } = "";

    /// <summary>Its folder in the set.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The volumes its files lie on.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = Array.Empty<string>();

    /// <summary>Files in one copy.</summary>
    public long Files { get; init; }

    /// <summary>Bytes in one copy.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes written to all targets.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Seconds that its copying took. 0: not known.</summary>
    public double Seconds { get; init; }

    /// <summary>Why it is not backed up; null when it is.</summary>
    public Failure? Failure { get; init; }
}
