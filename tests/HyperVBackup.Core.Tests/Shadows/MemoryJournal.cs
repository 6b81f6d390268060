using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Shadows;

namespace HyperVBackup.Tests.Shadows;

/// <summary>A journal that lasts as long as its test.</summary>
internal sealed class MemoryJournal : IShadowJournal
{
    private readonly Dictionary<Guid, JournalEntry> _entries = [];

    public void Intend(JournalEntry entry) => _entries.Add(entry.Id, entry);

    public void Update(JournalEntry entry) => _entries[entry.Id] = entry;

    public void Forget(Guid id) => _entries.Remove(id);

    public IReadOnlyList<JournalEntry> Entries() => _entries.Values.ToList();
}
