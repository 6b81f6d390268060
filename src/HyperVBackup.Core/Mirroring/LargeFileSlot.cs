using System;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring.Strategies;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring;

/// <summary>
/// One target's part in copying a large file: drives the strategy that was chosen for it, notes the hashes, and takes
/// no further part once anything has failed there.
/// </summary>
internal sealed class LargeFileSlot : IDisposable
{
    private readonly FileTask _task;
    private readonly CopySlot _slot;
    private readonly TargetFile _file;

    // Another one while chunks are in the workers' hands, when a manifest turns out damaged.
    private volatile ICopyStrategy? _strategy;
    private BlockListEncoder? _encoder;
    private volatile bool _failed;

    public LargeFileSlot(IFileSystem files, FileTask task, CopySlot slot, MirrorProgress progress)
    {
        _task = task;
        _slot = slot;
        _file = new TargetFile(files, task, slot, progress);
    }

    /// <summary>Whether it takes part: it was opened and has not failed.</summary>
    public bool IsOpen { get; private set; }

    public bool WantsHashes => _slot.Lane.Manifest != null;

    /// <summary>
    /// The new file and its path for now, when it shares the blocks of the source and so has all that is to be written
    /// already; else null.
    /// </summary>
    public (IBlockFile File, string Path)? CloneOfSource =>
        _strategy is CloneOfSource && _file.Opened is { } file ? (file, _file.Temporary!) : null;

    /// <summary>Runs something on this target; a failure of this file ends the slot's part in it.</summary>
    public void Guard(Action action)
    {
        if (!_slot.Lane.Try(action))
            Fail();
    }

    /// <summary>Does all that is to be done if the source need not be read for it. False: it must be read.</summary>
    public bool TryWithoutReading()
    {
        var isDone = false;
        if (_slot.CanShare(_task.Source))
            Guard(() =>
            {
                isDone = UnreadSource.TryShare(_file);
                if (isDone)
                    Publish();
            });
        if (isDone || _failed)
            return true;
        if (!_slot.CanSkip(_task.Source))
            return false;
        Guard(() => UnreadSource.Keep(_task, _slot));
        return true;
    }

    /// <summary>Chooses how this target gets the file, and opens what that takes.</summary>
    public void Open()
    {
        _encoder = _slot.Lane.Manifest?.BeginBlocks();
        _strategy = CopyStrategies.Choose(_file);
        _strategy.Open();
        IsOpen = true;
    }

    /// <summary>How much of a hole in the source is known to read as zero here too.</summary>
    public long HoleAhead(long offset, long length) => _strategy!.HoleAhead(offset, _file.HoleAhead(offset, length));

    public void Prepare(Chunk chunk, LaneChunk lane)
    {
        if (!IsOpen)
            return;
        var next = _strategy!.Prepare(chunk, lane);
        if (next == _strategy)
            return;
        next.Open();
        _strategy = next;
    }

    /// <summary>
    /// Whether what the strategy rested on was found wrong, so that the file must be gone through once more.
    /// </summary>
    public bool MustStartOver => IsOpen && !_failed && _strategy!.Again() != null;

    /// <summary>Begins anew, comparing everything with the source.</summary>
    public void StartOver()
    {
        _encoder = _slot.Lane.Manifest!.BeginBlocks();
        _strategy = _strategy!.Again()!;
        _strategy.Open();
    }

    public void Process(Chunk chunk, LaneChunk lane)
    {
        var strategy = _strategy;
        if (!IsOpen || _failed || !FindDifferences(strategy!, chunk, lane))
            Pass(chunk);
        else if (_file.Order == null)
            Write(strategy!, chunk, lane);
        else
            WriteInTurn(_file.Order, strategy!, chunk, lane);
    }

    /// <summary>Says that nothing of a chunk is written.</summary>
    public void Pass(Chunk chunk) => _file.Order?.Pass(chunk.Index);

    /// <summary>Lets no worker wait for its turn to write.</summary>
    public void Stop() => _file.Order?.End();

    /// <summary>Notes the hashes of a chunk. Called in the order of the file, one chunk at a time.</summary>
    public void Finish(Chunk chunk)
    {
        if (_failed)
            Fail();
        if (!IsOpen || _encoder == null)
            return;
        if (chunk.IsHole)
        {
            _encoder.AddZeroes(chunk.BlockCount);
            return;
        }

        for (var block = 0; block < chunk.BlockCount; block++)
        {
            if (chunk.IsZero[block])
                _encoder.AddZeroes(1);
            else
                _encoder.AddHash(chunk.Hashes, block * Blocks.HashSize);
        }
    }

    /// <summary>Finishes the copy: metadata, name, record.</summary>
    public void Commit()
    {
        _encoder?.Finish();
        Publish();
    }

    public void Dispose() => _file.Dispose();

    private void Publish()
    {
        var copy = _file.Publish();
        if (_slot.Lane.Manifest != null)
            _slot.Record = _task.RecordOf(copy);
        _slot.Lane.Tally.CountFile(_task.Source.Size, _file.IsChanged);
    }

    private bool FindDifferences(ICopyStrategy strategy, Chunk chunk, LaneChunk lane)
    {
        try
        {
            return strategy.FindDifferences(chunk, lane);
        }
        catch (BackupException e) when (!TargetLane.IsOfWholeTarget(e.Failure.Kind))
        {
            _slot.Lane.Note(e.Failure);
            _failed = true;
            return false;
        }
    }

    // Apart from the others: what they do for every chunk, this does for few, and only this needs an object for it.
    private void WriteInTurn(WriteOrder order, ICopyStrategy strategy, Chunk chunk, LaneChunk lane) =>
        order.Write(chunk.Index, () => Write(strategy, chunk, lane));

    private void Write(ICopyStrategy strategy, Chunk chunk, LaneChunk lane)
    {
        try
        {
            _file.Write(chunk, strategy.RangesToWrite(chunk, lane));
        }
        catch (BackupException e) when (!TargetLane.IsOfWholeTarget(e.Failure.Kind))
        {
            _slot.Lane.Note(e.Failure);
            _failed = true;
        }
    }

    private void Fail()
    {
        _failed = true;
        IsOpen = false;
    }
}
