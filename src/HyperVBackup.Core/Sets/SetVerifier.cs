using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;

namespace HyperVBackup.Sets;

/// <summary>Checks a set against its manifests: what is missing, what is there too much, what is not as it was, and every block against its hash.</summary>
public sealed class SetVerifier
{
    private readonly IFileSystem _files;
    private readonly string _setFolder;
    private readonly SetState _state;
    private readonly bool _readsContent;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly DamageLog _damages = new();
    private readonly List<string> _notes = new();
    private readonly List<DiskToCheck> _disks = new();
    private readonly int _workers;
    private long _fileCount;
    private long _bytesRead;

    private SetVerifier(IFileSystem files, string setFolder, SetState state, bool readsContent, MirrorProgress progress, CancellationToken cancel, int workers)
    {
        _workers = workers > 0 ? workers : MirrorEngine.DefaultWorkers;
        _files = files;
        _setFolder = setFolder;
        _state = state;
        _readsContent = readsContent;
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Verifies a set.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="set">A complete set.</param>
    /// <param name="quick">Everything but reading the content.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Stops it.</param>
    public static VerifyReport Verify(IFileSystem files, SetInfo set, bool quick, MirrorProgress progress, CancellationToken cancel) => Verify(files, set, quick, progress, cancel, 0);

    /// <summary>Verifies a set with a number of threads; 0: as many as this machine is good for.</summary>
    internal static VerifyReport Verify(IFileSystem files, SetInfo set, bool quick, MirrorProgress progress, CancellationToken cancel, int workers)
    {
        var report = new SetVerifier(files, set.Path, set.Content ?? throw new BackupException(set.Problem!), !quick, progress, cancel, workers).Run();
        if (report.DamageCount > 0) SetCatalogue.RequireUntouched(files, set, "verify it");
        if (DamageMark.Set(files, set.Path, report) is { } failure)
            report = report with { Notes = report.Notes.Append("The next run will not know of it, and may write over a good set instead of this one: " + failure.Message).ToArray() };
        return report with { Target = set.Target };
    }

    /// <summary>Verifies what a run has just written and not committed yet.</summary>
    internal static VerifyReport VerifyWritten(IFileSystem files, string setFolder, SetState state, MirrorProgress progress, CancellationToken cancel) =>
        new SetVerifier(files, setFolder, state, true, progress, cancel, 0).Run();

    private VerifyReport Run()
    {
        _progress.AddTotal(_state.Jobs.Sum(job => job.Bytes));
        using (var crew = new WorkerCrew(_workers, "Verify"))
        using (var pump = new ChunkPump(crew, new RateLimiter(0), _progress.Profile))
        {
            foreach (var job in _state.Jobs) VerifyFolder(job, crew, pump);
        }

        CheckDisks();
        foreach (var extra in ExtraFolders()) _damages.Add(extra, new Failure(FailureKind.FileExtra, PathOf.Join(_setFolder, extra), "verify the set", "no job of the set has this folder"));
        return new VerifyReport
        {
            Target = PathOf.Parent(_setFolder) ?? "",
            Set = _state.Set,
            Path = _setFolder,
            RunId = _state.RunId,
            Completed = _state.Completed,
            ContentRead = _readsContent,
            Files = _fileCount,
            BytesRead = _bytesRead,
            Damages = _damages.ToList(),
            DamageCount = _damages.Count,
            Notes = _notes,
            Profile = _progress.Profile.Times,
        };
    }

    // Only what became wrong since the disks were copied is damage of the set. What was wrong at the source already is in the copy because the copy is faithful.
    private void CheckDisks()
    {
        var parentsElsewhere = _state.Targets.Count > 1;
        foreach (var finding in DiskAudit.Check(_files, _disks, _cancel))
        {
            // Reading the content reports what cannot be read.
            if (finding.Condition == DiskCondition.NotChecked && _readsContent) continue;
            var known = _state.Disks.Any(disk => disk.File == finding.File && (disk.Condition == finding.Condition || disk.Condition == DiskCondition.NotChecked));
            if (known) _notes.Add(finding.File + " was so when it was copied: " + finding.Problem);
            else if (finding.Condition == DiskCondition.ChainBroken && parentsElsewhere) _notes.Add(finding.File + " needs more than this target's part of the set: " + finding.Problem);
            else _damages.Add(finding.File, new Failure(FailureKind.DiskDamaged, PathOf.Join(_setFolder, finding.File), "trust the virtual disk", finding.Problem), finding.Offset, finding.Length);
        }
    }

    private IEnumerable<string> ExtraFolders() =>
        _files.List(_setFolder).Select(entry => entry.Name)
            .Where(name => name != SetLayout.StateFolder)
            .Except(_state.Jobs.Select(job => job.Folder).Concat(_state.Abandoned), StringComparer.OrdinalIgnoreCase);

    private void VerifyFolder(SetJob job, WorkerCrew crew, ChunkPump pump)
    {
        _progress.Enter(job.Folder, "");
        var manifest = SetLayout.ManifestOf(_setFolder, job.Folder);
        try
        {
            CheckManifest(manifest, job);
            var root = PathOf.Join(_setFolder, job.Folder);
            if (!SetLayout.RequireReal(_files, root)) throw new BackupException(FailureKind.FileMissing, root, "verify the set", "the folder is gone");
            using var reader = new ManifestReader(_files, manifest);
            if (reader.Header.RunId != job.WrittenBy(_state) || reader.Header.Folder != job.Folder) throw ManifestFormat.Damaged(manifest, "it is of another run or folder than its set");
            Compare(job, root, reader, crew, pump);
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            _damages.Add(job.Folder, e.Failure);
        }
    }

    // The manifest vouches for the files, set.json for the manifest.
    private void CheckManifest(string path, SetJob job)
    {
        using var file = _files.OpenRead(path, false);
        using var buffer = new AlignedBuffer(1024 * 1024);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long offset = 0;
        for (int got; (got = file.Read(offset, buffer, 0, buffer.Size)) > 0; offset += got)
        {
            _cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer.Bytes, buffer.First, got);
        }

        var actual = BitConverter.ToString(hash.GetHashAndReset()).Replace("-", "").ToLowerInvariant();
        if (offset != job.ManifestBytes || actual != job.ManifestSha256) throw ManifestFormat.Damaged(path, "it is not the manifest that the set was committed with");
    }

    // Two streams in one order: what the manifest says and what is there.
    private void Compare(SetJob job, string root, ManifestReader reader, WorkerCrew crew, ChunkPump pump)
    {
        var order = new WalkOrder(reader.Header.IgnoresCase);
        var small = new List<ManifestRecord>();
        using var there = Trees.Walk(_files, root, order).GetEnumerator();
        var more = there.MoveNext();
        foreach (var record in reader.All())
        {
            _cancel.ThrowIfCancellationRequested();
            while (more && order.Compare(there.Current.Relative, record.Path) < 0) more = Extra(job, root, there);
            var name = job.Folder + "/" + record.Path;
            var path = PathOf.Join(root, record.Path);
            if (!more || order.Compare(there.Current.Relative, record.Path) > 0)
            {
                _damages.Add(name, new Failure(FailureKind.FileMissing, path, "verify the set", "the manifest has it, the set has not") { Advice = "Restore this file from another set, find out who removed it, and run the backup again." });
                continue;
            }

            if (CheckEntry(name, path, record, there.Current.Entry))
            {
                if (record.BlocksAt != 0) ReadLarge(name, path, record, reader, pump);
                else small.Add(record);
            }

            if (small.Count >= 256) ReadSmall(job, root, small, reader, crew);
            more = there.MoveNext();
        }

        while (more) more = Extra(job, root, there);
        ReadSmall(job, root, small, reader, crew);
    }

    private bool Extra(SetJob job, string root, IEnumerator<(string Relative, FileEntry Entry)> there)
    {
        var (relative, _) = there.Current;
        _damages.Add(job.Folder + "/" + relative, new Failure(FailureKind.FileExtra, PathOf.Join(root, relative), "verify the set", "the set has it, the manifest has not"));
        return there.MoveNext();
    }

    // Whether the content is worth reading: true for files whose blocks can be compared at all.
    private bool CheckEntry(string name, string path, ManifestRecord record, FileEntry there)
    {
        var known = record.Entry;
        if (there.Kind != known.Kind)
        {
            Differs(name, path, "it is " + KindText.Of(there.Kind) + " and was " + KindText.Of(known.Kind));
            return false;
        }

        if (known.Kind == EntryKind.Link && there.LinkTarget != known.LinkTarget) Differs(name, path, "it links to " + there.LinkTarget + " and linked to " + known.LinkTarget);
        if (known.Kind != EntryKind.File) return false;
        _fileCount++;
        _progress.AddFile();
        if (DiskChecker.IsDiskName(name)) _disks.Add(new DiskToCheck(name, path));
        if (there.Size != known.Size)
        {
            Differs(name, path, "it has " + there.Size + " bytes and had " + known.Size);
            return false;
        }

        if (there.Modified != record.Stamp.Modified) Differs(name, path, "it was changed at " + there.Modified + ", after the set was committed");
        if (_readsContent) return true;
        _progress.AddDone(known.Size);
        return false;
    }

    private void Differs(string name, string path, string how) => _damages.Add(name, new Failure(FailureKind.FileDiffers, path, "verify the set", how));

    private void ReadLarge(string name, string path, ManifestRecord record, ManifestReader reader, ChunkPump pump)
    {
        Guard(name, path, () =>
        {
            using var file = _files.OpenRead(path, true);
            pump.Run(file, path, record.Entry.Size, 1, new BlockCheck(name, path, reader.BlocksOf(record), _damages, _progress), _cancel);
            _bytesRead += record.Entry.Size;
        });
    }

    private void ReadSmall(SetJob job, string root, List<ManifestRecord> records, ManifestReader reader, WorkerCrew crew)
    {
        if (records.Count == 0) return;
        var next = -1;
        crew.Run(bench =>
        {
            for (var i = Interlocked.Increment(ref next); i < records.Count; i = Interlocked.Increment(ref next))
            {
                _cancel.ThrowIfCancellationRequested();
                var record = records[i];
                var name = job.Folder + "/" + record.Path;
                var path = PathOf.Join(root, record.Path);
                Guard(name, path, () => ReadSmall(name, path, record, reader, bench.Chunk));
            }
        });
        records.Clear();
    }

    private void ReadSmall(string name, string path, ManifestRecord record, ManifestReader reader, Chunk chunk)
    {
        using var file = _files.OpenRead(path, false);
        var check = new BlockCheck(name, path, reader.BlocksOf(record), _damages, _progress);
        chunk.Offset = 0;
        chunk.Length = record.Entry.Size;
        if (record.Entry.Size > Blocks.ChunkSize) throw ManifestFormat.Damaged(path, "its record is that of a small file");
        var start = EngineProfile.Now;
        var got = file.Read(0, chunk.Buffer, 0, (int)chunk.Length);
        _progress.Profile.AddRead(start);
        if (got < chunk.Length) throw new BackupException(FailureKind.FileDiffers, path, "verify it", "it became shorter while it was read");
        start = EngineProfile.Now;
        chunk.Bench.Classify(chunk, true);
        _progress.Profile.AddHash(start);
        check.Prepare(chunk);
        check.Process(chunk);
        check.Finish(chunk);
        Interlocked.Add(ref _bytesRead, record.Entry.Size);
    }

    private void Guard(string name, string path, Action read)
    {
        try
        {
            read();
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            _damages.Add(name, e.Failure);
        }
    }

    /// <summary>Compares the blocks of a file with those of its manifest.</summary>
    private sealed class BlockCheck : IChunkHandler
    {
        private readonly string _name;
        private readonly string _path;
        private readonly BlockListReader _known;
        private readonly DamageLog _damages;
        private readonly MirrorProgress _progress;

        public BlockCheck(string name, string path, BlockListReader known, DamageLog damages, MirrorProgress progress)
        {
            _name = name;
            _path = path;
            _known = known;
            _damages = damages;
            _progress = progress;
        }

        public bool WantsHashes => true;

        public long HoleAhead(long offset, long length)
        {
            var zeroes = _known.ZeroesAhead();
            if (zeroes >= _known.Left) return length;
            return Math.Min(length, zeroes * Blocks.Size) / Blocks.ChunkSize * Blocks.ChunkSize;
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
        }

        public void Stop()
        {
        }

        public void Finish(Chunk chunk)
        {
            _progress.AddDone(chunk.Length);
            if (chunk.IsHole) return;
            for (var block = 0; block < chunk.BlockCount; block++)
                if (chunk.Lanes[0].Differs[block]) _damages.AddRange(_name, _path, chunk.Offset + (long)block * Blocks.Size, chunk.BlockLength(block));
        }
    }
}
