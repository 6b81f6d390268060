using System.Collections.Generic;
using HyperVBackup.Content;
using HyperVBackup.Failures;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// A new file that begins as a clone of the one in the newest complete set, so that both share the blocks that have not
/// changed. That set's manifest tells which those are; of the others the clone is read, and the pages that differ are
/// written.
/// </summary>
internal sealed class CloneOfNewest : ICopyStrategy
{
    private readonly TargetFile _file;
    private readonly KnownBlocks _known;
    private readonly CloneDoubt _doubt;

    public CloneOfNewest(TargetFile file, KnownBlocks known)
    {
        _file = file;
        _known = known;
        _doubt = new CloneDoubt(file);
    }

    public void Open() => _file.ChangeLengthOfClone();

    public long HoleAhead(long offset, long length) => offset >= _file.OldSize ? length : _known.HoleAhead(length);

    public ICopyStrategy Prepare(Chunk chunk, LaneChunk lane) =>
        _known.TryTake(chunk, lane) ? this : new DoubtedCloneOfNewest(_file, _doubt, _file.OldSize);

    public bool FindDifferences(Chunk chunk, LaneChunk lane)
    {
        if (_doubt.IsRaised)
            return false;
        lane.CompareHashes(chunk);
        if (!_file.MustWrite(chunk, lane))
            return false;
        FindPages(chunk, lane);
        return !_doubt.IsRaised;
    }

    public IEnumerable<(int Start, int Length, bool IsZero)> RangesToWrite(Chunk chunk, LaneChunk lane) =>
        chunk.Bench.Pages.Ranges(chunk, lane);

    public ICopyStrategy? Again() => _doubt.Again();

    private void FindPages(Chunk chunk, LaneChunk lane)
    {
        var clone = _file.Writable();
        try
        {
            if (!chunk.Bench.Pages.FindByHashes(chunk, lane, clone, _file.OldSize))
                _doubt.Raise("does not hold what its manifest says");
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            _doubt.Raise("cannot be read everywhere (" + e.Failure.Cause + ")");
        }
    }
}
