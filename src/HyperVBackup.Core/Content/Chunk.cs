using System;
using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Content;

/// <summary>A piece of a file on its way through a worker: its bytes, and what is found out about its blocks.</summary>
internal sealed class Chunk : IDisposable
{
    /// <summary>The bytes. Where <see cref="IsZero"/> says so without reading, they are undefined.</summary>
    public AlignedBuffer Buffer { get; } = new(Blocks.ChunkSize);

    /// <summary>Position among the chunks of the file.</summary>
    public long Index { get; set; }

    /// <summary>Position in the file.</summary>
    public long Offset { get; set; }

    /// <summary>
    /// Bytes; less than a full chunk only at the end of the file. More than one for a run of chunks that lie in a hole.
    /// </summary>
    public long Length { get; set; }

    /// <summary>Nothing was read: the whole length, however long, lies in a hole.</summary>
    public bool IsHole { get; set; }

    /// <summary>For each block: all zero.</summary>
    public bool[] IsZero { get; } = new bool[Blocks.PerChunk];

    /// <summary>For each block that is not zero: its hash, where hashes are wanted.</summary>
    public byte[] Hashes { get; } = new byte[Blocks.PerChunk * Blocks.HashSize];

    /// <summary>The bench of the worker that has it.</summary>
    public Workbench Bench { get; set; } = null!;

    /// <summary>What the handler of each target wants to keep with the chunk.</summary>
    public LaneChunk[] Lanes { get; private set; } = Array.Empty<LaneChunk>();

    /// <summary>Blocks in it.</summary>
    public long BlockCount => Blocks.Count(Length);

    /// <summary>Bytes of a block, by its index in the chunk.</summary>
    public int BlockLength(int block) => (int)Math.Min(Blocks.Size, Length - (long)block * Blocks.Size);

    public void UseLanes(int count)
    {
        if (Lanes.Length == count)
            return;
        Lanes = new LaneChunk[count];
        for (var i = 0; i < count; i++)
            Lanes[i] = new LaneChunk();
    }

    public void Dispose() => Buffer.Dispose();
}

/// <summary>What one target knows of the blocks in a chunk.</summary>
internal sealed class LaneChunk
{
    /// <summary>For each block: the target already reads as zero there.</summary>
    public bool[] IsZero { get; } = new bool[Blocks.PerChunk];

    /// <summary>For each block: the hash it has on the target by its manifest.</summary>
    public byte[] Hashes { get; } = new byte[Blocks.PerChunk * Blocks.HashSize];

    /// <summary>For each block: it differs and must be written.</summary>
    public bool[] Differs { get; } = new bool[Blocks.PerChunk];

    /// <summary>Fills in <see cref="Differs"/> from the chunk's own blocks and what was known of them.</summary>
    public void CompareHashes(Chunk chunk)
    {
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            Differs[block] =
                chunk.IsZero[block] || IsZero[block]
                    ? chunk.IsZero[block] != IsZero[block]
                    : !Blocks.SameHash(chunk.Hashes, block * Blocks.HashSize, Hashes, block * Blocks.HashSize);
        }
    }

    /// <summary>
    /// The ranges that <see cref="Differs"/> makes: neighbouring blocks together, those that are zero by themselves.
    /// </summary>
    public IEnumerable<(int Start, int Length, bool IsZero)> Ranges(Chunk chunk)
    {
        var count = (int)chunk.BlockCount;
        for (var block = 0; block < count; block++)
        {
            if (!Differs[block])
                continue;
            var first = block;
            while (block + 1 < count && Differs[block + 1] && chunk.IsZero[block + 1] == chunk.IsZero[first])
                block++;
            yield return (
                first * Blocks.Size,
                block * Blocks.Size + chunk.BlockLength(block) - first * Blocks.Size,
                chunk.IsZero[first]
            );
        }
    }
}
