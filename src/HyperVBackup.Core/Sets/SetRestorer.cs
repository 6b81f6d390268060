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
        if (PathOf.TryRelative(set.Path, _destination, out _)) throw new BackupException(FailureKind.BadPlan, _destination, "restore to it", "it lies inside the set");
        Trees.Create(_files, _destination, false);
        RequireFolder(_destination);
        var matched = false;
        using (var crew = new WorkerCrew(_workers, "Restore"))
        using (var pump = new ChunkPump(crew, new RateLimiter(0), _progress.Profile))
        {
            foreach (var job in jobs) matched |= RestoreFolder(job, state, pump);
        }

        if (!matched && _request.Paths.Count > 0 && _log.FailureCount == 0)
            throw new BackupException(FailureKind.FileMissing, set.Path, "restore " + string.Join(", ", _request.Paths), "nothing in the set matches" + (_request.Machines.Count > 0 ? " among the files of " + string.Join(", ", jobs.Select(job => job.Machine)) : ""));
        _files.TryFlushVolume(_destination);
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
            Warnings = jobs.Where(job => job.KeptFrom != Guid.Empty).Select(job => job.Machine + " is an older copy, of the run " + job.KeptFrom.ToString("D") + ": the run that wrote the set could not capture it.").ToArray(),
            ExitCode = _damaged ? ExitCodes.Damage : _log.FailureCount > 0 ? ExitCodes.Failed : ExitCodes.Complete,
        };
    }

    private bool RestoreFolder(SetJob job, SetState state, ChunkPump pump)
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
                CloseFolders(job.Folder + "/" + record.Path);
                Guard(() => RestoreEntry(job.Folder, from, record, reader, pump));
            }
        }
        catch (BackupException e) when (!IsOfDestination(e.Failure))
        {
            Note(e.Failure);
        }

        CloseFolders("");
        return matched;
    }

    // A folder is restored for its own sake only when everything is; with patterns, those that files need are made on the way.
    private bool Takes(string folder, ManifestRecord record)
    {
        if (_request.Paths.Count == 0) return true;
        return record.Entry.Kind != EntryKind.Folder && _request.Takes(_filter, folder, record.Path);
    }

    private void RestoreEntry(string folder, string from, ManifestRecord record, ManifestReader reader, ChunkPump pump)
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
        else RestoreFile(PathOf.Join(from, record.Path), path, relative, record, reader, pump);
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

    private void RestoreFile(string from, string path, string relative, ManifestRecord record, ManifestReader reader, ChunkPump pump)
    {
        var there = _files.Find(path);
        if (there != null)
        {
            if (there.Kind == EntryKind.File && there.Size == record.Entry.Size && HasContent(path, record, reader, pump))
            {
                _files.SetMetadata(path, record.Entry);
                _present++;
                _progress.AddDone(record.Entry.Size);
                return;
            }

            if (!_request.Force || there.Kind is EntryKind.Folder or EntryKind.Other) throw Exists(path, there);
        }

        if (_files.Find(from) is not { Kind: EntryKind.File } source) throw Damaged(FailureKind.FileMissing, from, "the set's manifest has it, the set has not");
        if (source.Size != record.Entry.Size) throw Damaged(FailureKind.FileDiffers, from, "it has " + source.Size + " bytes and had " + record.Entry.Size);
        var temporary = PathOf.Join(PathOf.Parent(path)!, TemporaryNameOf(relative));
        Copy(from, temporary, record, reader, pump);
        _files.SetMetadata(temporary, record.Entry);
        if (there != null) Trees.MakeWritable(_files, path, there);
        _files.Rename(temporary, path);
        _restored++;
        _bytes += record.Entry.Size;
    }

    // The name says which file of which run it will be, so that a later restore of the same finds and continues it.
    private string TemporaryNameOf(string relative)
    {
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(_request.Set.RunId.ToString("N") + "/" + BitConverter.ToString(NameCodec.Encode(relative))));
        return TemporaryNames.Prefix + "restore-" + BitConverter.ToString(hash, 0, 8).Replace("-", "").ToLowerInvariant();
    }

    private void Copy(string from, string temporary, ManifestRecord record, ManifestReader reader, ChunkPump pump)
    {
        using var source = _files.OpenRead(from, true);
        var begun = _files.Find(temporary);
        if (begun is { Kind: not EntryKind.File } or { LinkCount: > 1 }) throw new BackupException(FailureKind.DestinationExists, temporary, "continue the restore", "something that we did not put there stands in the way");
        using var copy = begun == null ? _files.Create(temporary, true) : _files.OpenUpdate(temporary, true);
        copy.SetLength(record.Entry.Size);
        var handler = new RestoreCopy(from, copy, begun != null, reader.BlocksOf(record), _progress);
        pump.Run(source, from, record.Entry.Size, 1, handler, _cancel);
        if (handler.Damages.Count > 0)
        {
            copy.Dispose();
            SmallFiles.TryDelete(_files, temporary);
            _damaged = true;
            throw new BackupException(FailureKind.BlockDamaged, from, "restore it", handler.Describe());
        }

        // A restore that can be continued takes a file with its name for a whole one.
        copy.Flush();
    }

    private bool HasContent(string path, ManifestRecord record, ManifestReader reader, ChunkPump pump)
    {
        var handler = new RestoreCopy(path, null, false, reader.BlocksOf(record), null);
        using var file = _files.OpenRead(path, true);
        pump.Run(file, path, record.Entry.Size, 1, handler, _cancel);
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
    private void CloseFolders(string next)
    {
        for (var i = _openFolders.Count - 1; i >= 0; i--)
        {
            var (path, entry) = _openFolders[i];
            if (next.StartsWith(path + "/", StringComparison.Ordinal)) return;
            _openFolders.RemoveAt(i);
            Guard(() => _files.SetMetadata(PathOf.Join(_destination, path), entry));
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

    // Nothing more can be restored to a volume that is full, read-only or gone.
    private bool IsOfDestination(Failure failure) =>
        failure.Kind is FailureKind.DiskFull or FailureKind.ReadOnlyVolume or FailureKind.VolumeGone && PathOf.TryRelative(_destination, failure.Target, out _);

    private BackupException Damaged(FailureKind kind, string path, string why)
    {
        _damaged = true;
        return new BackupException(kind, path, "restore it", why);
    }

    private static BackupException Exists(string path, FileEntry there) => new(
        FailureKind.DestinationExists,
        path,
        "restore to it",
        "a " + there.Kind.ToString().ToLowerInvariant() + " is there already" + (there.Kind == EntryKind.File ? ", with other content" : ""));

    /// <summary>Checks every block against the manifest, and writes those that are right and not there yet.</summary>
    private sealed class RestoreCopy : IChunkHandler
    {
        private const int Kept = 100;
        private readonly string _path;
        private readonly IBlockFile? _copy;
        private readonly bool _begun;
        private readonly BlockListReader _known;
        private readonly MirrorProgress? _progress;

        public RestoreCopy(string path, IBlockFile? copy, bool begun, BlockListReader known, MirrorProgress? progress)
        {
            _path = path;
            _copy = copy;
            _begun = begun;
            _known = known;
            _progress = progress;
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

        public unsafe void Process(Chunk chunk)
        {
            if (chunk.IsHole) return;
            var lane = chunk.Lanes[0];
            lane.CompareHashes(chunk);
            if (_copy == null) return;
            var there = _begun ? _copy.Read(chunk.Offset, lane.Content, 0, (int)chunk.Length) : 0;
            var count = (int)chunk.BlockCount;
            for (var block = 0; block < count; block++)
            {
                if (!MustWrite(chunk, lane, block, there)) continue;
                var first = block;
                while (block + 1 < count && MustWrite(chunk, lane, block + 1, there)) block++;
                var start = first * Blocks.Size;
                var length = block * Blocks.Size + chunk.BlockLength(block) - start;
                _copy.Write(chunk.Offset + start, chunk.Buffer, start, length);
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
            return there < start + length || !Blocks.AreEqual(chunk.Buffer.Pointer + start, lane.Content.Pointer + start, length);
        }
    }
}
