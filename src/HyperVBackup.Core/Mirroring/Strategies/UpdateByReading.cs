using System.Collections.Generic;
using HyperVBackup.Content;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// The file that stands there is brought up to date in place. Nothing vouches for what it holds: so it is read from end
/// to end, and only what differs is written.
/// </summary>
internal sealed class UpdateByReading : ICopyStrategy
{
    private readonly TargetFile _file;
    private readonly HeldContent _held;

    public UpdateByReading(TargetFile file)
    {
        _file = file;
        _held = new HeldContent(file, file.OldSize);
    }

    public void Open()
    {
        _file.OpenToCompare();
        _file.ChangeLength();
    }

    public long HoleAhead(long offset, long length) => _held.HoleAhead(offset, length);

    public ICopyStrategy Prepare(Chunk chunk, LaneChunk lane) => this;

    public bool FindDifferences(Chunk chunk, LaneChunk lane)
    {
        _held.FindDifferences(chunk, lane);
        return _file.MustWrite(chunk, lane);
    }

    public IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane) =>
        lane.Ranges(chunk);

    public ICopyStrategy? Again() => null;
}
