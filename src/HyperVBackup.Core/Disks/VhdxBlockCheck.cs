using System;
using System.Collections;
using System.Threading;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>
/// Checks the BAT of a VHDX ([MS-VHDX] 2.5): valid states, every block inside the file, none on top of another or of a
/// structure.
/// The BAT of 64 TiB is streamed; what is taken is one bit per MiB of the file. Blocks that hold nothing to rely on
/// (unmapped, undefined) may still name
/// a place; it is not looked at.
/// </summary>
internal sealed class VhdxBlockCheck
{
    /// <summary>MiB: 256 TiB, four times what the largest disk fills. It bounds the bitmap to 32 MiB.</summary>
    private const long MostPlaces = 1L << 28;

    private const int ChunkSize = 1 << 18;

    private const int NotPresent = 0;
    private const int Undefined = 1;
    private const int Zero = 2;
    private const int Unmapped = 3;
    private const int FullyPresent = 6;
    private const int PartiallyPresent = 7;

    private readonly IDiskSource _source;
    private readonly DiskFindings _findings;
    private readonly FileExtents _extents;
    private readonly VhdxBlocks _blocks;
    private readonly long _batOffset;
    private readonly BitArray _places;

    // The first partially present block of the chunk under way; its sector bitmap comes last in the chunk. -1: none.
    private long _partialBlock = -1;

    public VhdxBlockCheck(
        IDiskSource source,
        DiskFindings findings,
        FileExtents extents,
        VhdxBlocks blocks,
        long batOffset
    )
    {
        _source = source;
        _findings = findings;
        _extents = extents;
        _blocks = blocks;
        _batOffset = batOffset;
        _places = new BitArray((int)Math.Min(MostPlaces, source.Length / DiskBytes.MiB + 1));

        // There may be thousands of structures: blocks are compared with the bitmap, and with them only to tell which
        // one it was.
        foreach (var extent in extents.All)
            for (
                var i = extent.Offset / DiskBytes.MiB;
                i * DiskBytes.MiB < extent.Offset + extent.Length && i < _places.Length;
                i++
            )
                _places[(int)i] = true;
    }

    /// <summary>Checks every entry the disk's size asks for. The table is known to be long enough.</summary>
    public void Run(CancellationToken cancellation)
    {
        var chunk = new byte[ChunkSize];
        for (long first = 0; first < _blocks.EntryCount && !_findings.HasMore; first += ChunkSize / 8)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(ChunkSize / 8, _blocks.EntryCount - first);
            var at = _batOffset + first * 8;
            if (_source.Read(at, chunk, 0, count * 8) < count * 8)
            {
                _findings.Damage("the file ends inside the BAT", at, count * 8L, VhdxLayout.BatSection);
                return;
            }

            for (var i = 0; i < count && !_findings.HasMore; i++)
                CheckEntry(first + i, DiskBytes.UInt64Little(chunk, i * 8));
        }
    }

    private void CheckEntry(long index, ulong entry)
    {
        var state = (int)(entry & 7);
        if ((entry & 0xFFFF8) != 0)
            Damage(index, Invariant($"BAT entry {index} has reserved bits set (0x{entry:X16})"));
        if (_blocks.IsSectorBitmap(index))
            CheckSectorBitmap(index, state, entry >> 20);
        else
            CheckPayload(index, state, entry >> 20);
    }

    private void CheckPayload(long index, int state, ulong place)
    {
        var block = _blocks.PayloadBlock(index);
        switch (state)
        {
            case NotPresent or Undefined or Zero or Unmapped:
                return;
            case PartiallyPresent when !_blocks.HasParent:
                Damage(index, Invariant($"block {block} is partially present in a disk without a parent"));
                return;
            case PartiallyPresent:
                if (_partialBlock < 0)
                    _partialBlock = block;
                break;
            case FullyPresent:
                break;
            default:
                Damage(index, Invariant($"block {block} is in state {state}, which is not defined"));
                return;
        }

        Take(index, Invariant($"block {block}"), place, _blocks.BlockSize, _blocks.BytesOfBlock(block));
    }

    private void CheckSectorBitmap(long index, int state, ulong place)
    {
        var bitmap = _blocks.SectorBitmap(index);
        if (state == FullyPresent && _blocks.HasParent)
            Take(index, Invariant($"sector bitmap {bitmap}"), place, DiskBytes.MiB, DiskBytes.MiB);
        else if (state != NotPresent)
            Damage(
                index,
                Invariant($"sector bitmap {bitmap} is in state {state}, which this kind of disk does not allow")
            );
        else if (_partialBlock >= 0)
            Damage(index, Invariant($"sector bitmap {bitmap} is not present, but block {_partialBlock} needs it"));
        _partialBlock = -1;
    }

    // Some writers end the file of a fixed disk with the disk, inside its last block: only what the disk uses of a
    // block must be in the file.
    private void Take(long index, string name, ulong place, long size, long used)
    {
        if (
            place > (ulong)(_source.Length / DiskBytes.MiB)
            || !DiskBytes.IsInside(place * (ulong)DiskBytes.MiB, (ulong)used, _source.Length)
        )
        {
            Damage(index, Invariant($"{name} should be at MiB {place}, beyond the end of the file"));
            return;
        }

        var offset = (long)place * DiskBytes.MiB;
        if ((long)place + size / DiskBytes.MiB > MostPlaces)
        {
            Damage(index, Invariant($"{name} at byte {offset} is farther out than any disk needs"));
            return;
        }

        var end = (int)Math.Min(_places.Length, (long)place + size / DiskBytes.MiB);
        for (var i = (int)place; i < end; i++)
        {
            if (_places[i])
            {
                var other = _extents.Find(offset, size) is { } structure ? "the " + structure.Name : "another block";
                Damage(index, Invariant($"{name} at byte {offset} overlaps {other}"));
                return;
            }

            _places[i] = true;
        }
    }

    private void Damage(long index, string what) =>
        _findings.Damage(what, _batOffset + index * 8, 8, VhdxLayout.BatEntrySection);
}
