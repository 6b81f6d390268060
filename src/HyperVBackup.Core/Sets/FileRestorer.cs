using System;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>
/// Restores files and links one by one: what is there already is left alone or replaced, what was begun is continued,
/// and a name is given only to what was right to the end.
/// </summary>
internal sealed class FileRestorer
{
    private readonly IFileSystem _files;
    private readonly RestoreRequest _request;
    private readonly RestoreFailures _failures;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private long _present;

    public FileRestorer(
        IFileSystem files,
        RestoreRequest request,
        RestoreFailures failures,
        MirrorProgress progress,
        CancellationToken cancel
    )
    {
        _files = files;
        _request = request;
        _failures = failures;
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Files and links that were restored.</summary>
    public long Restored { get; private set; }

    /// <summary>Files and links that were there already, as they are in the set.</summary>
    public long Present => _present;

    /// <summary>Bytes of the files that were restored.</summary>
    public long Bytes { get; private set; }

    /// <summary>Restores a link.</summary>
    public void RestoreLink(string path, FileEntry link)
    {
        var there = _files.Find(path);
        if (there is { Kind: EntryKind.Link } && there.LinkTarget == link.LinkTarget)
        {
            _files.SetMetadata(path, link);
            _present++;
            return;
        }

        if (there != null)
        {
            if (!_request.Force || there.Kind == EntryKind.Folder)
                throw RestoreFolders.Exists(path, there);
            _files.DeleteFile(path);
        }

        _files.CreateLink(path, link);
        _files.SetMetadata(path, link);
        Restored++;
    }

    /// <summary>Restores a file: at once, or with its batch.</summary>
    public void Restore(FileToRestore file, ChunkPump pump, RestoreBatch batch)
    {
        if (RestoreBatch.Takes(file.Record))
        {
            batch.Add(
                file.Record.Entry.Size,
                read => Guard(file, () => Copy(file, false, batch.FlushesEachFile, read)),
                () => Guard(file, () => Publish(file))
            );
            return;
        }

        Guard(
            file,
            () =>
            {
                Copy(
                    file,
                    true,
                    true,
                    (opened, path, length, handler) => pump.Run(opened, path, length, 1, handler, _cancel)
                );
                Publish(file);
            }
        );
    }

    // All but the name.
    private void Copy(FileToRestore file, bool direct, bool flush, ReadThrough read)
    {
        var entry = file.Record.Entry;
        file.There = _files.Find(file.Path);
        if (file.There is { } there)
        {
            var isRight = there.Kind == EntryKind.File && there.Size == entry.Size && HasContent(file, direct, read);
            if (isRight && !HoleFilling.IsMarked(_files, file.Path, entry.Name))
            {
                Trees.Restore(_files, file.Path, there, entry);
                Interlocked.Increment(ref _present);
                _progress.AddDone(entry.Size);
                return;
            }

            // What is right but for its holes is written anew, and loses nothing by it.
            if ((!_request.Force && !isRight) || there.Kind is EntryKind.Folder or EntryKind.Other)
                throw RestoreFolders.Exists(file.Path, there);
        }

        if (_files.Find(file.From) is not { Kind: EntryKind.File } source)
            throw _failures.Damaged(FailureKind.FileMissing, file.From, "the set's manifest has it, the set has not");
        if (source.Size != entry.Size)
            throw _failures.Damaged(
                FailureKind.FileDiffers,
                file.From,
                "it has " + source.Size + " bytes and had " + entry.Size
            );
        var temporary = TemporaryOf(file.Path, file.Relative);
        Copy(file, temporary, direct, flush, read);
        // Closing the second handle of unbuffered writes may move the time once more, so then it comes last.
        if (direct)
            _files.SetMetadata(temporary, entry);
        file.Temporary = temporary;
    }

    private void Publish(FileToRestore file)
    {
        if (file.Temporary == null)
            return;
        if (file.There != null)
            Trees.MakeWritable(_files, file.Path, file.There);
        _files.Rename(file.Temporary, file.Path);
        Restored++;
        Bytes += file.Record.Entry.Size;
    }

    /// <summary>
    /// The name for now of a file. It says which file of which run it will be, so that a later restore of the same
    /// finds and continues it.
    /// </summary>
    public string TemporaryOf(string path, string relative)
    {
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(
            Encoding.UTF8.GetBytes(
                _request.Set.RunId.ToString("N") + "/" + BitConverter.ToString(NameCodec.Encode(relative))
            )
        );
        return PathOf.Join(
            PathOf.Parent(path)!,
            TemporaryNames.Prefix + "restore-" + BitConverter.ToString(hash, 0, 8).Replace("-", "").ToLowerInvariant()
        );
    }

    private void Copy(FileToRestore file, string temporary, bool direct, bool flush, ReadThrough read)
    {
        var entry = file.Record.Entry;
        using var source = _files.OpenRead(file.From, direct);
        var begun = _files.Find(temporary);
        if (begun is { Kind: not EntryKind.File } or { LinkCount: > 1 })
            throw new BackupException(
                FailureKind.DestinationExists,
                temporary,
                "continue the restore",
                "something that we did not put there stands in the way"
            );
        // It may have its metadata already, and be read-only.
        if (begun != null)
            Trees.MakeWritable(_files, temporary, begun);
        using var copy = begun == null ? _files.Create(temporary, direct) : _files.OpenUpdate(temporary, direct);
        var filling = HoleFilling.SetLength(copy, entry.Name, begun?.Size ?? 0, entry.Size);
        var handler = new RestoreCopy(file.From, copy, begun != null, file.Blocks(), _progress, filling);
        read(source, file.From, entry.Size, handler);
        if (handler.Damages.Count > 0)
        {
            copy.Dispose();
            SmallFiles.TryDelete(_files, temporary);
            throw _failures.Damaged(FailureKind.BlockDamaged, file.From, handler.Describe());
        }

        if (filling.Warning(copy, file.Path) is { } warning)
            _failures.Log.Warn(warning);
        if (!direct)
            copy.SetMetadata(entry);
        // A restore that can be continued takes a file with its name for a whole one.
        if (flush)
            _progress.Profile.Flush(copy.Flush);
    }

    private bool HasContent(FileToRestore file, bool direct, ReadThrough read)
    {
        var handler = new RestoreCopy(file.Path, null, false, file.Blocks(), null);
        using var opened = _files.OpenRead(file.Path, direct);
        read(opened, file.Path, file.Record.Entry.Size, handler);
        return handler.Damages.Count == 0;
    }

    // People know the file, not the name it has while it is written.
    private void Guard(FileToRestore file, Action restore)
    {
        try
        {
            restore();
        }
        catch (BackupException e)
        {
            var isTemporary =
                e.Failure.Target == TemporaryOf(file.Path, file.Relative)
                && e.Failure.Kind != FailureKind.DestinationExists;
            var failure = isTemporary ? e.Failure with { Target = file.Path } : e.Failure;
            if (_failures.Ends(failure))
                throw new BackupException(failure, e);
            var isLost = _failures.IsOfSet(failure) && Blame.IsOnTheSet(failure.Kind);
            _failures.Note(failure);
            if (isLost && _request.Salvage)
                _failures.Guard(() => SalvageOf(file));
        }
    }

    private void SalvageOf(FileToRestore file)
    {
        if (_files.Find(file.From) is not { Kind: EntryKind.File })
            return;
        _failures.Log.Warn(
            file.Path
                + Salvage.Run(_files, file.From, file.Path, file.Record.Entry, file.Blocks(), _request.Force, _cancel)
                + "."
        );
    }
}
