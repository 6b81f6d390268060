using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Shadows;

namespace HyperVBackup.Tests.Shadows;

/// <summary>A journal that is as durable as the test.</summary>
internal sealed class MemoryJournal : IShadowJournal
{
    private readonly Dictionary<Guid, JournalEntry> _entries = new();
    private int _writes;

    /// <summary>The write, counted from 1, that fails.</summary>
    public int? FailingWrite { get; set; }

    public int Writes => _writes;

    public void Intend(JournalEntry entry)
    {
        Write();
        Assert(!_entries.ContainsKey(entry.Id), "an entry is intended twice");
        _entries.Add(entry.Id, entry);
    }

    public void Update(JournalEntry entry)
    {
        Write();
        Assert(_entries.ContainsKey(entry.Id), "an entry is updated that was never intended");
        _entries[entry.Id] = entry;
    }

    public void Forget(Guid id) => _entries.Remove(id);

    public IReadOnlyList<JournalEntry> Entries() => _entries.Values.ToList();

    private void Write()
    {
        if (++_writes == FailingWrite)
            throw new BackupException(FailureKind.DiskFull, "journal", "write it", "no space left on the volume");
    }

    private static void Assert(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }
}
