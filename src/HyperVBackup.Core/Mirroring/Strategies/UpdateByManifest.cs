using System.Collections.Generic;
using HyperVBackup.Content;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// The file that stands there is brought up to date in place. What it holds is known from the manifest that describes
/// it, and nobody has touched it since: so nothing of it is read.
/// </summary>
internal sealed class UpdateByManifest : ICopyStrategy
{
    private readonly TargetFile _file;
    private readonly KnownBlocks _known;

    public UpdateByManifest(TargetFile file, KnownBlocks known)
    {
        _file = file;
        _known = known;
    }

    public void Open() => _file.ChangeLength();

    public long HoleAhead(long offset, long length) => offset >= _file.OldSize ? length : _known.HoleAhead(length);

    public ICopyStrategy Prepare(Chunk chunk, LaneChunk lane) =>
        _known.TryTake(chunk, lane) ? this : new UpdateByReading(_file);

    public bool FindDifferences(Chunk chunk, LaneChunk lane)
    {
        lane.CompareHashes(chunk);
        return _file.MustWrite(chunk, lane);
    }

    public IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane) =>
        lane.Ranges(chunk);

    public ICopyStrategy? Again() => null;
}
