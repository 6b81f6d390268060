using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Walking;

namespace HyperVBackup.Sets;

/// <summary>
/// Checks a set against its manifests: what is missing, what is there too much, what is not as it was, and every block
/// against its hash.
/// </summary>
public sealed class SetVerifier
{
    private readonly IFileSystem _files;
    private readonly string _setFolder;
    private readonly SetState _state;
    private readonly bool _readsContent;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly VerifyFindings _findings;
    private readonly HashSet<string> _unlisted = new(StringComparer.Ordinal);
    private readonly List<DiskToCheck> _disks = new();
    private readonly int _workers;
    private long _fileCount;
    private long _bytesRead;

    private SetVerifier(
        IFileSystem files,
        string setFolder,
        SetState state,
        bool readsContent,
        MirrorProgress progress,
        CancellationToken cancel,
        int workers
    )
    {
        _workers = workers > 0 ? workers : MirrorEngine.DefaultWorkers;
        _files = files;
        _setFolder = setFolder;
        _state = state;
        _readsContent = readsContent;
        _progress = progress;
        _cancel = cancel;
        _findings = new VerifyFindings(
            new PlaceWatch(files, PathOf.Parent(setFolder) ?? setFolder, SetLayout.StateFileOf(setFolder)),
            "verify the set " + state.Set
        );
    }

    /// <summary>Verifies a set.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="set">A complete set.</param>
    /// <param name="quick">Everything but reading the content.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Stops it.</param>
    public static VerifyReport Verify(
        IFileSystem files,
        SetInfo set,
        bool quick,
        MirrorProgress progress,
        CancellationToken cancel
    ) => Verify(files, set, quick, progress, cancel, 0);

    /// <summary>Verifies a set with a number of threads; 0: as many as this machine is good for.</summary>
    internal static VerifyReport Verify(
        IFileSystem files,
        SetInfo set,
        bool quick,
        MirrorProgress progress,
        CancellationToken cancel,
        int workers
    )
    {
        var report = new SetVerifier(
            files,
            set.Path,
            set.Content ?? throw new BackupException(set.Problem!),
            !quick,
            progress,
            cancel,
            workers
        ).Run();
        if (!report.IsGood && !report.VolumeIsGone)
            SetCatalogue.RequireUntouched(files, set, "verify it");
        if (DamageMark.Set(files, set.Path, report) is { } failure)
            report = report with
            {
                Notes = report
                    .Notes.Append(
                        "The next run will not know of it, and may write over a good set instead of this one: "
                            + failure.Message
                    )
                    .ToArray(),
            };
        return report with { Target = set.Target };
    }

    /// <summary>Verifies what a run has just written and not committed yet.</summary>
    internal static VerifyReport VerifyWritten(
        IFileSystem files,
        string setFolder,
        SetState state,
        MirrorProgress progress,
        CancellationToken cancel
    ) => new SetVerifier(files, setFolder, state, true, progress, cancel, 0).Run();

    private VerifyReport Run()
    {
        _progress.AddTotal(SetStateLimits.Sum(_state.Jobs.Select(job => job.Bytes)));
        try
        {
            using (var crew = new WorkerCrew(_workers, "Verify"))
            using (var pump = new ChunkPump(crew, new RateLimiter(0), _progress.Profile))
            {
                foreach (var job in _state.Jobs)
                    VerifyFolder(job, crew, pump);
            }

            CheckDisks();
            CheckTop();
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.VolumeGone)
        {
            _findings.End(e.Failure);
        }

        if (_state.State == SetCondition.Partial)
            NoteMissing();
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
            Damages = _findings.Damages.ToList(),
            DamageCount = _findings.Damages.Count,
            Unverified = _findings.Unverified,
            UnverifiedCount = _findings.UnverifiedCount,
            VolumeIsGone = _findings.VolumeIsGone,
            Notes = _findings.Notes,
            Profile = _progress.Profile.Times,
        };
    }

    private void NoteMissing()
    {
        foreach (var missing in _state.Missing)
            _findings.Note("The set is partial, and lacks " + missing.File + ": " + missing.Problem);
        var more = _state.Jobs.Sum(job => job.MissingCount) - _state.Missing.Count;
        if (more > 0)
            _findings.Note("The set is partial, and lacks " + more + " more.");
    }

    // Only what became wrong since the disks were copied is damage of the set. What was wrong at the source already is
    // in the copy because the copy is faithful.
    private void CheckDisks()
    {
        var parentsElsewhere = _state.Targets.Count > 1;
        foreach (var finding in DiskAudit.Check(_files, _disks, _cancel))
        {
            if (finding.Condition == DiskCondition.NotChecked)
            {
                // Reading the content has said it already, if it could not be read then either.
                if (finding.Reason != null && !_findings.Has(finding.File))
                    _findings.Add(finding.File, finding.Reason);
                continue;
            }

            // Where the list was cut nobody knows any more which they were; their bytes have been compared.
            var known =
                _state.DisksLeftOut > 0
                || _state.Disks.Any(disk =>
                    disk.File == finding.File
                    && (disk.Condition == finding.Condition || disk.Condition == DiskCondition.NotChecked)
                );
            if (known)
                _findings.Note(finding.File + " was so when it was copied: " + finding.Problem);
            else if (finding.Condition == DiskCondition.ChainBroken && parentsElsewhere)
                _findings.Note(finding.File + " needs more than this target's part of the set: " + finding.Problem);
            else
                _findings.Damages.Add(
                    finding.File,
                    new Failure(
                        FailureKind.DiskDamaged,
                        PathOf.Join(_setFolder, finding.File),
                        "trust the virtual disk",
                        finding.Problem
                    ),
                    finding.Offset,
                    finding.Length
                );
        }
    }

    // What lies beside the folders of the set. No run removes it: a run knows its jobs' folders and touches nothing
    // else.
    private void CheckTop()
    {
        var known = new HashSet<string>(
            _state.Jobs.Select(job => job.Folder).Concat(_state.Abandoned),
            StringComparer.OrdinalIgnoreCase
        )
        {
            SetLayout.StateFolder,
        };
        try
        {
            foreach (
                var name in _files.List(_setFolder).Select(entry => entry.Name).Where(name => !known.Contains(name))
            )
            {
                if (Litter.Is(name))
                    _findings.NoteLitter(name);
                else
                {
                    _findings.Damages.Add(
                        name,
                        new Failure(
                            FailureKind.FileExtra,
                            PathOf.Join(_setFolder, name),
                            "verify the set",
                            "no job of the set has it"
                        )
                        {
                            Advice =
                                "Find out who put it there, and move it away or delete it: no run does. Nothing in "
                                + "the set is damaged by it.",
                        }
                    );
                }
            }
        }
        catch (BackupException e)
        {
            _findings.Add("", e.Failure);
        }
    }

    private void VerifyFolder(SetJob job, WorkerCrew crew, ChunkPump pump)
    {
        _progress.Enter(job.Folder, "");
        _unlisted.Clear();
        try
        {
            using var reader = SetManifest.Open(_files, _setFolder, _state, job, _cancel);
            var root = PathOf.Join(_setFolder, job.Folder);
            var there = _files.Find(root);
            if (there == null)
                throw new BackupException(FailureKind.FileMissing, root, "verify the set", "the folder is gone");
            if (there.Kind != EntryKind.Folder)
                throw new BackupException(
                    FailureKind.FileDiffers,
                    root,
                    "verify the set",
                    "it is " + KindText.Of(there.Kind) + " and was a folder"
                );
            Compare(job, root, reader, crew, pump);
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            _findings.Add(job.Folder, e.Failure);
        }
    }

    // Two streams in one order: what the manifest says and what is there.
    private void Compare(SetJob job, string root, ManifestReader reader, WorkerCrew crew, ChunkPump pump)
    {
        var order = new WalkOrder(reader.Header.IgnoresCase);
        var small = new List<ManifestRecord>();
        using var there = Trees
            .Walk(_files, root, order, unlisted: (folder, e) => CannotList(job, folder, e))
            .GetEnumerator();
        var more = there.MoveNext();
        foreach (var record in reader.All())
        {
            _cancel.ThrowIfCancellationRequested();
            while (more && order.Compare(there.Current.Relative, record.Path) < 0)
                more = Extra(job, root, there);
            var name = job.Folder + "/" + record.Path;
            var path = PathOf.Join(root, record.Path);
            if (!more || order.Compare(there.Current.Relative, record.Path) > 0)
            {
                if (!IsUnlisted(record.Path))
                    _findings.Add(
                        name,
                        new Failure(
                            FailureKind.FileMissing,
                            path,
                            "verify the set",
                            "the manifest has it, the set has not"
                        )
                        {
                            Advice =
                                "Restore this file from another set, find "
                                + "out who removed it, and run the backup again.",
                        }
                    );
                continue;
            }

            if (CheckEntry(name, path, record, there.Current.Entry))
            {
                if (record.BlocksAt != 0)
                    ReadLarge(name, path, record, reader, pump);
                else
                    small.Add(record);
            }

            if (small.Count >= 256)
                ReadSmall(job, root, small, reader, crew);
            more = there.MoveNext();
        }

        while (more)
            more = Extra(job, root, there);
        ReadSmall(job, root, small, reader, crew);
    }

    // What lies below is neither missing nor right: only the folder is told.
    private void CannotList(SetJob job, string folder, BackupException e)
    {
        _unlisted.Add(folder);
        _findings.Add(folder.Length == 0 ? job.Folder : job.Folder + "/" + folder, e.Failure);
    }

    private bool IsUnlisted(string path)
    {
        if (_unlisted.Count == 0)
            return false;
        for (var end = path.LastIndexOf('/'); end >= 0; end = end == 0 ? -1 : path.LastIndexOf('/', end - 1))
            if (_unlisted.Contains(path.Substring(0, end)))
                return true;
        return _unlisted.Contains("");
    }

    private bool Extra(SetJob job, string root, IEnumerator<(string Relative, FileEntry Entry)> there)
    {
        var (relative, _) = there.Current;
        // What could not be copied leaves an older or unfinished copy, which nothing vouches for and nothing restores.
        if (_state.State == SetCondition.Partial && job.MissingCount > 0)
            return there.MoveNext();
        if (Litter.Is(relative))
            _findings.NoteLitter(job.Folder + "/" + relative);
        else
            _findings.Damages.Add(
                job.Folder + "/" + relative,
                new Failure(
                    FailureKind.FileExtra,
                    PathOf.Join(root, relative),
                    "verify the set",
                    "the set has it, the manifest has not"
                )
            );
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

        if (known.Kind == EntryKind.Link && there.LinkTarget != known.LinkTarget)
            Differs(name, path, "it links to " + there.LinkTarget + " and linked to " + known.LinkTarget);
        if (known.Kind != EntryKind.File)
            return false;
        _fileCount++;
        _progress.AddFile();
        if (DiskChecker.IsDiskName(name))
            _disks.Add(new DiskToCheck(name, path));
        if (there.Size != known.Size)
        {
            Differs(name, path, "it has " + there.Size + " bytes and had " + known.Size);
            return false;
        }

        if (there.Modified != record.Stamp.Modified)
            CheckTime(name, path, there.Modified, record.Stamp.Modified);
        if (_readsContent)
            return true;
        _progress.AddDone(known.Size);
        return false;
    }

    // Copies by other programs, and file systems that keep times to two seconds or in local time, change times and
    // nothing else. The hash tells, where it is asked.
    private void CheckTime(string name, string path, FileTime there, FileTime known)
    {
        const long precisionOfFat = 2;
        if (_readsContent || Math.Abs(there.Seconds - known.Seconds) < precisionOfFat)
            _findings.NoteTime(name);
        else
        {
            _findings.Doubt(
                name,
                new Failure(
                    FailureKind.FileDiffers,
                    path,
                    "tell whether it is as it was",
                    "its time is " + there + " and was " + known + ", and its content was not read"
                )
                {
                    Advice =
                        "Verify without --quick (-Quick): then the content is compared with its hashes, and the "
                        + "time does not matter.",
                }
            );
        }
    }

    private void Differs(string name, string path, string how) =>
        _findings.Add(name, new Failure(FailureKind.FileDiffers, path, "verify the set", how));

    private void ReadLarge(string name, string path, ManifestRecord record, ManifestReader reader, ChunkPump pump)
    {
        Guard(
            name,
            path,
            () =>
            {
                using var file = Medium.OpenRead(_files, path);
                pump.Run(
                    file,
                    path,
                    record.Entry.Size,
                    1,
                    new BlockCheck(name, path, reader.BlocksOf(record), _findings.Damages, _progress),
                    _cancel
                );
                _bytesRead += record.Entry.Size;
            }
        );
    }

    private void ReadSmall(
        SetJob job,
        string root,
        List<ManifestRecord> records,
        ManifestReader reader,
        WorkerCrew crew
    )
    {
        if (records.Count == 0)
            return;
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
        using var file = Medium.OpenRead(_files, path);
        var check = new BlockCheck(name, path, reader.BlocksOf(record), _findings.Damages, _progress);
        chunk.Offset = 0;
        chunk.Length = record.Entry.Size;
        if (record.Entry.Size > Blocks.ChunkSize)
            throw ManifestFormat.Damaged(path, "its record is that of a small file");
        var start = EngineProfile.Now;
        var got = file.Read(0, chunk.Buffer, 0, (int)chunk.Length);
        _progress.Profile.AddRead(start);
        if (got < chunk.Length)
            throw new BackupException(
                FailureKind.FileDiffers,
                path,
                "verify it",
                "it became shorter while it was read"
            );
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
            _findings.Add(name, e.Failure);
        }
    }
}
