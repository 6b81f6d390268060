using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Host;

/// <summary>
/// The one table of the events. docs/events.md and about_HyperVBackup_Troubleshooting hold the same; a test compares
/// them.
/// </summary>
public static class EventCatalogue
{
    /// <summary>
    /// The source of all events in the log Application; elsewhere the word that their lines begin with.
    /// </summary>
    public const string Source = "HyperVBackup";

    /// <summary>One event.</summary>
    /// <param name="Kind">The event; its number is its id.</param>
    /// <param name="Level">How bad it is.</param>
    /// <param name="Meaning">What it means, in a few words.</param>
    public sealed record Row(EventKind Kind, EventLevel Level, string Meaning);

    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
        new Row[]
        {
            new(EventKind.BackupComplete, EventLevel.Information, "a backup is complete"),
            new(EventKind.BackupWarnings, EventLevel.Warning, "a backup is complete, with warnings"),
            new(EventKind.BackupFailed, EventLevel.Error, "a backup failed; no new complete set"),
            new(EventKind.BackupCancelled, EventLevel.Warning, "a backup was cancelled"),
            new(EventKind.PlanRefused, EventLevel.Error, "a plan was refused; nothing was touched"),
            new(EventKind.LockHeld, EventLevel.Warning, "another run held the lock"),
            new(EventKind.LeftoversRemoved, EventLevel.Information, "what an earlier run left was removed"),
            new(EventKind.LeftoversRemain, EventLevel.Warning, "what an earlier run left is still there"),
            new(EventKind.SetGood, EventLevel.Information, "a set was verified and is good"),
            new(EventKind.SetDamaged, EventLevel.Error, "a set was verified and is damaged"),
            new(EventKind.SetNotVerified, EventLevel.Warning, "a set could not be verified, or not all of it"),
            new(EventKind.RestoreComplete, EventLevel.Information, "a restore is complete"),
            new(EventKind.RestoreFailed, EventLevel.Error, "a restore did not bring back every file"),
        };

    /// <summary>The row of an event. Every event has one.</summary>
    public static Row Of(EventKind kind) =>
        Rows.FirstOrDefault(row => row.Kind == kind) ?? throw new ArgumentOutOfRangeException(nameof(kind));
}
