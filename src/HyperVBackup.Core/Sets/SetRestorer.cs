using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;

namespace HyperVBackup.Sets;

/// <summary>
/// Brings files back from a set. Every block is checked on the way; a file gets its name only when all of it was right; a damaged file is named and the rest restored.
/// What an interrupted restore left half written is continued, and what is there already is left alone.
/// </summary>
public sealed class SetRestorer
{
    private readonly IFileSystem _files;
    private readonly RestoreRequest _request;
    private readonly string _destination;
    private readonly GlobFilter _filter;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly FailureLog _log = new();
    private readonly List<(string Path, FileEntry Entry)> _openFolders = new();
    private readonly HashSet<string> _realFolders = new(PathOf.Comparer);
    private readonly int _workers;
    private long _restored;
    private long _present;
    private long _bytes;
    private bool _damaged;

    private SetRestorer(IFileSystem files, RestoreRequest request, MirrorProgress progress, CancellationToken cancel, int workers)
    {
        _workers = workers;
        _files = files;
        _request = request;
        _destination = files.Resolve(PathOf.Full(request.Destination));
        _filter = new GlobFilter(request.Paths);
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Restores.</summary>
    /// <exception cref="BackupException">Nothing matches, or the destination cannot be used at all.</exception>
    public static RestoreReport Restore(IFileSystem files, RestoreRequest request, MirrorProgress progress, CancellationToken cancel) =>
        Restore(files, request, progress, cancel, MirrorEngine.DefaultWorkers);

    /// <summary>Restores with a number of threads.</summary>
    internal static RestoreReport Restore(IFileSystem files, RestoreRequest request, MirrorProgress progress, CancellationToken cancel, int workers) =>
        new SetRestorer(files, request, progress, cancel, workers).Run();

    private RestoreReport Run()
    {
        var set = _request.Set;
        var state = set.Content ?? throw new BackupException(set.Problem!);
        var jobs = MachineChoice.Of(set, _request.Machines);
        if (SetLayout.SetAround(_files, _destination) is { } around)
            throw new BackupException(FailureKind.BadPlan, _destination, "restore to it", "it lies inside the set" + (PathOf.Comparer.Equals(around, set.Path) ? "" : " " + around));
        Trees.Create(_files, _destination, false);
        RequireFolder(_destination);
        var matched = false;
        var warnings = new List<string>();
        if (set.PartialWarning is { } partial) warnings.Add(partial);
        using (var crew = new WorkerCrew(_workers, "Restore"))
        using (var pump = new ChunkPump(crew, new RateLimiter(0), _progress.Profile))
        {
            var batch = new RestoreBatch(_files, _destination, crew, _progress, _cancel);
            foreach (var job in jobs)
            {
                if (!RestoreFolder(job, state, pump, batch)) continue;
                matched = true;
                if (job.KeptFrom != Guid.Empty) warnings.Add(job.Machine + " is an older copy, of the run " + job.KeptFrom.ToString("D") + ": the run that wrote the set could not capture it.");
            }
        }

        if (!matched && _request.Paths.Count > 0 && _log.FailureCount == 0)
            throw new BackupException(FailureKind.FileMissing, set.Path, "restore " + string.Join(", ", _request.Paths), "nothing in the set matches" + (_request.Machines.Count > 0 ? " among the files of " + string.Join(", ", jobs.Select(job => job.Machine)) : ""));
        _progress.Profile.Flush(() => _files.TryFlushVolume(_destination));
        if (_damaged || _log.FailureCount > 0) BlameARunThatWroteMeanwhile();
        return new RestoreReport
        {
            Target = set.Target,
            Set = set.Set,
            RunId = set.RunId,
            Completed = set.Completed,
            Machines = _request.Machines.Count == 0 ? Array.Empty<string>() : jobs.Select(job => job.Machine).ToArray(),
            Destination = _destination,
            FilesRestored = _restored,
            FilesPresent = _present,
            Bytes = _bytes,
            Failures = _log.Failures,
            FailureCount = _log.FailureCount,
            Warnings = warnings,
            Profile = _progress.Profile.Times,
            ExitCode = _damaged ? ExitCodes.Damage : _log.FailureCount > 0 ? ExitCodes.Failed : ExitCodes.Complete,
        };
    }

    // What was read of a set that a run has begun to write is neither right nor damaged.
    private void BlameARunThatWroteMeanwhile()
    {
        try
        {
            SetCatalogue.RequireUntouched(_files, _request.Set, "restore it");
        }
        catch (BackupException e)
        {
            _log.Add(e.Failure);
            _damaged = false;
        }
    }

    private bool RestoreFolder(SetJob job, SetState state, ChunkPump pump, RestoreBatch batch)
    {
        var from = PathOf.Join(_request.Set.Path, job.Folder);
        var manifest = SetLayout.ManifestOf(_request.Set.Path, job.Folder);
        var matched = false;
        try
        {
            _progress.Enter(job.Folder, "");
            SetLayout.RequireReal(_files, from);
            using var reader = new ManifestReader(_files, manifest);
            if (reader.Header.RunId != job.WrittenBy(state) || !string.Equals(reader.Header.Folder, job.Folder, StringComparison.Ordinal))
                throw ManifestFormat.Damaged(manifest, "it is of another run or folder than its set");
            foreach (var record in reader.All())
            {
                _cancel.ThrowIfCancellationRequested();
                if (!Takes(job.Folder, record)) continue;
                matched = true;
                CloseFolders(job.Folder + "/" + record.Path, batch);
                Guard(() => RestoreEntry(job.Folder, from, record, reader, pump, batch));
            }
        }
        catch (BackupException e) when (!IsOfDestination(e.Failure))
        {
            Note(e.Failure);
        }

        CloseFolders("", batch);
        batch.Run();
        return matched;
    }

    // A folder is restored for its own sake only when everything is; with patterns, those that files need are made on the way.
    private bool Takes(string folder, ManifestRecord record)
    {
        if (_request.Paths.Count == 0) return true;
        return record.Entry.Kind != EntryKind.Folder && _request.Takes(_filter, folder, record.Path);
    }

    private void RestoreEntry(string folder, string from, ManifestRecord record, ManifestReader reader, ChunkPump pump, RestoreBatch batch)
    {
        var relative = folder + "/" + record.Path;
        var path = PathOf.Join(_destination, relative);
        if (record.Entry.Kind == EntryKind.Folder)
        {
            MakeFolders(relative);
            _openFolders.Add((relative, record.Entry));
            return;
        }

        if (relative.LastIndexOf('/') is var slash && slash > 0) MakeFolders(relative.Substring(0, slash));
        _progress.Enter(folder, record.Path);
        if (record.Entry.Kind == EntryKind.Link) RestoreLink(path, record.Entry);
        else RestoreFile(new FileToRestore(PathOf.Join(from, record.Path), path, relative, record, reader), pump, batch);
        _progress.AddFile();
    }

    private void RestoreLink(string path, FileEntry link)
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
            if (!_request.Force || there.Kind == EntryKind.Folder) throw Exists(path, there);
            _files.DeleteFile(path);
        }

        _files.CreateLink(path, link);
        _files.SetMetadata(path, link);
        _restored++;
    }

    private void RestoreFile(FileToRestore file, ChunkPump pump, RestoreBatch batch)
    {
        if (RestoreBatch.Takes(file.Record))
        {
            batch.Add(file.Record.Entry.Size, read => Guard(() => Copy(file, false, batch.FlushesEachFile, read)), () => Guard(() => Publish(file)));
            return;
        }

        Copy(file, true, true, (opened, path, length, handler) => pump.Run(opened, path, length, 1, handler, _cancel));
        Publish(file);
    }

    // All but the name.
    private void Copy(FileToRestore file, bool direct, bool flush, ReadThrough read)
    {
        var entry = file.Record.Entry;
        file.There = _files.Find(file.Path);
        if (file.There is { } there)
        {
            if (there.Kind == EntryKind.File && there.Size == entry.Size && HasContent(file, direct, read))
            {
                _files.SetMetadata(file.Path, entry);
                Interlocked.Increment(ref _present);
                _progress.AddDone(entry.Size);
                return;
            }

            if (!_request.Force || there.Kind is EntryKind.Folder or EntryKind.Other) throw Exists(file.Path, there);
        }

        if (_files.Find(file.From) is not { Kind: EntryKind.File } source) throw Damaged(FailureKind.FileMissing, file.From, "the set's manifest has it, the set has not");
        if (source.Size != entry.Size) throw Damaged(FailureKind.FileDiffers, file.From, "it has " + source.Size + " bytes and had " + entry.Size);
        var temporary = PathOf.Join(PathOf.Parent(file.Path)!, TemporaryNameOf(file.Relative));
        Copy(file, temporary, direct, flush, read);
        // Closing the second handle of unbuffered writes may move the time once more, so then it comes last.
        if (direct) _files.SetMetadata(temporary, entry);
        file.Temporary = temporary;
    }

    private void Publish(FileToRestore file)
    {
        if (file.Temporary == null) return;
        if (file.There != null) Trees.MakeWritable(_files, file.Path, file.There);
        _files.Rename(file.Temporary, file.Path);
        _restored++;
        _bytes += file.Record.Entry.Size;
    }

    // The name says which file of which run it will be, so that a later restore of the same finds and continues it.
    private string TemporaryNameOf(string relative)
    {
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(_request.Set.RunId.ToString("N") + "/" + BitConverter.ToString(NameCodec.Encode(relative))));
        return TemporaryNames.Prefix + "restore-" + BitConverter.ToString(hash, 0, 8).Replace("-", "").ToLowerInvariant();
    }

    private void Copy(FileToRestore file, string temporary, bool direct, bool flush, ReadThrough read)
    {
        var entry = file.Record.Entry;
        using var source = _files.OpenRead(file.From, direct);
        var begun = _files.Find(temporary);
        if (begun is { Kind: not EntryKind.File } or { LinkCount: > 1 }) throw new BackupException(FailureKind.DestinationExists, temporary, "continue the restore", "something that we did not put there stands in the way");
        // It may have its metadata already, and be read-only.
        if (begun != null) Trees.MakeWritable(_files, temporary, begun);
        using var copy = begun == null ? _files.Create(temporary, direct) : _files.OpenUpdate(temporary, direct);
        copy.SetLength(entry.Size);
        var handler = new RestoreCopy(file.From, copy, begun != null, file.Blocks(), _progress);
        read(source, file.From, entry.Size, handler);
        if (handler.Damages.Count > 0)
        {
            copy.Dispose();
            SmallFiles.TryDelete(_files, temporary);
            _damaged = true;
            throw new BackupException(FailureKind.BlockDamaged, file.From, "restore it", handler.Describe());
        }

        if (!direct) copy.SetMetadata(entry);
        // A restore that can be continued takes a file with its name for a whole one.
        if (flush) _progress.Profile.Flush(copy.Flush);
    }

    private bool HasContent(FileToRestore file, bool direct, ReadThrough read)
    {
        var handler = new RestoreCopy(file.Path, null, false, file.Blocks(), null);
        using var opened = _files.OpenRead(file.Path, direct);
        read(opened, file.Path, file.Record.Entry.Size, handler);
        return handler.Damages.Count == 0;
    }

    private void MakeFolders(string relative)
    {
        var parts = relative.Split('/');
        for (var i = 1; i <= parts.Length; i++)
        {
            var path = PathOf.Join(_destination, string.Join("/", parts, 0, i));
            if (!_realFolders.Contains(path)) RequireFolder(path);
        }
    }

    // Restoring writes through no link: it would end up outside of the folder that was named.
    private void RequireFolder(string path)
    {
        var there = _files.Find(path);
        if (there == null) _files.CreateFolder(path, false);
        else if (there.Kind == EntryKind.Link) throw new BackupException(FailureKind.LinkRefused, path, "restore into it", "it is a link, and links are not followed");
        else if (there.Kind != EntryKind.Folder) throw Exists(path, there);
        else Trees.MakeWritable(_files, path, there);
        _realFolders.Add(path);
    }

    // The times of a folder are set when nothing more is written into it.
    private void CloseFolders(string next, RestoreBatch batch)
    {
        for (var i = _openFolders.Count - 1; i >= 0; i--)
        {
            var (path, entry) = _openFolders[i];
            if (next.StartsWith(path + "/", StringComparison.Ordinal)) return;
            _openFolders.RemoveAt(i);
            batch.Then(() => Guard(() => _files.SetMetadata(PathOf.Join(_destination, path), entry)));
        }
    }

    private void Guard(Action restore)
    {
        try
        {
            restore();
        }
        catch (BackupException e) when (!IsOfDestination(e.Failure))
        {
            Note(e.Failure);
        }
    }

    private void Note(Failure failure)
    {
        if (failure.Kind is FailureKind.StateDamaged or FailureKind.BlockDamaged) _damaged = true;
        _log.Add(failure);
    }

    // Nothing more can be restored to a volume that is full, read-only or gone, or that cannot be flushed.
    private bool IsOfDestination(Failure failure) =>
        (failure.Kind is FailureKind.DiskFull or FailureKind.ReadOnlyVolume or FailureKind.VolumeGone && PathOf.TryRelative(_destination, failure.Target, out _))
        || (failure.Kind == FailureKind.IoError && failure.Target == _destination);

    private BackupException Damaged(FailureKind kind, string path, string why)
    {
        _damaged = true;
        return new BackupException(kind, path, "restore it", why);
    }

    private static BackupException Exists(string path, FileEntry there) => new(
        FailureKind.DestinationExists,
        path,
        "restore to it",
        there.Kind == EntryKind.File ? "a file is there already, with other content" : "what is there already is " + KindText.Of(there.Kind));

    /// <summary>A file on its way.</summary>
    private sealed class FileToRestore
    {
        private readonly ManifestReader _reader;

        public FileToRestore(string from, string path, string relative, ManifestRecord record, ManifestReader reader)
        {
            From = from;
            Path = path;
            Relative = relative;
            Record = record;
            _reader = reader;
        }

        /// <summary>Where the set has it.</summary>
        public string From { get; }

        /// <summary>Where it goes.</summary>
        public string Path { get; }

        /// <summary>The same below the destination.</summary>
        public string Relative { get; }

        public ManifestRecord Record { get; }

        /// <summary>What stands there already.</summary>
        public FileEntry? There { get; set; }

        /// <summary>The finished copy under its temporary name; null when there is none.</summary>
        public string? Temporary { get; set; }

        public BlockListReader Blocks() => _reader.BlocksOf(Record);
    }

    /// <summary>Checks every block against the manifest, and writes those that are right and not there yet.</summary>
    private sealed class RestoreCopy : IChunkHandler
    {
        private const int Kept = 100;
        private readonly string _path;
        private readonly IBlockFile? _copy;
        private readonly bool _begun;
        private readonly BlockListReader _known;
        private readonly MirrorProgress? _progress;
        private readonly WriteOrder? _order;

        public RestoreCopy(string path, IBlockFile? copy, bool begun, BlockListReader known, MirrorProgress? progress)
        {
            _path = path;
            _copy = copy;
            _begun = begun;
            _known = known;
            _progress = progress;
            if (copy is { FillsGaps: true }) _order = new WriteOrder();
        }

        public List<(long Offset, long Length)> Damages { get; } = new();

        public bool WantsHashes => true;

        public string Describe() =>
            "its bytes " + string.Join(", ", Damages.Take(10).Select(range => string.Format(CultureInfo.InvariantCulture, "{0} to {1}", range.Offset, range.Offset + range.Length - 1))) + (Damages.Count > 10 ? " and more" : "") + " in the set do not have their hash";

        public long HoleAhead(long offset, long length)
        {
            if (_begun) return 0;
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
            for (var block = 0; block < chunk.BlockCount; block++) lane.IsZero[block] = !_known.Next(lane.Hashes, block * Blocks.HashSize);
        }

        public void Process(Chunk chunk)
        {
            if (!chunk.IsHole) chunk.Lanes[0].CompareHashes(chunk);
            if (chunk.IsHole || _copy == null) _order?.Pass(chunk.Index);
            else if (_order == null) Write(chunk, _copy);
            else _order.Write(chunk.Index, () => Write(chunk, _copy));
        }

        public void Stop() => _order?.End();

        private void Write(Chunk chunk, IBlockFile copy)
        {
            var lane = chunk.Lanes[0];
            var there = _begun ? copy.Read(chunk.Offset, chunk.Bench.Room, 0, (int)chunk.Length) : 0;
            var count = (int)chunk.BlockCount;
            for (var block = 0; block < count; block++)
            {
                if (!MustWrite(chunk, lane, block, there)) continue;
                var first = block;
                while (block + 1 < count && MustWrite(chunk, lane, block + 1, there)) block++;
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
            if (chunk.IsHole) return;
            for (var block = 0; block < chunk.BlockCount; block++)
            {
                if (!chunk.Lanes[0].Differs[block]) continue;
                var offset = chunk.Offset + (long)block * Blocks.Size;
                var length = chunk.BlockLength(block);
                if (Damages.Count > 0 && Damages[Damages.Count - 1] is var last && last.Offset + last.Length == offset) Damages[Damages.Count - 1] = (last.Offset, last.Length + length);
                else if (Damages.Count < Kept) Damages.Add((offset, length));
            }
        }

        private unsafe bool MustWrite(Chunk chunk, LaneChunk lane, int block, int there)
        {
            if (lane.Differs[block]) return false;
            if (!_begun) return !chunk.IsZero[block];
            var start = block * Blocks.Size;
            var length = chunk.BlockLength(block);
            return there < start + length || !Blocks.AreEqual(chunk.Buffer.Pointer + start, chunk.Bench.Room.Pointer + start, length);
        }
    }
}
