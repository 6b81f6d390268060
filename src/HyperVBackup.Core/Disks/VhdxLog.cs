using System;
using System.Collections.Generic;

namespace HyperVBackup.Disks;

/// <summary>
/// The log of a VHDX ([MS-VHDX] 2.3): a ring of entries that describe writes to the metadata. Finds the active
/// sequence, which is what an
/// attach would replay. An older or shorter sequence is what a torn write leaves, so it is no damage; no sequence at
/// all is.
/// </summary>
internal sealed class VhdxLog
{
    /// <summary>Bytes. Hyper-V's logs have 1 MiB; one larger than this is not followed.</summary>
    public const uint LargestFollowed = 32 << 20;

    private const int Sector = VhdxLogEntry.Sector;

    private readonly byte[] _ring;
    private readonly Guid _guid;
    private readonly Dictionary<int, VhdxLogEntry?> _entries = new();

    // Hostile entries, each as long as the log, would have it summed up once per sector. Real ones, torn old ones
    // included, come to about twice the log.
    private long _budget;

    private VhdxLog(byte[] ring, Guid guid)
    {
        _ring = ring;
        _guid = guid;
        _budget = 8L * ring.Length;
    }

    /// <summary>The entries to replay, oldest first; empty when no sequence is valid.</summary>
    /// <param name="ring">All bytes of the log.</param>
    /// <param name="guid">The header's LogGuid.</param>
    public static IReadOnlyList<VhdxLogEntry> FindActiveSequence(byte[] ring, Guid guid) =>
        new VhdxLog(ring, guid).Scan();

    // The procedure of 2.3.3.
    private List<VhdxLogEntry> Scan()
    {
        var active = new List<VhdxLogEntry>();
        for (var tail = 0; tail < _ring.Length; )
        {
            var sequence = SequenceFrom(tail, out var end);
            var isValid = sequence.Count > 0 && StartOf(sequence) >= 0;
            if (
                isValid
                && (
                    active.Count == 0
                    || sequence[sequence.Count - 1].SequenceNumber > active[active.Count - 1].SequenceNumber
                )
            )
                active = sequence.GetRange(StartOf(sequence), sequence.Count - StartOf(sequence));
            // A head beyond the end of the ring means that all of it was seen.
            tail = isValid ? end : tail + Sector;
        }

        return active;
    }

    // All entries that follow each other from here. Never more than one turn: an entry met again would not have the
    // next number.
    private List<VhdxLogEntry> SequenceFrom(int tail, out int end)
    {
        var sequence = new List<VhdxLogEntry>();
        end = tail;
        while (end - tail < _ring.Length && EntryAt(end % _ring.Length) is { } entry)
        {
            if (sequence.Count > 0 && entry.SequenceNumber != sequence[sequence.Count - 1].SequenceNumber + 1)
                break;
            if (end + entry.Length - tail > _ring.Length)
                break;
            sequence.Add(entry);
            end += entry.Length;
        }

        return sequence;
    }

    private VhdxLogEntry? EntryAt(int at)
    {
        if (!_entries.TryGetValue(at, out var entry))
            _entries[at] = entry = VhdxLogEntry.TryRead(_ring, at, _guid, ref _budget);
        return entry;
    }

    // Index of the entry the newest one names as the oldest still needed; -1 when it is not in the sequence.
    private static int StartOf(List<VhdxLogEntry> sequence)
    {
        var tail = sequence[sequence.Count - 1].Tail;
        return sequence.FindLastIndex(entry => entry.At == tail);
    }
}
