using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Copies a file of more than one chunk. Where a target has the file already it is brought up to date in place, block by block: a virtual disk is huge and little of it changes.
/// Where it has none, or one that shares its blocks with other names, a new file is written and renamed.
/// </summary>
internal sealed class LargeFileCopy : IChunkHandler, IDisposable
{
    private readonly IFileSystem _files;
    private readonly FileTask _task;
    private readonly MirrorProgress _progress;
    private readonly ProgressLane _lane;
    private readonly LargeFileSlot[] _slots;

    public LargeFileCopy(IFileSystem files, FileTask task, MirrorProgress progress, ProgressLane lane)
    {
        _files = files;
        _task = task;
        _progress = progress;
        _lane = lane;
        _slots = task.Slots.Select(slot => new LargeFileSlot(files, task, slot, progress)).ToArray();
    }

    public bool WantsHashes => _slots.Any(slot => slot.WantsHashes);

    public void Execute(ChunkPump pump, CancellationToken cancel)
    {
        if (_task.Slots.All(slot => slot.CanSkip(_task.Source)))
        {
            foreach (var slot in _slots) slot.Guard(slot.KeepAsKnown);
            _progress.AddDone(_task.Source.Size);
        }
        else
        {
            ReadAndCopy(pump, cancel);
        }

        _progress.AddFile();
    }

    public long HoleAhead(long offset, long length)
    {
        foreach (var slot in _slots)
            if (slot.IsOpen && length > 0) length = Math.Min(length, slot.HoleAhead(offset, length));
        return offset + length >= _task.Source.Size ? length : length / Blocks.ChunkSize * Blocks.ChunkSize;
    }

    public void Prepare(Chunk chunk)
    {
        for (var i = 0; i < _slots.Length; i++) _slots[i].Prepare(chunk, chunk.Lanes[i]);
    }

    public void Process(Chunk chunk)
    {
        if (chunk.IsHole) return;
        for (var i = 0; i < _slots.Length; i++) _slots[i].Process(chunk, chunk.Lanes[i]);
    }

    public void Finish(Chunk chunk)
    {
        foreach (var slot in _slots) slot.Finish(chunk);
        _progress.AddDone(chunk.Length);
        _lane.AddFileDone(chunk.Length);
        if (!_slots.Any(slot => slot.IsOpen)) throw new BackupException(new Failure(FailureKind.Cancelled, _task.Path, "copy", "no target is left for it"));
    }

    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
    }

    private void ReadAndCopy(ChunkPump pump, CancellationToken cancel)
    {
        using var source = _files.OpenRead(_task.Path, true);
        var before = source.Stat();
        _task.Source = before with { Name = _task.Source.Name };
        foreach (var slot in _slots) slot.Guard(slot.Open);
        if (!_slots.Any(slot => slot.IsOpen)) return;
        try
        {
            pump.Run(source, _task.Path, before.Size, _slots.Length, this, cancel);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.Cancelled)
        {
            // Every target has failed on its own account, and said so.
            return;
        }

        if (!FileTask.IsUnchanged(before, source.Stat())) throw _task.Changed();
        foreach (var slot in _slots)
            if (slot.IsOpen) slot.Guard(slot.Commit);
    }
}
