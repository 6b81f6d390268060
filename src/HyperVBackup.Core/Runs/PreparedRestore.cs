using System;
using System.Collections.Generic;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Runs;

/// <summary>A restore that has been decided and not begun.</summary>
/// <param name="Request">What comes back, and where to.</param>
/// <param name="Warnings">What should be known of the choice of its set.</param>
public sealed record PreparedRestore(RestoreRequest Request, IReadOnlyList<string> Warnings)
{
    /// <summary>What it will do, in the imperative and without a full stop.</summary>
    public string What =>
        "Restore "
        + (Request.Paths.Count == 0 ? "everything" : string.Join(", ", Request.Paths))
        + (
            Request.Machines.Count == 0
                ? " of "
                : " of the virtual machine"
                    + (Request.Machines.Count == 1 ? " " : "s ")
                    + HumanText.List(Request.Machines)
                    + " in "
        )
        + Request.Set.Path
        + " to "
        + Request.Destination;

    /// <summary>
    /// How much that is at the most, of when, and what becomes of files that are there; in sentences.
    /// </summary>
    /// <param name="now">The time it is, UTC.</param>
    public string Details(DateTime now) =>
        "The set holds "
        + HumanText.Count(Request.Set.Files, "file")
        + " ("
        + HumanText.Size(Request.Set.Bytes)
        + ")"
        + (Request.Set.Completed is { } completed ? ", of " + HumanText.Age(completed, now) : "")
        + ". "
        + (
            Request.Force
                ? "Files that are there and differ would be replaced."
                : "Nothing that is there would be replaced."
        );
}
