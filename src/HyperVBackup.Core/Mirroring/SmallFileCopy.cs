using System;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Copies a file of at most one chunk: read once, hashed, compared with what each target has, and where it differs
/// written whole to a temporary name and renamed.
/// </summary>
internal sealed class SmallFileCopy
{
    // Below that, making a clone takes as long as writing (measured on XFS and btrfs), and the few KiB are not worth an
    // extent that is counted.
    private const int LeastClone = 16 * 1024;
    private readonly IFileSystem _files;
    private readonly MirrorProgress _progress;
    private readonly SmallFileContent _content;
    private readonly CancellationToken _cancel;

    public SmallFileCopy(
        IFileSystem files,
        RateLimiter limiter,
        MirrorProgress progress,
        Workbench bench,
        CancellationToken cancel
    )
    {
        _files = files;
        _progress = progress;
        _content = new SmallFileContent(files, limiter, progress, bench.Chunk);
        _cancel = cancel;
    }

    /// <summary>Does all that need not wait for other files. What is left is publishing.</summary>
    /// <param name="task">The file.</param>
    /// <param name="publish">Whether copies get their names at once.</param>
    public void Execute(FileTask task, bool publish)
    {
        var read = false;
        foreach (var slot in task.Slots)
        {
            var isShared = false;
            // Whatever its size: the source need not be opened for it.
            if (
                slot.CanShare(task.Source)
                && slot.Peer!.Known.BlocksAt == 0
                && (
                    !slot.Lane.Try(() => isShared = TryShare(task, slot, slot.Peer.Known.InlineBlocks, publish))
                    || isShared
                )
            )
                continue;
            if (slot.CanSkip(task.Source))
                slot.Lane.Try(() => KeepAsKnown(task, slot));
            else
                read = true;
        }

        if (read)
            ReadAndCopy(task, publish);
        _progress.AddDone(task.Source.Size);
        _progress.AddFile();
    }

    /// <summary>Gives finished copies their names.</summary>
    public static void Publish(IFileSystem files, FileTask task)
    {
        foreach (var slot in task.Slots)
        {
            if (slot.Temporary == null)
                continue;
            slot.Lane.Try(() => Publish(files, task, slot));
        }
    }

    private static void KeepAsKnown(FileTask task, CopySlot slot)
    {
        var copy = slot.Lane.Align(task.Relative, slot.Copy!, task.Source);
        if (slot.Known != null)
            slot.Record = slot.KnownRecord(task.Relative, task.Source, copy);
        slot.Lane.Tally.CountFile(task.Source.Size, false);
    }

    private static void Publish(IFileSystem files, FileTask task, CopySlot slot)
    {
        var temporary = slot.Temporary!;
        slot.Temporary = null;
        try
        {
            var path = slot.Lane.PathOfEntry(task.Relative);
            // Where nothing was listed nothing may be replaced: it would be what the target takes this name for.
            if (slot.Copy == null)
                TargetNames.RequireFree(files, path);
            files.Rename(temporary, path);
        }
        catch
        {
            SmallFiles.TryDelete(files, temporary);
            throw;
        }
    }

    private static TargetStamp StampOf(IFileSystem files, string path) =>
        TargetStamp.Of(TargetLane.Finished(files, path));

    private void ReadAndCopy(FileTask task, bool publish)
    {
        _content.Read(task, _cancel);
        foreach (var slot in task.Slots)
        {
            if (slot.Record != null || slot.CanSkip(task.Source))
                continue;
            slot.Lane.Try(() => CopyTo(task, slot, publish));
        }
    }

    private void CopyTo(FileTask task, CopySlot slot, bool publish)
    {
        var lane = slot.Lane;
        var inline = lane.Manifest == null ? Array.Empty<byte>() : _content.EncodeBlocks();
        // What is the same in the newest complete set is shared with it, unless what stands here shares it already.
        var sharesAlready = slot.Peer == null || (lane.Peer!.IsInStep && slot.Known != null);
        if (sharesAlready && IsSame(task, slot, inline))
            KeepSame(task, slot, inline);
        else if (_content.Length >= LeastClone && IsSameAsPeer(slot, inline) && TryShare(task, slot, inline, publish))
            return;
        else if (!sharesAlready && IsSame(task, slot, inline))
            KeepSame(task, slot, inline);
        else
            WriteAnew(task, slot, inline, publish);
    }

    private static void KeepSame(FileTask task, CopySlot slot, byte[] inline)
    {
        var copy = slot.Lane.Confirm(task.Relative, slot.Copy!, task.Source);
        if (slot.Lane.Manifest != null)
            slot.Record = new ManifestRecord(task.Relative, task.Source)
            {
                Stamp = TargetStamp.Of(copy),
                InlineBlocks = inline,
            };
        slot.Lane.Tally.CountFile(task.Source.Size, false);
    }

    private void WriteAnew(FileTask task, CopySlot slot, byte[] inline, bool publish)
    {
        var written = PlaceFor(task, slot, publish);
        var start = EngineProfile.Now;
        _content.Write(task, slot, written);
        _progress.Profile.AddWrite(start);
        Conclude(task, slot, written, inline, publish, true);
    }

    // In a set, which does not count before it is committed, a new file can have its name at once.
    private static string PlaceFor(FileTask task, CopySlot slot, bool publish)
    {
        var path = slot.Lane.PathOfEntry(task.Relative);
        return publish && slot.Copy == null ? path : PathOf.Join(PathOf.Parent(path)!, TemporaryNames.Next());
    }

    private void Conclude(FileTask task, CopySlot slot, string written, byte[] inline, bool publish, bool isChanged)
    {
        var path = slot.Lane.PathOfEntry(task.Relative);
        if (written != path)
        {
            slot.Temporary = written;
            if (publish)
                Publish(_files, task, slot);
        }

        if (slot.Lane.Manifest != null)
            slot.Record = new ManifestRecord(task.Relative, task.Source)
            {
                InlineBlocks = inline,
                Stamp = StampOf(_files, path),
            };
        slot.Lane.Tally.CountFile(task.Source.Size, isChanged);
    }

    private bool IsSameAsPeer(CopySlot slot, byte[] inline) =>
        slot.Peer is { Known.BlocksAt: 0 } peer
        && peer.Entry.Size == _content.Length
        && SameBytes(peer.Known.InlineBlocks, inline);

    // The blocks are those of a file that the newest complete set vouches for. Where it is not believed, the clone must
    // show that it holds them.
    private bool TryShare(FileTask task, CopySlot slot, byte[] inline, bool publish)
    {
        var peer = slot.Lane.Peer!;
        var written = PlaceFor(task, slot, publish);
        var start = EngineProfile.Now;
        if (!peer.TryClone(slot.Peer!, written))
            return false;
        try
        {
            if (!peer.IsBelieved && WhyNotSame(written) is { } why)
            {
                peer.Doubt(slot.Peer!, why);
                _files.DeleteFile(written);
                return false;
            }

            if (slot.Lane.FlushesEachFile)
            {
                using var file = _files.OpenUpdate(written, false);
                file.SetMetadata(task.Source);
                file.Flush();
            }
            else
            {
                _files.SetMetadata(written, task.Source);
            }
        }
        catch
        {
            SmallFiles.TryDelete(_files, written);
            throw;
        }

        _progress.Profile.AddWrite(start);
        Conclude(task, slot, written, inline, publish, false);
        return true;
    }

    private bool IsSame(FileTask task, CopySlot slot, byte[] inline)
    {
        if (slot.IsMarkedSparse)
            return false;
        if (slot.Copy is not { Kind: EntryKind.File } copy || copy.Size != _content.Length)
            return false;
        if (slot.Known is { BlocksAt: 0 } known)
            return SameBytes(known.InlineBlocks, inline);
        // A killed run may have left it in the system's cache only; writing it anew costs no more than opening it to
        // flush it.
        if (slot.Lane.FlushesEachFile && slot.Lane.Manifest != null)
            return false;
        var path = slot.Lane.PathOfEntry(task.Relative);
        try
        {
            return _content.IsSameIn(path);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            slot.Lane.Unreadable(path, e.Failure);
            return false;
        }
    }

    private string? WhyNotSame(string clone)
    {
        try
        {
            return _content.IsSameIn(clone) ? null : "does not hold what its manifest says";
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            return "cannot be read (" + e.Failure.Cause + ")";
        }
    }

    private static bool SameBytes(byte[] one, byte[] other)
    {
        if (one.Length != other.Length)
            return false;
        for (var i = 0; i < one.Length; i++)
            if (one[i] != other[i])
                return false;
        return true;
    }
}
