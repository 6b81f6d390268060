using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Host;

namespace HyperVBackup.Shadows.Vss;

/// <summary>What the classes of this folder work with.</summary>
internal sealed record VssServices
{
    public required IVssApiFactory Factory { get; init; }

    public required IVolumes Volumes { get; init; }

    public required IShadowJournal Journal { get; init; }

    public required IClock Clock { get; init; }

    /// <summary>The process that new journal entries belong to.</summary>
    public JournalOwner Owner { get; init; } = JournalOwner.Current;

    /// <summary>Whether the process that made an entry has ended.</summary>
    public Func<JournalOwner, bool> IsGone { get; init; } = owner => owner.IsGone();

    /// <summary>
    /// What is known of a virtual machine beside what its writer says; see <see cref="HyperVWriter.Machines"/>.
    /// </summary>
    public Func<Guid, bool?>? IsRunning { get; init; }

    /// <summary>Starts the thread that a set's calls are made on.</summary>
    public Func<VssThread> NewThread { get; init; } = () => new VssThread();

    /// <summary>How long a single native call may overrun before its caller goes on without it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest wait for work that has a deadline of its own.</summary>
    public TimeSpan Limit(TimeSpan deadline)
    {
        // Longer than any backup, and short enough for the waiting functions of the system.
        var longest = TimeSpan.FromDays(7);
        return Patience == Timeout.InfiniteTimeSpan || deadline > longest ? longest : deadline + Patience;
    }

    /// <summary>The journal's entry for a shadow copy; null when it is not ours.</summary>
    public JournalEntry? EntryOf(Guid snapshotId) =>
        Journal
            .Entries()
            .FirstOrDefault(entry =>
                entry.Snapshots.Any(snapshot => snapshot.Id == snapshotId)
                || entry.Exposures.Any(exposure => exposure.SnapshotId == snapshotId)
            );
}

/// <summary>
/// The journal's entry of the set in the making: what is known of it is kept here even when the journal cannot be
/// written, so that it can be taken down.
/// </summary>
internal sealed class JournaledSet
{
    private readonly IShadowJournal _journal;

    public JournaledSet(IShadowJournal journal, JournalEntry entry)
    {
        _journal = journal;
        Entry = entry;
    }

    public JournalEntry Entry { get; private set; }

    public void Intend() => _journal.Intend(Entry);

    public void Update(JournalEntry entry)
    {
        Entry = entry;
        _journal.Update(entry);
    }

    public void Forget() => _journal.Forget(Entry.Id);
}
