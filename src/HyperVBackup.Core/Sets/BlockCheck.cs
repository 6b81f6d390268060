using System;
using HyperVBackup.Content;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>Compares the blocks of a file with those of its manifest.</summary>
internal sealed class BlockCheck : IChunkHandler
{
    private readonly string _name;
    private readonly string _path;
    private readonly BlockListReader _known;
    private readonly DamageLog _damages;
    private readonly MirrorProgress _progress;

    public BlockCheck(string name, string path, BlockListReader known, DamageLog damages, MirrorProgress progress)
    {
        _name = name;
        _path = path;
        _known = known;
        _damages = damages;
        _progress = progress;
    }

    public bool WantsHashes => true;

    public long HoleAhead(long offset, long length)
    {
        var zeroes = _known.ZeroesAhead();
        if (zeroes >= _known.Left)
            return length;
        return Math.Min(length, zeroes * Blocks.Size) / Blocks.ChunkSize * Blocks.ChunkSize;
    }

    public void Prepare(Chunk chunk)
    {
        if (chunk.IsHole)
        {
            _known.SkipZeroes(chunk.BlockCount);
            return;
        }

        var lane = chunk.Lanes[0];
        for (var block = 0; block < chunk.BlockCount; block++)
            lane.IsZero[block] = !_known.Next(lane.Hashes, block * Blocks.HashSize);
    }

    public void Process(Chunk chunk)
    {
        if (!chunk.IsHole)
            chunk.Lanes[0].CompareHashes(chunk);
    }

    public void Stop() { }

    public void Finish(Chunk chunk)
    {
        _progress.AddDone(chunk.Length);
        if (chunk.IsHole)
            return;
        for (var block = 0; block < chunk.BlockCount; block++)
            if (chunk.Lanes[0].Differs[block])
                _damages.AddRange(_name, _path, chunk.Offset + (long)block * Blocks.Size, chunk.BlockLength(block));
    }
}
