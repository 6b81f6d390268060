using System;
using System.Collections.Generic;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring;

/// <summary>One target of a large file: decides for each block whether it must be written, and writes it.</summary>
internal sealed class LargeFileSlot : IDisposable
{
    private readonly IFileSystem _files;
    private readonly FileTask _task;
    private readonly CopySlot _slot;
    private readonly MirrorProgress _progress;
    private readonly object _opening = new();
    private IBlockFile? _file;
    private IBlockFile? _reading;
    private BlockListEncoder? _encoder;
    private BaseCursor? _vouching;
    private BlockListReader? _known;
    private FileEntry? _copy;
    private string? _temporary;
    private bool _isClone;
    private long _oldSize;
    private long _held;
    private long _written;
    private int _unreadable;
    private int _doubted;
    private bool _isOfSource;
    private WriteOrder? _order;
    private HoleFilling _filling = HoleFilling.None;
    private bool? _mayPunch;
    private volatile bool _failed;

    public LargeFileSlot(IFileSystem files, FileTask task, CopySlot slot, MirrorProgress progress)
    {
        _files = files;
        _task = task;
        _slot = slot;
        _progress = progress;
    }

    /// <summary>Whether it takes part: it was opened and has not failed.</summary>
    public bool IsOpen { get; private set; }

    public bool WantsHashes => _slot.Lane.Manifest != null;

    /// <summary>
    /// The new file and its path for now, when it shares the blocks of the source and so has all that is to be written
    /// already; else null.
    /// </summary>
    public (IBlockFile File, string Path)? CloneOfSource => _isOfSource && _file != null ? (_file, _temporary!) : null;

    private string Name => _task.Source.Name;

    private string Path => _slot.Lane.PathOfEntry(_task.Relative);

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
            Guard(() => isDone = TryShareWhole());
        if (isDone || _failed)
            return true;
        if (!_slot.CanSkip(_task.Source))
            return false;
        Guard(KeepAsKnown);
        return true;
    }

    private void KeepAsKnown()
    {
        var copy = _slot.Lane.Align(_task.Relative, _slot.Copy!, _task.Source);
        _slot.Lane.Tally.CountFile(_task.Source.Size, false);
        if (_slot.Lane.Manifest == null)
            return;
        TakeBlocksOver(
            _slot.Lane.Base.BlocksOf(_slot.Known!) ?? throw ManifestFormat.Damaged(Path, "it was given up while in use")
        );
        _slot.Record = new ManifestRecord(_task.Relative, _task.Source)
        {
            Stamp = TargetStamp.Of(copy),
            BlocksAt = ManifestWriter.BlocksPrecede,
        };
    }

    private bool TryShareWhole()
    {
        var peer = _slot.Lane.Peer!;
        if (peer.Manifest.BlocksOf(_slot.Peer!.Known) is not { } known || !TryClone())
            return false;
        try
        {
            TakeBlocksOver(known);
        }
        catch (BackupException e) when (e.Failure.Kind is FailureKind.StateDamaged or FailureKind.IoError)
        {
            peer.Manifest.Distrust(e.Failure);
            DropClone();
            return false;
        }

        Publish();
        return true;
    }

    private void TakeBlocksOver(BlockListReader known)
    {
        var encoder = _slot.Lane.Manifest!.BeginBlocks();
        var hash = new byte[Blocks.HashSize];
        while (known.Left > 0)
        {
            if (known.ZeroesAhead() is var zeroes && zeroes > 0)
            {
                known.SkipZeroes(zeroes);
                encoder.AddZeroes(zeroes);
            }
            else
            {
                known.Next(hash, 0);
                encoder.AddHash(hash, 0);
            }
        }

        encoder.Finish();
    }

    public void Open()
    {
        var size = _task.Source.Size;
        _encoder = _slot.Lane.Manifest?.BeginBlocks();
        if (_slot.Peer != null && TryClone())
        {
            OpenClone(size);
            IsOpen = true;
            return;
        }

        // Asked again, because a listing need not know how many names the file has.
        _copy = _slot.Copy is { Kind: EntryKind.File } ? _files.Find(Path) : null;
        if (_copy is { Kind: EntryKind.File, LinkCount: 1 } && !IsMarkedForGood())
        {
            _oldSize = _held = _copy.Size;
            _vouching = _slot.Lane.Base;
            if (_slot.Known != null)
                _known = _vouching.BlocksOf(_slot.Known);
            if (_known == null)
                _reading = _files.OpenRead(Path, true);
            if (_oldSize != size)
                _filling = HoleFilling.SetLength(Writable(), Name, _oldSize, size);
            else if (_slot.IsMarkedSparse)
                _filling = HoleFilling.Whole;
            if (_oldSize < size && _file!.FillsGaps)
                _order = new WriteOrder();
        }
        else
        {
            _copy = null;
            _temporary = PathOf.Join(PathOf.Parent(Path)!, TemporaryNames.Next());
            _isOfSource = _slot.Lane.TryClone(_task.Path, _temporary);
            _file = _isOfSource ? _files.OpenUpdate(_temporary, true) : _files.Create(_temporary, true);
            if (!_isOfSource)
                _filling = HoleFilling.SetLength(_file, Name, 0, size);
            if (!_isOfSource && _file.FillsGaps)
                _order = new WriteOrder();
        }

        IsOpen = true;
    }

    // Then only a new file comes without the mark.
    private bool IsMarkedForGood()
    {
        if (!_slot.IsMarkedSparse || Writable().TryUnmarkSparse())
            return false;
        CloseFiles();
        return true;
    }

    /// <summary>How much of a hole in the source is known to read as zero here too.</summary>
    public long HoleAhead(long offset, long length)
    {
        length = _filling.HoleAhead(offset, length);
        if (_copy == null || offset >= _held)
            return length;
        if (_known != null)
        {
            try
            {
                var zeroes = _known.Left == 0 ? long.MaxValue / Blocks.Size : _known.ZeroesAhead();
                return zeroes >= _known.Left ? length : Math.Min(length, zeroes * Blocks.Size);
            }
            catch (BackupException)
            {
                return 0; // Prepare meets the same damage and deals with it.
            }
        }

        return _reading!.NextData(offset, out var data, out _) ? Math.Min(length, data - offset) : length;
    }

    public void Prepare(Chunk chunk, LaneChunk lane)
    {
        if (!IsOpen || _known == null)
            return;
        try
        {
            if (chunk.IsHole)
                _known.SkipZeroes(Math.Min(_known.Left, chunk.BlockCount));
            else
                for (var block = 0; block < chunk.BlockCount; block++)
                    lane.IsZero[block] = _known.Left == 0 || !_known.Next(lane.Hashes, block * Blocks.HashSize);
        }
        catch (BackupException e) when (e.Failure.Kind is FailureKind.StateDamaged or FailureKind.IoError)
        {
            _vouching!.Distrust(e.Failure);
            _known = null;
            _reading = _files.OpenRead(_temporary ?? Path, true);
        }
    }

    /// <summary>
    /// Whether the file whose blocks it shares was found not to hold what its manifest says. Then blocks that were
    /// taken for unchanged may be wrong as well,
    /// and the file must be gone through once more.
    /// </summary>
    public bool MustStartOver => IsOpen && !_failed && _doubted != 0;

    /// <summary>Begins anew, comparing everything with the source.</summary>
    public void StartOver()
    {
        _doubted = 0;
        _known = null;
        _encoder = _slot.Lane.Manifest!.BeginBlocks();
        _held = _task.Source.Size;
        _reading = _files.OpenRead(_temporary!, true);
        _order = null;
    }

    public void Process(Chunk chunk, LaneChunk lane)
    {
        var differs = false;
        if (IsOpen && !_failed && !_isOfSource && _doubted == 0)
            Attempt(() =>
            {
                FindDifferences(chunk, lane);
                differs = _doubted == 0 && HasDifference(chunk, lane);
            });
        if (!differs)
            Pass(chunk);
        else if (_order == null)
            Attempt(() => WriteDifferences(chunk, lane));
        else
            _order.Write(chunk.Index, () => Attempt(() => WriteDifferences(chunk, lane)));
    }

    /// <summary>Says that nothing of a chunk is written.</summary>
    public void Pass(Chunk chunk) => _order?.Pass(chunk.Index);

    /// <summary>Lets no worker wait for its turn to write.</summary>
    public void Stop() => _order?.End();

    private void Attempt(Action action)
    {
        if (!_slot.Lane.Try(action))
            _failed = true;
    }

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

    public void Dispose()
    {
        CloseFiles();
        if (_temporary != null)
            SmallFiles.TryDelete(_files, _temporary);
    }

    private void Publish()
    {
        if (_file != null)
            _slot.Lane.Warn(_filling.Warning(_file, Path));
        if (MustFlush())
            _progress.Profile.Flush(Writable().Flush);
        CloseFiles();
        if (_temporary != null)
        {
            _files.SetMetadata(_temporary, _task.Source);
            if (_slot.Copy == null)
                TargetNames.RequireFree(_files, Path);
            _files.Rename(_temporary, Path);
            _temporary = null;
            _copy = TargetLane.Finished(_files, Path);
        }
        else
        {
            _copy = _slot.Lane.Confirm(_task.Relative, TargetLane.Finished(_files, Path), _task.Source);
        }

        if (_slot.Lane.Manifest != null)
            _slot.Record = new ManifestRecord(_task.Relative, _task.Source)
            {
                Stamp = TargetStamp.Of(_copy!),
                BlocksAt = ManifestWriter.BlocksPrecede,
            };
        _slot.Lane.Tally.CountFile(_task.Source.Size, _written > 0 || _oldSize != _task.Source.Size);
    }

    private bool TryClone()
    {
        var temporary = PathOf.Join(PathOf.Parent(Path)!, TemporaryNames.Next());
        if (!_slot.Lane.Peer!.TryClone(_slot.Peer!, temporary))
            return false;
        _temporary = temporary;
        _copy = _slot.Peer!.Entry;
        _oldSize = _held = _copy.Size;
        _isClone = true;
        return true;
    }

    private void OpenClone(long size)
    {
        _vouching = _slot.Lane.Peer!.Manifest;
        if (_slot.Lane.Peer.IsBelieved)
            _known = _vouching.BlocksOf(_slot.Peer!.Known);
        if (_known == null)
            _reading = _files.OpenRead(_temporary!, true);
        if (_oldSize != size)
            Writable().SetLength(size);
    }

    private void DropClone()
    {
        SmallFiles.TryDelete(_files, _temporary!);
        _temporary = null;
        _copy = null;
        _oldSize = _held = 0;
        _isClone = false;
    }

    // Content that was found right may be so in the system's cache only, put there by a run that was killed: unless a
    // committed manifest vouches for it, it is flushed as well.
    private bool MustFlush()
    {
        // So is a clone: nothing but a flush of its own makes it durable.
        if (_slot.Lane.Manifest != null)
            return _slot.Lane.FlushesEachFile && (_file != null || _isClone || _slot.Known == null);
        // Without a set to say whether the copy counts, its time stamp does: so the data must be durable before the
        // stamp is.
        return _file != null || _copy?.Modified != _task.Source.Modified;
    }

    private void Fail()
    {
        _failed = true;
        IsOpen = false;
    }

    private void FindDifferences(Chunk chunk, LaneChunk lane)
    {
        var count = (int)chunk.BlockCount;
        if (_copy == null)
        {
            for (var block = 0; block < count; block++)
                lane.Differs[block] = !chunk.IsZero[block];
        }
        else if (_reading == null)
        {
            lane.CompareHashes(chunk);
            if (_isClone)
                FindPages(chunk, lane);
        }
        else
        {
            CompareOrGiveUp(chunk, lane, count);
        }

        for (var block = 0; _filling.IsNeeded && block < count; block++)
            lane.Differs[block] |= _filling.Covers(chunk.Offset + (long)block * Blocks.Size, chunk.BlockLength(block));
    }

    private void FindPages(Chunk chunk, LaneChunk lane)
    {
        if (!HasDifference(chunk, lane))
            return;
        var clone = Writable();
        try
        {
            if (!chunk.Bench.Pages.FindByHashes(chunk, lane, clone, _held))
                Doubt("does not hold what its manifest says");
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            Doubt("cannot be read everywhere (" + e.Failure.Cause + ")");
        }
    }

    private void Doubt(string why)
    {
        if (System.Threading.Interlocked.Exchange(ref _doubted, 1) == 0)
            _slot.Lane.Peer!.Doubt(_slot.Peer!, why);
    }

    private void CompareOrGiveUp(Chunk chunk, LaneChunk lane, int count)
    {
        var held = -1;
        try
        {
            held = Compare(chunk, lane, count);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            if (System.Threading.Interlocked.Exchange(ref _unreadable, 1) == 0)
                _slot.Lane.Unreadable(Path, e.Failure);
            for (var block = 0; block < count; block++)
                lane.Differs[block] = true;
        }

        if (_isClone)
            chunk.Bench.Pages.FindByContent(chunk, lane, held);
    }

    private unsafe int Compare(Chunk chunk, LaneChunk lane, int count)
    {
        var length = (int)chunk.Length;
        var start = EngineProfile.Now;
        var held = chunk.Offset >= _held ? 0 : _reading!.Read(chunk.Offset, chunk.Bench.Room, 0, length);
        _progress.Profile.AddRead(start);
        for (var block = 0; block < count; block++)
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

    private void WriteDifferences(Chunk chunk, LaneChunk lane)
    {
        foreach (
            var (start, length, isZero) in _isClone ? chunk.Bench.Pages.Ranges(chunk, lane) : WholeBlocks(chunk, lane)
        )
        {
            var file = Writable();
            var began = EngineProfile.Now;
            // The buffer holds these zeroes, should the file system not make them itself.
            _mayPunch ??= HoleFilling.MayPunch(file, Name);
            if (!isZero || !_mayPunch.Value || !file.TryZero(chunk.Offset + start, length))
                file.Write(chunk.Offset + start, chunk.Buffer, start, length);
            _progress.Profile.AddWrite(began);
            System.Threading.Interlocked.Add(ref _written, length);
            _slot.Lane.Tally.CountWritten(length);
            _progress.AddWritten(length);
        }
    }

    private static bool HasDifference(Chunk chunk, LaneChunk lane) =>
        Array.IndexOf(lane.Differs, true, 0, (int)chunk.BlockCount) >= 0;

    private static IEnumerable<(int Start, int Length, bool IsZero)> WholeBlocks(Chunk chunk, LaneChunk lane)
    {
        var count = (int)chunk.BlockCount;
        for (var block = 0; block < count; block++)
        {
            if (!lane.Differs[block])
                continue;
            var first = block;
            while (block + 1 < count && lane.Differs[block + 1] && chunk.IsZero[block + 1] == chunk.IsZero[first])
                block++;
            yield return (
                first * Blocks.Size,
                block * Blocks.Size + chunk.BlockLength(block) - first * Blocks.Size,
                chunk.IsZero[first]
            );
        }
    }

    // Opened when the first difference is met: an unchanged disk is not even opened for writing.
    private IBlockFile Writable()
    {
        if (_file != null)
            return _file;
        lock (_opening)
        {
            if (_file != null)
                return _file;
            if (!_isClone)
                Trees.MakeWritable(_files, Path, _copy!);
            return _file = _files.OpenUpdate(_temporary ?? Path, true);
        }
    }

    private void CloseFiles()
    {
        _file?.Dispose();
        _file = null;
        _reading?.Dispose();
        _reading = null;
    }
}
