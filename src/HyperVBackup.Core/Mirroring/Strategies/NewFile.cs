using System.Collections.Generic;
using HyperVBackup.Content;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// A file that is written from nothing: all of it but its zeroes, under a name for now. Also in place of a file that
/// has other names, which are not ours to change.
/// </summary>
internal sealed class NewFile : ICopyStrategy
{
    private readonly TargetFile _file;

    public NewFile(TargetFile file) => _file = file;

    public void Open()
    {
        _file.Create();
        _file.SetLength();
    }

    public long HoleAhead(long offset, long length) => length;

    public ICopyStrategy Prepare(Chunk chunk, LaneChunk lane) => this;

    public bool FindDifferences(Chunk chunk, LaneChunk lane)
    {
        for (var block = 0; block < chunk.BlockCount; block++)
            lane.Differs[block] = !chunk.IsZero[block];
        return _file.MustWrite(chunk, lane);
    }

    public IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane) =>
        lane.Ranges(chunk);

    public ICopyStrategy? Again() => null;
}
