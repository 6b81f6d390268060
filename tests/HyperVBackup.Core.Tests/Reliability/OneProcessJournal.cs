using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Shadows;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A journal as one process sees it: entries that were not made through it are of processes that are gone. In a test
/// they are all of one.
/// </summary>
internal sealed class OneProcessJournal(IShadowJournal inner) : IShadowJournal
{
    private readonly HashSet<Guid> _own = [];

    public void Intend(JournalEntry entry)
    {
        _own.Add(entry.Id);
        inner.Intend(entry);
    }

    public void Update(JournalEntry entry) => inner.Update(entry);

    public void Forget(Guid id) => inner.Forget(id);

    public IReadOnlyList<JournalEntry> Entries() =>
        inner
            .Entries()
            .Select(entry =>
                _own.Contains(entry.Id)
                    ? entry
                    : entry with
                    {
                        Owner = entry.Owner with { ProcessId = int.MaxValue - 7 },
                    }
            )
            .ToList();
}
