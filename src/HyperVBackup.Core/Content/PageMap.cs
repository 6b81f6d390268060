using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Content;

/// <summary>
/// The pages of a chunk that must be written into a clone. A block is hashed as a whole, but what is written into a
/// clone is no longer shared: so a guest that
/// changes 4 KiB here and there must not cost a whole block each time, neither in writes nor in space.
/// </summary>
internal sealed unsafe class PageMap
{
    /// <summary>Bytes per page: what most file systems, and the disks below, deal in.</summary>
    public const int Size = 4096;

    private const int PerBlock = Blocks.Size / Size;
    private readonly bool[] _differs = new bool[Blocks.PerChunk * PerBlock];
    private readonly byte[] _hash = new byte[Blocks.HashSize];
    private readonly Workbench _bench;

    public PageMap(Workbench bench) => _bench = bench;

    /// <summary>
    /// Finds the pages of the blocks that differ by their hashes, by reading what the clone holds there.
    /// </summary>
    /// <param name="chunk">The source's bytes.</param>
    /// <param name="lane">What is known of the clone.</param>
    /// <param name="clone">The clone.</param>
    /// <param name="held">How long the file was that was cloned.</param>
    /// <returns>False: what was read does not have the hash that is known of it.</returns>
    /// <exception cref="Failures.BackupException">It cannot be read.</exception>
    public bool FindByHashes(Chunk chunk, LaneChunk lane, IBlockFile clone, long held)
    {
        Array.Clear(_differs, 0, _differs.Length);
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            if (!lane.Differs[block] || chunk.IsZero[block])
                continue;
            if (lane.IsZero[block])
            {
                Mark(chunk, lane, block, 0);
                continue;
            }

            var first = block;
            while (
                block + 1 < chunk.BlockCount
                && lane.Differs[block + 1]
                && !chunk.IsZero[block + 1]
                && !lane.IsZero[block + 1]
            )
                block++;
            var start = first * Blocks.Size;
            var got = clone.Read(
                chunk.Offset + start,
                _bench.Room,
                start,
                block * Blocks.Size + chunk.BlockLength(block) - start
            );
            for (var i = first; i <= block; i++)
            {
                if (!HasItsHash(chunk, lane, i, start + got, held))
                    return false;
                Mark(chunk, lane, i, start + got);
            }
        }

        return true;
    }

    /// <summary>Finds the pages of the blocks that differ by the clone's bytes, which have been read.</summary>
    /// <param name="chunk">The source's bytes.</param>
    /// <param name="lane">What is known of the clone, and its bytes.</param>
    /// <param name="got">How many bytes of the chunk the clone has; what follows reads as zero. Negative: they could
    /// not be read.</param>
    public void FindByContent(Chunk chunk, LaneChunk lane, int got)
    {
        Array.Clear(_differs, 0, _differs.Length);
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            if (!lane.Differs[block] || chunk.IsZero[block])
                continue;
            if (got >= 0)
                Mark(chunk, lane, block, got);
            else
                for (var page = 0; page < PerBlock; page++)
                    _differs[block * PerBlock + page] = true;
        }
    }

    /// <summary>
    /// The ranges to write: neighbouring pages together, whole blocks that became zero by themselves.
    /// </summary>
    public IEnumerable<(int Start, int Length, bool IsZero)> Ranges(Chunk chunk, LaneChunk lane)
    {
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            if (!lane.Differs[block] || !chunk.IsZero[block])
                continue;
            var first = block;
            while (block + 1 < chunk.BlockCount && lane.Differs[block + 1] && chunk.IsZero[block + 1])
                block++;
            yield return (
                first * Blocks.Size,
                block * Blocks.Size + chunk.BlockLength(block) - first * Blocks.Size,
                true
            );
        }

        var pages = (int)((chunk.Length + Size - 1) / Size);
        for (var page = 0; page < pages; page++)
        {
            if (!_differs[page])
                continue;
            var first = page;
            while (page + 1 < pages && _differs[page + 1])
                page++;
            yield return (first * Size, (int)Math.Min((page + 1) * Size, chunk.Length) - first * Size, false);
        }
    }

    // The last block of the file that was cloned may have been shorter, or longer, than what is there now.
    private bool HasItsHash(Chunk chunk, LaneChunk lane, int block, int got, long held)
    {
        var start = block * Blocks.Size;
        var length = (int)Math.Min(Blocks.Size, held - chunk.Offset - start);
        if (length > got - start)
            return true;
        _bench.Hasher.Hash(_bench.Room, start, length, _hash, 0);
        return Blocks.SameHash(_hash, 0, lane.Hashes, block * Blocks.HashSize);
    }

    private void Mark(Chunk chunk, LaneChunk lane, int block, int got)
    {
        var start = block * Blocks.Size;
        var end = start + chunk.BlockLength(block);
        for (var at = start; at < end; at += Size)
        {
            var length = Math.Min(Size, end - at);
            var inside = Math.Max(0, Math.Min(length, got - at));
            _differs[at / Size] =
                (inside > 0 && !Blocks.AreEqual(chunk.Buffer.Pointer + at, _bench.Room.Pointer + at, inside))
                || !Blocks.IsZero(chunk.Buffer.Pointer + at + inside, length - inside);
        }
    }
}
