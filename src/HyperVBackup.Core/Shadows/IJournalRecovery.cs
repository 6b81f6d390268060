using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows;

/// <summary>A provider that can take down what the journal names, after the process that made it is gone.</summary>
public interface IJournalRecovery
{
    /// <summary>Removes everything that the entry names, and the entry from the journal when nothing is left of it. Never throws.</summary>
    /// <returns>What could not be removed.</returns>
    IReadOnlyList<Failure> Recover(JournalEntry entry);
}
