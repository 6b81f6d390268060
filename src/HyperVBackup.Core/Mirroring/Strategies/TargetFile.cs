using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// The file of a large copy on its target: the one that stands there, or a new one with a name for now. Opens it when
/// it is needed, writes what differs, and gives it its name.
/// </summary>
internal sealed class TargetFile : IDisposable
{
    private readonly IFileSystem _files;
    private readonly object _opening = new();
    private IBlockFile? _writing;
    private IBlockFile? _comparing;
    private FileEntry? _copy;
    private string? _temporary;
    private HoleFilling _filling = HoleFilling.None;
    private bool? _mayPunch;
    private int _unreadable;
    private long _written;
    private bool _hasLength;

    public TargetFile(IFileSystem files, FileTask task, CopySlot slot, MirrorProgress progress)
    {
        _files = files;
        Task = task;
        Slot = slot;
        Progress = progress;
    }

    public FileTask Task { get; }

    public CopySlot Slot { get; }

    public MirrorProgress Progress { get; }

    /// <summary>The path it will have.</summary>
    public string Path => Slot.Lane.PathOfEntry(Task.Relative);

    /// <summary>The path it has for now; null when it is updated in place.</summary>
    public string? Temporary => _temporary;

    /// <summary>Its length before anything was done to it; 0 for a new file, the origin's for a clone of one.</summary>
    public long OldSize { get; private set; }

    /// <summary>The file for writing, if it has been opened.</summary>
    public IBlockFile? Opened => _writing;

    /// <summary>The file that <see cref="OpenToCompare"/> opened.</summary>
    public IBlockFile Comparing => _comparing!;

    /// <summary>The order in which chunks must be written; null: any.</summary>
    public WriteOrder? Order { get; private set; }

    /// <summary>Whether anything of it has changed, for the tally.</summary>
    public bool IsChanged => _written > 0 || OldSize != Task.Source.Size;

    private string Name => Task.Source.Name;

    /// <summary>Begins it as a clone of the file in the newest complete set. False: there is none to be had.</summary>
    public bool TryCloneNewest()
    {
        if (Slot.Peer is not { } newest)
            return false;
        var temporary = NewName();
        if (!Slot.Lane.Peer!.TryClone(newest, temporary))
            return false;
        _temporary = temporary;
        _copy = newest.Entry;
        OldSize = newest.Entry.Size;
        return true;
    }

    /// <summary>Undoes <see cref="TryCloneNewest"/>.</summary>
    public void DropClone()
    {
        SmallFiles.TryDelete(_files, _temporary!);
        _temporary = null;
        _copy = null;
        OldSize = 0;
    }

    /// <summary>
    /// Takes the file that stands there, to be updated in place. False: there is none, or it will not do.
    /// </summary>
    public bool TryTakeCopy()
    {
        // Asked again, because a listing need not know how many names the file has.
        _copy = Slot.Copy is { Kind: EntryKind.File } ? _files.Find(Path) : null;
        if (_copy is { Kind: EntryKind.File, LinkCount: 1 } && !IsMarkedForGood())
        {
            OldSize = _copy.Size;
            return true;
        }

        _copy = null;
        return false;
    }

    /// <summary>Begins it as a clone of the source. False: it must be made and written.</summary>
    public bool TryCloneSource()
    {
        _temporary = NewName();
        return Slot.Lane.TryClone(Task.Path, _temporary);
    }

    /// <summary>Makes it, after <see cref="TryCloneSource"/> could not.</summary>
    public void Create() => _writing = _files.Create(_temporary!, true);

    /// <summary>What the newest complete set's manifest says of it; null: nothing that is believed.</summary>
    public KnownBlocks? BlocksOfNewest() =>
        Slot.Lane.Peer is { IsBelieved: true, Manifest: var manifest }
        && manifest.BlocksOf(Slot.Peer!.Known) is { } blocks
            ? new KnownBlocks(manifest, blocks)
            : null;

    /// <summary>What the manifest of the last complete run says of it; null: nothing that holds.</summary>
    public KnownBlocks? BlocksOfCopy() =>
        Slot.Known is { } known && Slot.Lane.Base.BlocksOf(known) is { } blocks
            ? new KnownBlocks(Slot.Lane.Base, blocks)
            : null;

    /// <summary>Opens it for reading, under the name that it has.</summary>
    public void OpenToCompare()
    {
        _comparing?.Dispose();
        _comparing = _files.OpenRead(_temporary ?? Path, true);
    }

    /// <summary>Gives a new file its length.</summary>
    public void SetLength()
    {
        _filling = HoleFilling.SetLength(_writing!, Name, 0, Task.Source.Size);
        if (_writing!.FillsGaps)
            Order = new WriteOrder();
    }

    /// <summary>Gives a file that stood there the source's length, if it has not got it.</summary>
    public void ChangeLength()
    {
        if (_hasLength)
            return;
        _hasLength = true;
        var size = Task.Source.Size;
        if (OldSize != size)
            _filling = HoleFilling.SetLength(Writable(), Name, OldSize, size);
        else if (Slot.IsMarkedSparse)
            _filling = HoleFilling.Whole;
        if (OldSize < size && _writing!.FillsGaps)
            Order = new WriteOrder();
    }

    /// <summary>Gives a clone the source's length, if it has not got it.</summary>
    public void ChangeLengthOfClone()
    {
        if (!_hasLength && OldSize != Task.Source.Size)
            Writable().SetLength(Task.Source.Size);
        _hasLength = true;
    }

    /// <summary>
    /// The file for writing. Opened when the first difference is met: an unchanged disk is not even opened for writing.
    /// </summary>
    public IBlockFile Writable()
    {
        if (_writing != null)
            return _writing;
        lock (_opening)
        {
            if (_writing != null)
                return _writing;
            if (_temporary == null)
                Trees.MakeWritable(_files, Path, _copy!);
            return _writing = _files.OpenUpdate(_temporary ?? Path, true);
        }
    }

    /// <summary>Notes, once, that it cannot be read everywhere.</summary>
    public void NoteUnreadable(Failure why)
    {
        if (Interlocked.Exchange(ref _unreadable, 1) == 0)
            Slot.Lane.Unreadable(Path, why);
    }

    /// <summary>
    /// How much of what reads as zero in the source may be left alone, so far as no hole must be filled.
    /// </summary>
    public long HoleAhead(long offset, long length) => _filling.HoleAhead(offset, length);

    /// <summary>
    /// Marks the blocks that must be written so that no hole is left, beside those that differ. Returns whether any is.
    /// </summary>
    public bool MustWrite(Chunk chunk, LaneChunk lane)
    {
        var count = (int)chunk.BlockCount;
        for (var block = 0; _filling.IsNeeded && block < count; block++)
            lane.Differs[block] |= _filling.Covers(chunk.Offset + (long)block * Blocks.Size, chunk.BlockLength(block));
        return Array.IndexOf(lane.Differs, true, 0, count) >= 0;
    }

    /// <summary>Writes ranges of a chunk. Called on any worker.</summary>
    public void Write(Chunk chunk, IEnumerable<(int Start, int Length, bool IsZero)> ranges)
    {
        foreach (var (start, length, isZero) in ranges)
        {
            var file = Writable();
            var began = EngineProfile.Now;
            // The buffer holds these zeroes, should the file system not make them itself.
            _mayPunch ??= HoleFilling.MayPunch(file, Name);
            if (!isZero || !_mayPunch.Value || !file.TryZero(chunk.Offset + start, length))
                file.Write(chunk.Offset + start, chunk.Buffer, start, length);
            Progress.Profile.AddWrite(began);
            Interlocked.Add(ref _written, length);
            Slot.Lane.Tally.CountWritten(length);
            Progress.AddWritten(length);
        }
    }

    /// <summary>Finishes it: durable where it must be, metadata, name. Returns its entry.</summary>
    public FileEntry Publish()
    {
        if (_writing != null)
            Slot.Lane.Warn(_filling.Warning(_writing, Path));
        if (MustFlush())
            Progress.Profile.Flush(Writable().Flush);
        Close();
        if (_temporary == null)
            return Slot.Lane.Confirm(Task.Relative, TargetLane.Finished(_files, Path), Task.Source);
        _files.SetMetadata(_temporary, Task.Source);
        if (Slot.Copy == null)
            TargetNames.RequireFree(_files, Path);
        _files.Rename(_temporary, Path);
        _temporary = null;
        return TargetLane.Finished(_files, Path);
    }

    /// <summary>Closes it; what has not got its name is deleted.</summary>
    public void Dispose()
    {
        Close();
        if (_temporary != null)
            SmallFiles.TryDelete(_files, _temporary);
    }

    // Content that was found right may be so in the system's cache only, put there by a run that was killed: unless a
    // committed manifest vouches for it, it is flushed as well.
    private bool MustFlush()
    {
        // So is a clone: nothing but a flush of its own makes it durable.
        if (Slot.Lane.Manifest != null)
            return Slot.Lane.FlushesEachFile && (_writing != null || _temporary != null || Slot.Known == null);
        // Without a set to say whether the copy counts, its time stamp does: so the data must be durable before the
        // stamp is.
        return _writing != null || _copy?.Modified != Task.Source.Modified;
    }

    // Then only a new file comes without the mark.
    private bool IsMarkedForGood()
    {
        if (!Slot.IsMarkedSparse || Writable().TryUnmarkSparse())
            return false;
        Close();
        return true;
    }

    private string NewName() => PathOf.Join(PathOf.Parent(Path)!, TemporaryNames.Next());

    private void Close()
    {
        _writing?.Dispose();
        _writing = null;
        _comparing?.Dispose();
        _comparing = null;
    }
}
