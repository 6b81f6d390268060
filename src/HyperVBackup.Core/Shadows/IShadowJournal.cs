using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows;

/// <summary>
/// What of ours exists on this host, or was about to: each set, shadow copy and exposure is named here, durably,
/// <em>before</em> it is made,
/// so that a later run can remove exactly ours after a crash. Members throw a <see cref="Failures.BackupException"/>
/// when the journal cannot be written or read;
/// whoever is about to make something must then not make it.
/// </summary>
public interface IShadowJournal
{
    /// <summary>Names a set that is about to be made.</summary>
    void Intend(JournalEntry entry);

    /// <summary>Replaces the entry of the same id.</summary>
    void Update(JournalEntry entry);

    /// <summary>Nothing of the set is left. An id that is not there is no failure.</summary>
    void Forget(Guid id);

    /// <summary>All entries.</summary>
    IReadOnlyList<JournalEntry> Entries();
}
