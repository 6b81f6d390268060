using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs;

/// <summary>
/// Which shadow copies a live run reads, or a command is still making: the journal names the sets and their processes,
/// the lock the plan.
/// </summary>
internal sealed class ShadowUse
{
    private readonly RunContext _context;
    private readonly IReadOnlyList<JournalEntry> _live;

    private ShadowUse(RunContext context, IReadOnlyList<JournalEntry> live)
    {
        _context = context;
        _live = live;
    }

    /// <summary>What is in use now, by any process of this host.</summary>
    /// <exception cref="Failures.BackupException">The journal cannot be read.</exception>
    public static ShadowUse Of(RunContext context) =>
        new(context, context.Journal.Entries().Where(entry => !entry.Kept && !entry.Owner.IsGone()).ToList());

    /// <summary>
    /// Who uses a shadow copy: "the run of the plan 'nightly' (process 4711 on HOST, since 2026-01-01 02:00 UTC)";
    /// null: nobody that the journal knows.
    /// </summary>
    public string? Of(Shadow shadow) =>
        _live.FirstOrDefault(entry => Holds(entry, shadow)) is { } entry ? Describe(entry) : null;

    private static bool Holds(JournalEntry entry, Shadow shadow) =>
        entry.SetId == shadow.SetId
        || entry.Id == shadow.SetId
        || entry.Snapshots.Any(snapshot => snapshot.Id == shadow.Id);

    private string Describe(JournalEntry entry)
    {
        var owner = entry.Owner;
        var since = string.Format(CultureInfo.InvariantCulture, "{0:yyyy-MM-dd HH:mm} UTC", entry.Created);
        var process = string.Format(CultureInfo.InvariantCulture, "process {0} on {1}", owner.ProcessId, owner.Host);
        return RunLock.PlanOf(_context.Files, _context.State.Lock, owner.ProcessId) is { } plan
            ? "the run of the plan '" + plan + "' (" + process + ", since " + since + ")"
            : "the " + process + ", since " + since;
    }
}
