using System;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>What a target's file holds already, read to be compared with the source.</summary>
internal sealed class HeldContent
{
    private readonly TargetFile _file;
    private readonly long _held;

    /// <summary>Compares with a file that is opened by <see cref="TargetFile.OpenToCompare"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="held">How many bytes of it are worth reading: what follows reads as zero.</param>
    public HeldContent(TargetFile file, long held)
    {
        _file = file;
        _held = held;
    }

    /// <summary>As <see cref="ICopyStrategy.HoleAhead"/>.</summary>
    public long HoleAhead(long offset, long length) =>
        offset < _held && _file.Comparing.NextData(offset, out var data, out _)
            ? Math.Min(length, data - offset)
            : length;

    /// <summary>Marks the blocks of a chunk that differ; all of them where the file cannot be read.</summary>
    /// <returns>How many bytes of the chunk the file has; negative: they could not be read.</returns>
    public int FindDifferences(Chunk chunk, LaneChunk lane)
    {
        try
        {
            return Compare(chunk, lane);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            _file.NoteUnreadable(e.Failure);
            for (var block = 0; block < chunk.BlockCount; block++)
                lane.Differs[block] = true;
            return -1;
        }
    }

    private unsafe int Compare(Chunk chunk, LaneChunk lane)
    {
        var start = EngineProfile.Now;
        var held =
            chunk.Offset >= _held ? 0 : _file.Comparing.Read(chunk.Offset, chunk.Bench.Room, 0, (int)chunk.Length);
        _file.Progress.Profile.AddRead(start);
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            var first = block * Blocks.Size;
            var blockLength = chunk.BlockLength(block);
            // What lies behind the old end reads as zero since the length was set.
            var inside = Math.Max(0, Math.Min(blockLength, held - first));
            lane.Differs[block] =
                !Blocks.AreEqual(chunk.Buffer.Pointer + first, chunk.Bench.Room.Pointer + first, inside)
                || !Blocks.IsZero(chunk.Buffer.Pointer + first + inside, blockLength - inside);
        }

        return held;
    }
}
