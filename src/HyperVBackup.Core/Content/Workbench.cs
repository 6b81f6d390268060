using System;
using HyperVBackup.Files;

namespace HyperVBackup.Content;

/// <summary>
/// What a worker keeps from one piece of work to the next. Its rooms are made when they are first needed.
/// </summary>
internal sealed class Workbench : IDisposable
{
    private BlockHasher? _hasher;
    private AlignedBuffer? _room;
    private PageMap? _pages;
    private Chunk? _chunk;

    /// <summary>Its hash function.</summary>
    public BlockHasher Hasher => _hasher ??= new BlockHasher();

    /// <summary>Room for a chunk of what a target has already, while it is compared.</summary>
    public AlignedBuffer Room => _room ??= new AlignedBuffer(Blocks.ChunkSize);

    /// <summary>
    /// Which pages of a chunk must be written, where the target's file shares its blocks with another.
    /// </summary>
    public PageMap Pages => _pages ??= new PageMap(this);

    /// <summary>
    /// A chunk with one lane for files that are no larger than one, which one worker handles from end to end.
    /// </summary>
    public Chunk Chunk => _chunk ??= MakeChunk();

    /// <summary>Finds the zero blocks of a chunk that has been read, and hashes the others if wanted.</summary>
    public unsafe void Classify(Chunk chunk, bool hash)
    {
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            var start = block * Blocks.Size;
            var count = chunk.BlockLength(block);
            chunk.IsZero[block] = Blocks.IsZero(chunk.Buffer.Pointer + start, count);
            if (hash && !chunk.IsZero[block])
                Hasher.Hash(chunk.Buffer, start, count, chunk.Hashes, block * Blocks.HashSize);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _chunk?.Dispose();
        _room?.Dispose();
        _hasher?.Dispose();
    }

    private Chunk MakeChunk()
    {
        var chunk = new Chunk { Bench = this };
        chunk.UseLanes(1);
        return chunk;
    }
}
