using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Copies a file of more than one chunk. Where a target has the file already it is brought up to date in place, block
/// by block: a virtual disk is huge and little of it changes.
/// Where it has none, or one that shares its blocks with other names, a new file is written and renamed.
/// </summary>
internal sealed class LargeFileCopy : IChunkHandler, IDisposable
{
    private readonly IFileSystem _files;
    private readonly FileTask _task;
    private readonly MirrorProgress _progress;
    private readonly ProgressLane _lane;
    private readonly LargeFileSlot[] _slots;
    private LargeFileSlot[] _active;
    private bool _isRepeated;

    public LargeFileCopy(IFileSystem files, FileTask task, MirrorProgress progress, ProgressLane lane)
    {
        _files = files;
        _task = task;
        _progress = progress;
        _lane = lane;
        _slots = task.Slots.Select(slot => new LargeFileSlot(files, task, slot, progress)).ToArray();
        _active = _slots;
    }

    public bool WantsHashes => _active.Any(slot => slot.WantsHashes);

    public void Execute(ChunkPump pump, CancellationToken cancel)
    {
        _active = _slots.Where(slot => !slot.TryWithoutReading()).ToArray();
        if (_active.Length == 0)
            _progress.AddDone(_task.Source.Size);
        else
            ReadAndCopy(pump, cancel);
        _progress.AddFile();
    }

    public long HoleAhead(long offset, long length)
    {
        foreach (var slot in _active)
            if (slot.IsOpen && length > 0)
                length = Math.Min(length, slot.HoleAhead(offset, length));
        return offset + length >= _task.Source.Size ? length : length / Blocks.ChunkSize * Blocks.ChunkSize;
    }

    public void Prepare(Chunk chunk)
    {
        for (var i = 0; i < _active.Length; i++)
            _active[i].Prepare(chunk, chunk.Lanes[i]);
    }

    public void Process(Chunk chunk)
    {
        for (var i = 0; i < _active.Length; i++)
        {
            if (chunk.IsHole)
                _active[i].Pass(chunk);
            else
                _active[i].Process(chunk, chunk.Lanes[i]);
        }
    }

    public void Stop()
    {
        foreach (var slot in _active)
            slot.Stop();
    }

    public void Finish(Chunk chunk)
    {
        foreach (var slot in _active)
            slot.Finish(chunk);
        if (!_isRepeated)
        {
            _progress.AddDone(chunk.Length);
            _lane.AddFileDone(chunk.Length);
        }

        if (!_active.Any(slot => slot.IsOpen))
            throw new BackupException(
                new Failure(FailureKind.Cancelled, _task.Path, "copy", "no target is left for it")
            );
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    private void ReadAndCopy(ChunkPump pump, CancellationToken cancel)
    {
        using var source = _files.OpenRead(_task.Path, true);
        var before = FileTask.Look(source, cancel);
        _task.Opened(before);
        var taking = _active;
        foreach (var slot in taking)
            slot.Guard(slot.Open);
        if (!taking.Any(slot => slot.IsOpen))
            return;
        // A clone of the source is what will be kept: its own bytes are hashed, not the source's, which may have
        // changed since.
        var clone = taking.Select(slot => slot.CloneOfSource).FirstOrDefault(made => made != null);
        var reading = clone?.File ?? source;
        try
        {
            pump.Run(reading, _task.Path, before.Size, _active.Length, this, cancel);
            _active = taking.Where(slot => slot.MustStartOver).ToArray();
            foreach (var slot in _active)
                slot.Guard(slot.StartOver);
            _isRepeated = true;
            if (_active.Any(slot => slot.IsOpen))
                pump.Run(reading, _task.Path, before.Size, _active.Length, this, cancel);
        }
        catch (BackupException e) when (clone != null && e.Failure.Target == clone.Value.Path)
        {
            throw new BackupException(e.Failure with { Target = _task.Path });
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.Cancelled)
        {
            // Every target that was still to be written has failed on its own account, and said so.
            if (!taking.Any(slot => slot.IsOpen))
                return;
        }

        if (!FileTask.IsUnchanged(before, FileTask.Look(source, cancel)))
            throw _task.Changed();
        foreach (var slot in taking)
            if (slot.IsOpen)
                slot.Guard(slot.Commit);
    }
}
