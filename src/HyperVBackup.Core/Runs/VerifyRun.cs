using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Runs;

/// <summary>Verifies one set from beginning to end: chooses it, reads it, and tells the system's log.</summary>
public static class VerifyRun
{
    /// <summary>Verifies.</summary>
    /// <param name="request">Which set, and how much of it.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancel">Stops it; nothing is told then.</param>
    /// <returns>What was found, with everything that should be known of it as warnings.</returns>
    /// <exception cref="BackupException">There is no such set, or a run has written to it meanwhile.</exception>
    public static VerifyReport Execute(VerifyRequest request, RunContext context, CancellationToken cancel)
    {
        var chosen = ChosenSet.Of(context.Files, request.Path, request.Set);
        var set = chosen.Set;
        var warnings = new List<string>(chosen.Warnings);
        if (set.PartialWarning is { } partial)
            warnings.Add(partial);
        context.Story(
            "Checking "
                + set.Path
                + (request.Quick ? ", without the content" : "")
                + ": "
                + HumanText.Count(set.Files, "file")
                + ", "
                + HumanText.Size(set.Bytes)
                + ", of run "
                + set.Sequence
                + " of the plan '"
                + set.Plan
                + "'."
        );
        var started = context.Clock.UtcNow;
        var report = SetVerifier.Verify(context.Files, set, request.Quick, context.Progress, cancel, context.Workers);
        if (RunEvents.Tell(context, report) is { } untold)
            warnings.Add(untold.Message + ". " + untold.Advice);
        return report with { Warnings = warnings, Duration = context.Clock.UtcNow - started };
    }
}

/// <summary>What to verify.</summary>
public sealed record VerifyRequest
{
    /// <summary>The target, or the folder of a set; absolute.</summary>
    public required string Path { get; init; }

    /// <summary>The set's name; null: the newest complete one, before those that were found damaged.</summary>
    public string? Set { get; init; }

    /// <summary>Everything but reading the content.</summary>
    public bool Quick { get; init; }
}
