using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;
using HyperVBackup.Walking;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Walks the source and all targets of a job in step, folder by folder in the order of the manifests. Small files are
/// gathered and copied side by side,
/// large ones one at a time with all threads; what must happen in order (names, records, deletions, the times of
/// folders) happens on the walking thread.
/// </summary>
internal sealed class MirrorWalk : IDisposable
{
    private const int FoldersAhead = 32;
    private const int BatchFiles = 512;
    private const long BatchBytes = 64 * 1024 * 1024;
    private readonly MirrorEngine _engine;
    private readonly IFileSystem _files;
    private readonly MirrorJob _job;
    private readonly IReadOnlyList<TargetLane> _lanes;
    private readonly FailureLog _log;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly WalkOrder _order;
    private readonly ListingsAhead _listings;
    private readonly SourceStamps _stamps;
    private readonly List<FileTask> _small = new();
    private readonly List<Action> _inOrder = new();
    private readonly List<Action> _deletions = new();
    private readonly MovedFiles? _moved;
    private readonly OwnTargets _own;
    private readonly WalkRules _rules;
    private readonly CopyRules _copyRules;
    private readonly SetAside _aside;
    private readonly HashSet<string> _mounts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _mountsWithFiles = new(StringComparer.Ordinal);
    private string _mount = "";
    private ulong _volume;
    private long _smallBytes;

    public MirrorWalk(
        MirrorEngine engine,
        IFileSystem files,
        MirrorJob job,
        IReadOnlyList<TargetLane> lanes,
        FailureLog log,
        MirrorProgress progress,
        CancellationToken cancel
    )
    {
        _engine = engine;
        _files = files;
        _job = job;
        _lanes = lanes;
        _log = log;
        _progress = progress;
        _cancel = cancel;
        _listings = new ListingsAhead(files);
        _stamps = new SourceStamps(files, job.Frozen, job.LiveOf);
        _moved = job.IsLive ? new MovedFiles(files, job) : null;
        _order = new WalkOrder(files.IgnoresCase);
        _own = OwnTargetsOf(files, lanes);
        _rules = new WalkRules(job.Filter, _own);
        _copyRules = new CopyRules(_rules, job.InSet);
        _aside = new SetAside(files);
    }

    public void Run()
    {
        var root = _files.Find(_job.Source);
        if (root is not { Kind: EntryKind.Folder })
            throw new BackupException(
                FailureKind.SourceMissing,
                _job.SourceName,
                "read it",
                root == null ? "it is not there" : "it is not a folder"
            );
        if (_own.Contains(root))
            throw new BackupException(OwnTargets.WhyNot(_job.SourceName));
        _engine.Lane.EnterJob(_job.SourceName);
        _volume = root.Volume;
        VisitFolder("", root, _lanes, true);
        RunBatch();
        foreach (var failure in _lanes.Select(lane => lane.UnmadeLinks.Describe()).OfType<Failure>())
            _log.Add(failure);
        // Only now, when the whole source has been seen, can be told whether what is missing in it may go from the
        // copies.
        foreach (var failure in _moved?.Find(_lanes[0].Target.Folder) ?? Array.Empty<Failure>())
            _log.Add(failure);
        RequireDeletions();
        foreach (var delete in _deletions)
            delete();
    }

    private static OwnTargets OwnTargetsOf(IFileSystem files, IReadOnlyList<TargetLane> lanes)
    {
        var folders = new List<FileEntry>();
        foreach (var lane in lanes)
            lane.Try(() =>
            {
                if (files.Find(lane.Target.Folder) is { } folder)
                    folders.Add(folder);
            });
        return new OwnTargets(folders);
    }

    private void RequireDeletions()
    {
        try
        {
            _job.BeforeDeleting?.Invoke(new WalkEnd(_lanes, _mounts));
        }
        catch (BackupException)
        {
            _aside.PutBack(_log);
            throw;
        }
    }

    /// <summary>
    /// Folders below the source that are of another volume than the folder around them, and hold files that were taken.
    /// </summary>
    public IReadOnlyCollection<string> MountPoints => _mountsWithFiles;

    public void Dispose() => _listings.Dispose();

    /// <summary>
    /// Runs something that reads a source file. Its failure is noted, and spares its folder's copies from deletions.
    /// </summary>
    public static void GuardSource(FileTask task, FailureLog log, Action read)
    {
        try
        {
            read();
        }
        catch (BackupException e) when (IsOfSource(e.Failure, task.Path))
        {
            task.Folder.HadReadError = true;
            var failure = e.Failure with { Target = task.LivePath };
            log.Add(
                failure.Kind == FailureKind.FileMissing
                    ? Vanished(failure, task.Path, "it vanished after its folder was listed")
                    : failure
            );
        }
    }

    // In a shadow copy nothing vanishes by itself.
    private static Failure Vanished(Failure failure, string readAt, string cause)
    {
        var vanished = failure with { Kind = FailureKind.FileVanished, Cause = cause };
        return readAt == failure.Target
            ? vanished
            : vanished with
            {
                Advice =
                    "The shadow copy that was read has lost it, or is gone: see that nothing removes shadow copies "
                    + "while a run is under way, then run again.",
            };
    }

    private static bool IsOfSource(Failure failure, string path) =>
        failure.Target == path && failure.Kind != FailureKind.VolumeGone;

    private void VisitFolder(string relative, FileEntry folder, IReadOnlyList<TargetLane> lanes, bool isRoot)
    {
        _cancel.ThrowIfCancellationRequested();
        var visit = new FolderVisit();
        var source = relative.Length == 0 ? _job.Source : PathOf.Join(_job.Source, relative);
        _moved?.Note(relative, folder);
        LookForList(relative, folder);
        IReadOnlyList<FileEntry> entries;
        try
        {
            entries = List(source);
        }
        catch (BackupException e) when (!isRoot && e.Failure.Kind != FailureKind.VolumeGone)
        {
            // What the copies hold of this folder stays as it is.
            var failure =
                e.Failure.Target == source
                    ? e.Failure with
                    {
                        Target = PathOf.Join(_job.SourceName, relative),
                    }
                    : e.Failure;
            _log.Add(failure.Kind == FailureKind.FileMissing ? Vanished(failure, source, failure.Cause) : failure);
            return;
        }

        var copies = new List<FolderCopy>();
        foreach (var lane in lanes)
        {
            lane.Try(() => copies.Add(new FolderCopy(lane, relative, List(lane.PathOfEntry(relative)))));
        }

        if (isRoot)
            foreach (var copy in copies)
                copy.Lane.Deletions.IsFresh = copy.IsEmpty;
        var sorted = entries.OrderBy(entry => entry.Name, _order).ToList();
        var names = entries
            .Where(entry => _rules.Takes(RelativePaths.Join(relative, entry.Name), entry))
            .Select(entry => entry.Name);
        visit.SourceNames = new Lazy<HashSet<string>>(() => new HashSet<string>(names, StringComparer.Ordinal));
        var announced = 0;
        for (var i = 0; i < sorted.Count; i++)
        {
            for (; announced < sorted.Count && announced <= i + FoldersAhead; announced++)
                Announce(relative, sorted[announced], copies);
            VisitEntry(relative, sorted[i], copies, visit);
        }

        InOrder(() => LeaveFolder(relative, folder, copies, visit));
        if (_inOrder.Count >= 4 * BatchFiles)
            RunBatch();
    }

    private IReadOnlyList<FileEntry> List(string folder)
    {
        var start = EngineProfile.Now;
        var entries = _listings.Take(folder);
        _progress.Profile.AddList(start);
        return entries;
    }

    // Nobody else changes the folders of a target, and the walk only those it has come to: so what is listed ahead is
    // still true then.
    private void Announce(string folder, FileEntry entry, List<FolderCopy> copies)
    {
        if (entry.Kind != EntryKind.Folder)
            return;
        var relative = RelativePaths.Join(folder, entry.Name);
        if (_rules.RoleOf(relative, entry) != EntryRole.Folder)
            return;
        _listings.Announce(PathOf.Join(_job.Source, relative));
        foreach (var copy in copies)
            if (copy.Find(entry.Name) is { Kind: EntryKind.Folder })
                _listings.Announce(copy.Lane.PathOfEntry(relative));
    }

    private void VisitEntry(string folder, FileEntry entry, List<FolderCopy> all, FolderVisit visit)
    {
        var relative = RelativePaths.Join(folder, entry.Name);
        var role = _rules.RoleOf(relative, entry);
        if (role == EntryRole.Skipped)
            return;
        foreach (var copy in all)
            copy.Keep(entry.Name);
        var copies = Spelled(relative, entry, all, visit);
        switch (role)
        {
            case EntryRole.Folder:
                VisitSubfolder(relative, entry, copies);
                break;
            case EntryRole.OwnTarget:
                _log.Add(OwnTargets.WhyNot(PathOf.Join(_job.SourceName, relative)));
                break;
            case EntryRole.File:
                LookForList(relative, entry);
                VisitFile(relative, entry, copies, visit);
                break;
            case EntryRole.Link:
            case EntryRole.MountedVolume:
                InOrder(() => CopyLink(relative, entry, copies));
                break;
            default:
                _log.Warn(
                    PathOf.Join(_job.SourceName, relative)
                        + " is neither a file, a folder nor a link, and was not copied."
                );
                break;
        }
    }

    // A clone has no list; what it was made of may have one.
    private void LookForList(string relative, FileEntry entry) =>
        _job.AccessLists?.Look(
            relative.Length == 0 ? _job.SourceName : PathOf.Join(_job.SourceName, relative),
            _job.LiveOf?.Invoke(entry) ?? entry
        );

    // A target may take the name for that of something it lists by another one. That is then the copy of this entry,
    // unless the source has both.
    private List<FolderCopy> Spelled(string relative, FileEntry entry, List<FolderCopy> copies, FolderVisit visit)
    {
        if (copies.TrueForAll(copy => copy.Knows(entry.Name)))
            return copies;
        bool MayTake(FileEntry there) =>
            !visit.SourceNames!.Value.Contains(there.Name)
            && (_job.InSet || _rules.InFilter(RelativePaths.Join(copies[0].Folder, there.Name), there));
        return copies.Where(copy => copy.Lane.Try(() => copy.Spell(_files, relative, MayTake))).ToList();
    }

    private void VisitSubfolder(string relative, FileEntry entry, List<FolderCopy> copies)
    {
        var ready = new List<TargetLane>();
        foreach (var copy in copies)
        {
            var lane = copy.Lane;
            // What could not be made is not there, and no manifest says so.
            if (!lane.Try(() => PrepareSubfolder(lane, relative, copy.Find(entry.Name), entry)))
                continue;
            ready.Add(lane);
            Record(lane, new ManifestRecord(relative, entry));
        }

        if (ready.Count == 0)
            return;
        var (mount, volume) = (_mount, _volume);
        if (entry.Volume != volume && _mounts.Add(relative))
            (_mount, _volume) = (relative, entry.Volume);
        VisitFolder(relative, entry, ready, false);
        (_mount, _volume) = (mount, volume);
    }

    private void PrepareSubfolder(TargetLane lane, string relative, FileEntry? there, FileEntry like)
    {
        var path = lane.PathOfEntry(relative);
        if (there != null && CopyRules.Meet(like.Kind, there.Kind) == Meeting.Stays)
        {
            lane.RequireOwn(relative, there, "write into it");
            Trees.MakeWritable(_files, path, Trees.CloseAs(_files, path, there, like));
            return;
        }

        if (there != null)
            GiveWay(lane, relative, there);
        else
            TargetNames.RequireFree(_files, path);
        // Its owner's alone, until all in it is done.
        _files.CreateFolder(path, !PathOf.IsWindows);
    }

    private void VisitFile(string relative, FileEntry listed, List<FolderCopy> copies, FolderVisit visit)
    {
        _job.OnFile?.Invoke(relative);
        var entry = _stamps.Of(listed, _job.Source, relative);
        if (_mount.Length > 0)
            _mountsWithFiles.Add(_mount);
        var slots = new List<CopySlot>();
        foreach (var copy in copies)
        {
            var there = copy.Find(entry.Name);
            if (there != null && !copy.Lane.Try(() => copy.Lane.RequireOwn(relative, there, "replace it")))
                continue;
            var known = copy.Lane.Base.Find(relative);
            copy.Lane.Deletions.AddSource(entry.Size);
            if (there is { Kind: EntryKind.File })
                copy.Lane.Deletions.AddKept(there.Size);
            else
                copy.Lane.Deletions.AddNew(entry.Size);
            if (
                there != null
                && CopyRules.Meet(entry.Kind, there.Kind) == Meeting.GivesWay
                && !copy.Lane.Try(() => GiveWay(copy.Lane, relative, there))
            )
                continue;
            var slot = new CopySlot(copy.Lane, there, TargetLane.StampHolds(known, there) ? known : null);
            var isLooked =
                there == null || copy.Lane.Try(() => slot.IsMarkedSparse = copy.Lane.IsMarkedSparse(relative, there));
            if (!isLooked)
                continue;
            slot.Peer = copy.Lane.Peer?.Find(relative, entry, slot);
            slots.Add(slot);
        }

        if (entry.Size <= Blocks.ChunkSize && slots.TrueForAll(slot => slot.IsCurrent(entry)))
        {
            Keep(relative, entry, slots);
            return;
        }

        var task = new FileTask(
            visit,
            relative,
            PathOf.Join(_job.Source, relative),
            PathOf.Join(_job.SourceName, relative),
            entry,
            _stamps,
            slots
        );
        _inOrder.Add(() => Conclude(task));
        if (entry.Size > Blocks.ChunkSize)
        {
            // The batch first: records must stand in the order of the walk, and a large file writes its block list as
            // it goes.
            _inOrder.RemoveAt(_inOrder.Count - 1);
            RunBatch();
            _engine.CopyLarge(task, _cancel);
            Conclude(task);
            return;
        }

        _small.Add(task);
        _smallBytes += entry.Size;
        if (_small.Count >= BatchFiles || _smallBytes >= BatchBytes)
            RunBatch();
    }

    // Most files of most runs: nothing is done to the copies, so nothing needs a worker.
    private void Keep(string relative, FileEntry entry, List<CopySlot> slots)
    {
        _cancel.ThrowIfCancellationRequested();
        _engine.Lane.EnterFile(relative, 0);
        foreach (var slot in slots)
        {
            slot.Lane.Tally.CountFile(entry.Size, false);
            Record(slot.Lane, slot.Known == null ? null : slot.KnownRecord(relative, entry, slot.Copy!));
        }

        _progress.AddDone(entry.Size);
        _progress.AddFile();
    }

    private void Record(TargetLane lane, ManifestRecord? record)
    {
        if (lane.Manifest == null || record == null)
            return;
        if (_inOrder.Count == 0)
            lane.Manifest.Add(record);
        else
            _inOrder.Add(() => lane.Manifest.Add(record));
    }

    /// <summary>
    /// Does something when everything the walk has come to before is done: at once, if nothing of it waits for its
    /// batch.
    /// </summary>
    private void InOrder(Action action)
    {
        if (_inOrder.Count == 0)
            action();
        else
            _inOrder.Add(action);
    }

    private void RunBatch()
    {
        if (_inOrder.Count == 0)
            return;
        _engine.CopySmall(_small, _job.InSet, _cancel);
        if (!_job.InSet && _small.Any(task => task.Slots.Any(slot => slot.Temporary != null)))
        {
            foreach (var lane in _lanes)
                _progress.Profile.Flush(lane.FlushVolume);
        }

        foreach (var action in _inOrder)
        {
            _cancel.ThrowIfCancellationRequested();
            action();
        }

        _small.Clear();
        _smallBytes = 0;
        _inOrder.Clear();
    }

    private void Conclude(FileTask task)
    {
        SmallFileCopy.Publish(_files, task);
        foreach (var slot in task.Slots)
            if (slot.Record != null)
                slot.Lane.Manifest!.Add(slot.Record);
    }

    private void CopyLink(string relative, FileEntry link, List<FolderCopy> copies)
    {
        if (MountedFolders.Warning(PathOf.Join(_job.SourceName, relative), link) is { } warning)
            _log.Warn(warning);
        foreach (var copy in copies)
        {
            var lane = copy.Lane;
            lane.Try(() =>
            {
                var there = copy.Find(link.Name);
                var path = lane.PathOfEntry(relative);
                if (
                    there is { Kind: EntryKind.Link }
                    && there.LinkTarget == link.LinkTarget
                    && there.LinkKind == link.LinkKind
                )
                {
                    lane.Align(relative, there, link);
                }
                else
                {
                    if (there != null)
                        GiveWay(lane, relative, there);
                    else
                        TargetNames.RequireFree(_files, path);
                    if (!lane.UnmadeLinks.TryMake(_files, path, relative, link))
                        return;
                    _files.SetMetadata(path, link);
                }

                lane.Manifest?.Add(new ManifestRecord(relative, link));
            });
        }
    }

    private void LeaveFolder(string relative, FileEntry folder, List<FolderCopy> copies, FolderVisit visit)
    {
        foreach (var copy in copies)
        {
            var lane = copy.Lane;
            if (visit.HadReadError)
                _log.Warn(
                    "Nothing was deleted in "
                        + lane.PathOfEntry(relative)
                        + ", because not everything in its source could be read."
                );
            var extras = visit.HadReadError ? new List<FileEntry>() : copy.Extras().ToList();
            if (extras.Count == 0)
            {
                Finish(lane, relative, folder);
                continue;
            }

            foreach (var extra in extras)
                lane.Try(() => CountGone(lane, RelativePaths.Join(relative, extra.Name), extra));
            _deletions.Add(() =>
            {
                foreach (var extra in extras)
                    lane.Try(() => RemoveExtra(lane, RelativePaths.Join(relative, extra.Name), extra));
                Finish(lane, relative, folder);
            });
        }
    }

    private void Finish(TargetLane lane, string relative, FileEntry folder) =>
        lane.Try(() =>
        {
            var path = lane.PathOfEntry(relative);
            var now =
                _files.Find(path)
                ?? throw new BackupException(
                    FailureKind.FileMissing,
                    path,
                    "look at the finished folder",
                    "it is gone"
                );
            lane.Align(relative, now, folder);
            if (lane.FlushesEachFile)
                _files.FlushFolder(path);
        });

    // Links and the like are nothing that could be missed, and without a guard there is nothing to wait for.
    private void GiveWay(TargetLane lane, string relative, FileEntry there)
    {
        if (_job.BeforeDeleting == null || there.Kind is not (EntryKind.Folder or EntryKind.File))
        {
            Remove(lane, relative, there, true);
            return;
        }

        RequireOurs(lane, relative, there);
        CountGone(lane, relative, there);
        var aside = _aside.Move(lane, relative);
        _deletions.Add(() => lane.Try(() => Remove(lane, aside, there, true)));
    }

    // As Remove will: what is mounted in it, or is somebody's set, must not get another name either.
    private void RequireOurs(TargetLane lane, string relative, FileEntry entry)
    {
        _cancel.ThrowIfCancellationRequested();
        lane.RequireOwn(relative, entry, "delete it");
        if (entry.Kind != EntryKind.Folder)
            return;
        RequireNoSet(lane.PathOfEntry(relative));
        foreach (var inner in _files.List(lane.PathOfEntry(relative)))
            RequireOurs(lane, RelativePaths.Join(relative, inner.Name), inner);
    }

    private void RequireNoSet(string path)
    {
        if (_job.InSet || !SetLayout.IsSet(_files, path))
            return;
        throw new BackupException(
            new Failure(FailureKind.ForeignSet, path, "delete it", "it is a backup set")
            {
                Advice =
                    "Mirror to another folder, or exclude this one; "
                    + "a set that you do not need you can delete yourself.",
            }
        );
    }

    // What the newest complete set does not have either went with an earlier run, and nobody misses it.
    private void CountGone(TargetLane lane, string relative, FileEntry extra)
    {
        if (_job.BeforeDeleting == null || !_copyRules.IsMissed(relative, extra))
            return;
        if (lane.Target.Newest is { } newest && _files.Find(PathOf.Join(newest, relative))?.Kind != extra.Kind)
            return;
        if (extra.Kind == EntryKind.File)
            lane.Deletions.AddGone(extra.Name, extra.Size);
        if (extra.Kind != EntryKind.Folder)
            return;
        foreach (var inner in _files.List(lane.PathOfEntry(relative)))
            CountGone(lane, RelativePaths.Join(relative, inner.Name), inner);
    }

    private void RemoveExtra(TargetLane lane, string relative, FileEntry extra)
    {
        if (_copyRules.Goes(relative, extra))
            Remove(lane, relative, extra, _copyRules.GoesWhole(extra));
    }

    /// <summary>
    /// Removes what stands at a path of a target. Links are removed themselves; nothing behind a link or on another
    /// volume is touched.
    /// </summary>
    private void Remove(TargetLane lane, string relative, FileEntry entry, bool everything)
    {
        _cancel.ThrowIfCancellationRequested();
        var path = lane.PathOfEntry(relative);
        lane.RequireOwn(relative, entry, "delete it");
        if (entry.Kind != EntryKind.Folder)
        {
            _files.DeleteFile(path);
            lane.Tally.CountDeleted();
            return;
        }

        RequireNoSet(path);
        Trees.MakeWritable(_files, path, entry);
        foreach (var inner in _files.List(path))
        {
            var innerPath = RelativePaths.Join(relative, inner.Name);
            if (everything)
                Remove(lane, innerPath, inner, true);
            else
                RemoveExtra(lane, innerPath, inner);
        }

        if (!everything && _files.List(path).Count > 0)
            return;
        _files.DeleteFolder(path);
        lane.Tally.CountDeleted();
    }
}
