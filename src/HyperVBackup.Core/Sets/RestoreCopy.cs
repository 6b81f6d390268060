using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Content;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>Checks every block against the manifest, and writes those that are right and not there yet.</summary>
internal sealed class RestoreCopy : IChunkHandler
{
    private const int Kept = 100;
    private readonly string _path;
    private readonly IBlockFile? _copy;
    private readonly bool _begun;
    private readonly BlockListReader _known;
    private readonly MirrorProgress? _progress;
    private readonly WriteOrder? _order;
    private readonly HoleFilling _filling;

    public RestoreCopy(
        string path,
        IBlockFile? copy,
        bool begun,
        BlockListReader known,
        MirrorProgress? progress,
        HoleFilling? filling = null
    )
    {
        _path = path;
        _copy = copy;
        _begun = begun;
        _known = known;
        _progress = progress;
        _filling = filling ?? HoleFilling.None;
        if (copy is { FillsGaps: true })
            _order = new WriteOrder();
    }

    public List<(long Offset, long Length)> Damages { get; } = new();

    public bool WantsHashes => true;

    public string Describe() =>
        "its bytes "
        + string.Join(
            ", ",
            Damages
                .Take(10)
                .Select(range =>
                    string.Format(
                        CultureInfo.InvariantCulture,
                        "{0} to {1}",
                        range.Offset,
                        range.Offset + range.Length - 1
                    )
                )
        )
        + (Damages.Count > 10 ? " and more" : "")
        + " in the set do not have their hash";

    public long HoleAhead(long offset, long length)
    {
        if (_begun || _filling.Covers(offset, length))
            return 0;
        var zeroes = _known.ZeroesAhead();
        return zeroes >= _known.Left ? length : Math.Min(length, zeroes * Blocks.Size);
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
        if (chunk.IsHole || _copy == null)
            _order?.Pass(chunk.Index);
        else if (_order == null)
            Write(chunk, _copy);
        else
            _order.Write(chunk.Index, () => Write(chunk, _copy));
    }

    public void Stop() => _order?.End();

    private void Write(Chunk chunk, IBlockFile copy)
    {
        var lane = chunk.Lanes[0];
        var there = _begun ? copy.Read(chunk.Offset, chunk.Bench.Room, 0, (int)chunk.Length) : 0;
        var count = (int)chunk.BlockCount;
        for (var block = 0; block < count; block++)
        {
            if (!MustWrite(chunk, lane, block, there))
                continue;
            var first = block;
            while (block + 1 < count && MustWrite(chunk, lane, block + 1, there))
                block++;
            var start = first * Blocks.Size;
            var length = block * Blocks.Size + chunk.BlockLength(block) - start;
            var began = EngineProfile.Now;
            copy.Write(chunk.Offset + start, chunk.Buffer, start, length);
            _progress?.Profile.AddWrite(began);
            _progress?.AddWritten(length);
        }
    }

    public void Finish(Chunk chunk)
    {
        _progress?.AddDone(chunk.Length);
        if (chunk.IsHole)
            return;
        for (var block = 0; block < chunk.BlockCount; block++)
        {
            if (!chunk.Lanes[0].Differs[block])
                continue;
            var offset = chunk.Offset + (long)block * Blocks.Size;
            var length = chunk.BlockLength(block);
            if (Damages.Count > 0 && Damages[Damages.Count - 1] is var last && last.Offset + last.Length == offset)
                Damages[Damages.Count - 1] = (last.Offset, last.Length + length);
            else if (Damages.Count < Kept)
                Damages.Add((offset, length));
        }
    }

    private unsafe bool MustWrite(Chunk chunk, LaneChunk lane, int block, int there)
    {
        if (lane.Differs[block])
            return false;
        if (_filling.Covers(chunk.Offset + (long)block * Blocks.Size, chunk.BlockLength(block)))
            return true;
        if (!_begun)
            return !chunk.IsZero[block];
        var start = block * Blocks.Size;
        var length = chunk.BlockLength(block);
        return there < start + length
            || !Blocks.AreEqual(chunk.Buffer.Pointer + start, chunk.Bench.Room.Pointer + start, length);
    }
}
