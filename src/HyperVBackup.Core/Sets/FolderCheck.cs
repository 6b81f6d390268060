using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;
using HyperVBackup.Walking;

namespace HyperVBackup.Sets;

/// <summary>
/// Compares what a set's folder holds with its manifest: what is missing, what is there that no manifest knows, and
/// what is not as it was.
/// </summary>
internal sealed class FolderCheck
{
    private readonly IFileSystem _files;
    private readonly string _setFolder;
    private readonly SetState _state;
    private readonly ContentCheck _content;
    private readonly bool _readsContent;
    private readonly VerifyFindings _findings;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly HashSet<string> _unlisted = new(StringComparer.Ordinal);
    private readonly List<DiskToCheck> _disks = new();

    /// <summary>A check of a set's folders.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="setFolder">The set's folder.</param>
    /// <param name="state">What the set says of itself.</param>
    /// <param name="content">Reads the files.</param>
    /// <param name="readsContent">Whether they are read.</param>
    /// <param name="findings">Told what is wrong.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Stops it.</param>
    public FolderCheck(
        IFileSystem files,
        string setFolder,
        SetState state,
        ContentCheck content,
        bool readsContent,
        VerifyFindings findings,
        MirrorProgress progress,
        CancellationToken cancel
    )
    {
        _files = files;
        _setFolder = setFolder;
        _state = state;
        _content = content;
        _readsContent = readsContent;
        _findings = findings;
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Files that are there and in a manifest.</summary>
    public long FileCount { get; private set; }

    /// <summary>The virtual disks among them.</summary>
    public IReadOnlyList<DiskToCheck> Disks => _disks;

    /// <summary>Checks the folder of a job, and the content of its files if that is wanted.</summary>
    public void Check(SetJob job, WorkerCrew crew, ChunkPump pump)
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
                    _content.ReadLarge(name, path, record, reader, pump);
                else
                    small.Add(record);
            }

            if (small.Count >= 256)
                _content.ReadSmall(job, root, small, reader, crew);
            more = there.MoveNext();
        }

        while (more)
            more = Extra(job, root, there);
        _content.ReadSmall(job, root, small, reader, crew);
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
        FileCount++;
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
}
