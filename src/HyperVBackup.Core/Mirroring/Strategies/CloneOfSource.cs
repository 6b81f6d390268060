using System;
using System.Collections.Generic;
using HyperVBackup.Content;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// A new file that shares all blocks of the source, where one file system holds both: it has what is to be written
/// already, and is only hashed.
/// </summary>
internal sealed class CloneOfSource : ICopyStrategy
{
    private readonly TargetFile _file;

    public CloneOfSource(TargetFile file) => _file = file;

    public void Open() => _file.Writable();

    public long HoleAhead(long offset, long length) => length;

    public ICopyStrategy Prepare(Chunk chunk, LaneChunk lane) => this;

    public bool FindDifferences(Chunk chunk, LaneChunk lane) => false;

    public IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane) =>
        Array.Empty<(int, int, bool)>();

    public ICopyStrategy? Again() => null;
}
