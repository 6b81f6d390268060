using System;
using System.Collections.Generic;

namespace HyperVBackup.Disks;

/// <summary>
/// A VHDX as it will be once its log is replayed, without writing to it: the BAT, metadata and region tables in the
/// file may be older than
/// the log. [MS-VHDX] note 5 to 2.3.3 asks this of everyone who may only read.
/// </summary>
internal sealed class VhdxOverlay : IDiskSource
{
    /// <summary>More zero descriptors than any real log of this size has; each read looks at all of them.</summary>
    public const int MostZeroRanges = 4096;

    private const int Sector = VhdxLogEntry.Sector;

    // A log can claim any length; this one leaves room to count beyond it.
    private const ulong Longest = 1UL << 62;

    private readonly IDiskSource _file;
    private readonly byte[] _ring;
    private readonly Dictionary<long, (int Order, VhdxLogEntry.Write Write)> _sectors = new();
    private readonly List<(int Order, VhdxLogEntry.Write Write)> _zeroes = new();

    /// <summary>Lays the entries over the file.</summary>
    /// <param name="file">The file as it is.</param>
    /// <param name="ring">All bytes of its log.</param>
    /// <param name="entries">The active sequence, oldest first; not empty.</param>
    public VhdxOverlay(IDiskSource file, byte[] ring, IReadOnlyList<VhdxLogEntry> entries)
    {
        _file = file;
        _ring = ring;
        var length = Math.Max((ulong)file.Length, entries[entries.Count - 1].LastFileOffset);
        var order = 0;
        foreach (var entry in entries)
        {
            foreach (var write in entry.Writes(ring))
            {
                if (write.DataAt >= 0)
                    _sectors[write.Offset] = (order++, write);
                else if (write.Length > 0 && _zeroes.Count <= MostZeroRanges)
                    _zeroes.Add((order++, write));
                length = Math.Max(length, (ulong)(write.Offset + write.Length));
            }
        }

        Length = (long)Math.Min(length, Longest);
    }

    /// <summary>Whether there are more zero descriptors than are followed; then this must not be read.</summary>
    public bool HasTooManyZeroRanges => _zeroes.Count > MostZeroRanges;

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int Read(long offset, byte[] buffer, int start, int count)
    {
        count = (int)Math.Min(count, Math.Max(0, Length - offset));
        var read = offset < _file.Length ? _file.Read(offset, buffer, start, count) : 0;
        Array.Clear(buffer, start + read, count - read);

        var end = offset + count;
        for (var sector = offset - offset % Sector; sector < end; sector += Sector)
        {
            var zeroOrder = ZeroOrder(sector);
            var from = Math.Max(offset, sector);
            var until = Math.Min(end, sector + Sector);
            var to = start + (int)(from - offset);
            if (_sectors.TryGetValue(sector, out var data) && data.Order > zeroOrder)
                CopyData(data.Write, (int)(from - sector), (int)(until - sector), buffer, to);
            else if (zeroOrder >= 0)
                Array.Clear(buffer, to, (int)(until - from));
        }

        return count;
    }

    // The newest zeroing of this sector; -1: none.
    private int ZeroOrder(long sector)
    {
        for (var i = _zeroes.Count - 1; i >= 0; i--)
            if (sector >= _zeroes[i].Write.Offset && sector - _zeroes[i].Write.Offset < _zeroes[i].Write.Length)
                return _zeroes[i].Order;
        return -1;
    }

    private void CopyData(VhdxLogEntry.Write write, int from, int until, byte[] buffer, int to)
    {
        for (var i = from; i < until; i++)
        {
            // Descriptor: trailing bytes at 4, leading bytes at 8 (2.3.1.3).
            buffer[to++] =
                i < 8 ? _ring[write.DescriptorAt + 8 + i]
                : i >= Sector - 4 ? _ring[write.DescriptorAt + 4 + i - (Sector - 4)]
                : _ring[write.DataAt + i];
        }
    }
}
