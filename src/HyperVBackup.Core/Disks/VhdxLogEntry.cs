using System;
using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Disks;

/// <summary>One valid entry of the log ([MS-VHDX] 2.3.1): its writes, pointing into the log's bytes.</summary>
internal sealed class VhdxLogEntry
{
    public const int Sector = 4096;

    private const int HeaderSize = 64;
    private const int DescriptorSize = 32;

    private readonly int _count;

    private VhdxLogEntry(byte[] ring, int at, int count)
    {
        At = at;
        _count = count;
        Length = (int)DiskBytes.UInt32Little(ring, at + 8);
        Tail = DiskBytes.UInt32Little(ring, at + 12);
        SequenceNumber = DiskBytes.UInt64Little(ring, at + 16);
        FlushedFileOffset = DiskBytes.UInt64Little(ring, at + 48);
        LastFileOffset = DiskBytes.UInt64Little(ring, at + 56);
    }

    /// <summary>Where in the log it starts.</summary>
    public int At { get; }

    /// <summary>Bytes; it may wrap around the log's end.</summary>
    public int Length { get; }

    /// <summary>Where in the log the oldest entry starts that must be replayed when this one is the newest.</summary>
    public uint Tail { get; }

    public ulong SequenceNumber { get; }

    /// <summary>Bytes the file surely had when this was written; a shorter file was truncated.</summary>
    public ulong FlushedFileOffset { get; }

    /// <summary>Bytes the file must have after the replay.</summary>
    public ulong LastFileOffset { get; }

    /// <summary>
    /// The entry that starts here; null when none that is valid does. <paramref name="budget"/>: bytes that may still
    /// be summed up.
    /// </summary>
    public static VhdxLogEntry? TryRead(byte[] ring, int at, Guid guid, ref long budget)
    {
        if (!DiskBytes.HasText(ring, at, "loge") || DiskBytes.GuidLittle(ring, at + 32) != guid)
            return null;
        var length = DiskBytes.UInt32Little(ring, at + 8);
        var tail = DiskBytes.UInt32Little(ring, at + 12);
        if (length == 0 || length % Sector != 0 || length > ring.Length || tail % Sector != 0 || tail >= ring.Length)
            return null;
        var count = DiskBytes.UInt32Little(ring, at + 24);
        if (count > (length - HeaderSize) / DescriptorSize || budget < length)
            return null;
        budget -= length;
        var entry = new VhdxLogEntry(ring, at, (int)count);
        return entry.SequenceNumber > 0 && entry.ChecksumMatches(ring) && entry.WritesAreValid(ring) ? entry : null;
    }

    /// <summary>
    /// Its writes, in order. They are read again each time: a log can hold more of them than memory should.
    /// </summary>
    public IEnumerable<Write> Writes(byte[] ring)
    {
        var dataAt = FirstDataAt;
        for (var i = 0; i < _count; i++)
            if (TryReadWrite(ring, i, ref dataAt, out var write))
                yield return write;
    }

    // Data sectors follow the last sector that has descriptors.
    private int FirstDataAt => (HeaderSize + _count * DescriptorSize + Sector - 1) / Sector * Sector;

    private bool ChecksumMatches(byte[] ring)
    {
        var crc = Crc32C.Compute(ring, At, 4);
        crc = Crc32C.Append(crc, new byte[4], 0, 4);
        var first = Math.Min(Length, ring.Length - At);
        crc = Crc32C.Append(crc, ring, At + 8, first - 8);
        crc = Crc32C.Append(crc, ring, 0, Length - first);
        return crc == DiskBytes.UInt32Little(ring, At + 4);
    }

    private bool WritesAreValid(byte[] ring)
    {
        var dataAt = FirstDataAt;
        for (var i = 0; i < _count; i++)
            if (!TryReadWrite(ring, i, ref dataAt, out _))
                return false;
        return true;
    }

    private bool TryReadWrite(byte[] ring, int index, ref int dataAt, out Write write)
    {
        write = default;
        var at = (At + HeaderSize + index * DescriptorSize) % ring.Length;
        var offset = DiskBytes.UInt64Little(ring, at + 16);
        if (
            DiskBytes.UInt64Little(ring, at + 24) != SequenceNumber
            || offset % Sector != 0
            || offset > long.MaxValue - Sector
        )
            return false;
        if (DiskBytes.HasText(ring, at, "zero"))
        {
            var length = DiskBytes.UInt64Little(ring, at + 8);
            if (length % Sector != 0 || length > long.MaxValue - offset)
                return false;
            write = new Write((long)offset, (long)length, -1, -1);
            return true;
        }

        if (!DiskBytes.HasText(ring, at, "desc") || dataAt + Sector > Length)
            return false;
        var data = (At + dataAt) % ring.Length;
        dataAt += Sector;
        write = new Write((long)offset, Sector, at, data);

        // The number is in two halves at the two ends, to tell a torn sector.
        return DiskBytes.HasText(ring, data, "data")
            && DiskBytes.UInt32Little(ring, data + 4) == (uint)(SequenceNumber >> 32)
            && DiskBytes.UInt32Little(ring, data + Sector - 4) == (uint)SequenceNumber;
    }

    /// <summary>
    /// A write to replay: zeroes, or one sector whose first 8 and last 4 bytes are in the descriptor, because the data
    /// sector has its marks there.
    /// </summary>
    /// <param name="Offset">In the file, a multiple of 4 KiB.</param>
    /// <param name="Length">Bytes, a multiple of 4 KiB.</param>
    /// <param name="DescriptorAt">In the log; -1 for zeroes.</param>
    /// <param name="DataAt">In the log; -1 for zeroes.</param>
    internal readonly record struct Write(long Offset, long Length, int DescriptorAt, int DataAt);
}
