using System.Collections.Generic;
using HyperVBackup.Content;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// One way to find out what of a large file must be written on one target. <see cref="CopyStrategies"/> chooses it; the
/// file itself is a <see cref="TargetFile"/>, and whoever drives the strategy hashes, writes and publishes.
/// </summary>
/// <remarks>
/// Whatever else may come to tell what has changed, such as ranges that somebody kept account of, belongs behind this
/// interface: it is told of every range in the order of the file before anything of it is read, and no other part of
/// the engine asks what a decision rests on.
/// </remarks>
internal interface ICopyStrategy
{
    /// <summary>
    /// Opens what the source is compared with, and gives the file its length if it has not got it. Called once, before
    /// all else.
    /// </summary>
    void Open();

    /// <summary>
    /// How much of a range, from its first byte on, this target need not look at, given that the source reads as zero
    /// there. Called in the order of the file.
    /// </summary>
    long HoleAhead(long offset, long length);

    /// <summary>
    /// Takes down what is known of a chunk's blocks before it is read. Called in the order of the file, one chunk at a
    /// time.
    /// </summary>
    /// <returns>
    /// The strategy to go on with: itself, or another that is to be opened, when what it rests on turned out damaged.
    /// </returns>
    ICopyStrategy Prepare(Chunk chunk, LaneChunk lane);

    /// <summary>
    /// Marks the blocks of a chunk that must be written. Called on any worker, several at once.
    /// </summary>
    /// <returns>Whether anything is to be written of it now.</returns>
    bool FindDifferences(Chunk chunk, LaneChunk lane);

    /// <summary>The bytes to write of a chunk whose blocks were marked.</summary>
    IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane);

    /// <summary>
    /// Asked when all chunks are through: the strategy to go through the whole file with once more, because what this
    /// one rested on was found wrong on the way; null: the file is right. It is to be opened.
    /// </summary>
    ICopyStrategy? Again();
}
