using System.Collections.Generic;
using HyperVBackup.Content;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// A new file that begins as a clone of the one in the newest complete set, whose manifest is not believed: the clone
/// is read from end to end, and the pages that differ are written.
/// </summary>
internal sealed class DoubtedCloneOfNewest : ICopyStrategy
{
    private readonly TargetFile _file;
    private readonly HeldContent _held;
    private readonly CloneDoubt _doubt;

    /// <summary>Takes a clone that was made.</summary>
    /// <param name="file">The file.</param>
    /// <param name="doubt">Whether the clone's content was found wrong before its manifest was given up.</param>
    /// <param name="held">How many bytes of it came with the clone, or were gone through before.</param>
    public DoubtedCloneOfNewest(TargetFile file, CloneDoubt doubt, long held)
    {
        _file = file;
        _doubt = doubt;
        _held = new HeldContent(file, held);
    }

    public void Open()
    {
        _file.OpenToCompare();
        _file.ChangeLengthOfClone();
    }

    public long HoleAhead(long offset, long length) => _held.HoleAhead(offset, length);

    public ICopyStrategy Prepare(Chunk chunk, LaneChunk lane) => this;

    public bool FindDifferences(Chunk chunk, LaneChunk lane)
    {
        if (_doubt.IsRaised)
            return false;
        var got = _held.FindDifferences(chunk, lane);
        chunk.Bench.Pages.FindByContent(chunk, lane, got);
        return _file.MustWrite(chunk, lane);
    }

    public IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane) =>
        chunk.Bench.Pages.Ranges(chunk, lane);

    public ICopyStrategy? Again() => _doubt.Again();
}
