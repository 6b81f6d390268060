using System;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Manifests;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>The blocks of a file by its manifest, taken from front to back as the source is gone through.</summary>
internal sealed class KnownBlocks
{
    private readonly BaseCursor _manifest;
    private readonly BlockListReader _blocks;

    public KnownBlocks(BaseCursor manifest, BlockListReader blocks)
    {
        _manifest = manifest;
        _blocks = blocks;
    }

    /// <summary>As <see cref="ICopyStrategy.HoleAhead"/>, inside the file that the manifest describes.</summary>
    public long HoleAhead(long length)
    {
        try
        {
            var zeroes = _blocks.Left == 0 ? long.MaxValue / Blocks.Size : _blocks.ZeroesAhead();
            return zeroes >= _blocks.Left ? length : Math.Min(length, zeroes * Blocks.Size);
        }
        catch (BackupException)
        {
            return 0; // Taking the blocks meets the same damage and deals with it.
        }
    }

    /// <summary>
    /// Writes down what is known of a chunk's blocks. What lies behind the end of the known file reads as zero.
    /// </summary>
    /// <returns>False: the manifest is damaged, and has been given up.</returns>
    public bool TryTake(Chunk chunk, LaneChunk lane)
    {
        try
        {
            if (chunk.IsHole)
                _blocks.SkipZeroes(Math.Min(_blocks.Left, chunk.BlockCount));
            else
                for (var block = 0; block < chunk.BlockCount; block++)
                    lane.IsZero[block] = _blocks.Left == 0 || !_blocks.Next(lane.Hashes, block * Blocks.HashSize);
            return true;
        }
        catch (BackupException e) when (e.Failure.Kind is FailureKind.StateDamaged or FailureKind.IoError)
        {
            _manifest.Distrust(e.Failure);
            return false;
        }
    }
}
