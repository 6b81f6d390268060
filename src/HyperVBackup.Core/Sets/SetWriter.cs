using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Sets;

/// <summary>
/// One target's part of a set while a run writes it: from "writing" before the first byte changes to "complete", or
/// "partial", after the last is durable.
/// </summary>
internal sealed class SetWriter
{
    private readonly IFileSystem _files;
    private readonly bool _isPrivate;
    private readonly SetState? _before;
    private readonly string? _newest;
    private readonly IReadOnlyCollection<Guid> _doubted;
    private readonly string? _keeps;
    private SetState? _peer;
    private bool _triedClone;
    private SetState _state;

    /// <summary>A writer; touches nothing yet.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="target">The target, with its links resolved.</param>
    /// <param name="state">What set.json is to say: <see cref="SetCondition.Writing"/>.</param>
    /// <param name="isPrivate">Whether the set's folder, if it has to be made, is for administrators only. Our own
    /// files in it always are.</param>
    /// <param name="newest">The newest complete set of the plan, for its blocks to be shared where the file system can;
    /// null: nothing is shared.</param>
    /// <param name="doubted">
    /// Sets of the target in which a verification found damage, by the first runs of their descents: nothing that
    /// shares blocks with them is believed.
    /// </param>
    /// <param name="keeps">
    /// The folder of the newest complete set on this target, whether its blocks are shared or not: what it does not
    /// hold either may go.
    /// </param>
    public SetWriter(
        IFileSystem files,
        string target,
        SetState state,
        bool isPrivate = true,
        string? newest = null,
        IReadOnlyCollection<Guid>? doubted = null,
        string? keeps = null
    )
    {
        _files = files;
        _doubted = doubted ?? Array.Empty<Guid>();
        _isPrivate = isPrivate;
        _newest = newest == null ? null : SetLayout.SetFolder(target, newest);
        _keeps = keeps ?? _newest;
        _state = state;
        Target = target;
        Folder = SetLayout.SetFolder(target, state.Set);
        _before = ReadBefore();
        if (_before == null)
            return;
        var abandoned = _before
            .Jobs.Select(job => job.Folder)
            .Concat(_before.Abandoned)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(folder =>
                JobOf(folder) == null
                && FolderNames.WhyNot(folder) == null
                && _files.Find(PathOf.Join(Folder, folder)) != null
            );
        _state = state with { Abandoned = abandoned.ToArray() };
        _state = _state with
        {
            AbandonedMachines = _state
                .Abandoned.Where(folder => OwnerOf(folder) != null)
                .ToDictionary(folder => folder, folder => OwnerOf(folder)!, StringComparer.OrdinalIgnoreCase),
        };
    }

    public string Target { get; }

    /// <summary>The set's folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// Whether the set shares the blocks of the newest complete one; null where there is none, so that it was not
    /// tried.
    /// </summary>
    public bool? SharesBlocks =>
        _peer != null ? true
        : _triedClone ? false
        : null;

    /// <summary>Folders that an earlier run of the plan wrote here and that belong to no job any more.</summary>
    public IReadOnlyList<string> Abandoned => _state.Abandoned;

    /// <summary>
    /// Those that the last run to write this set still had a job for: told once, not in every run to come.
    /// </summary>
    public IEnumerable<string> NewlyAbandoned =>
        _state.Abandoned.Except(_before?.Abandoned ?? Array.Empty<string>(), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Makes durable what stands on the target, above all that the set which is kept is complete. It may say so in the
    /// system's cache only, if the run that wrote it was killed.
    /// </summary>
    public static void Settle(IFileSystem files, string target, string? kept)
    {
        if (files.TryFlushVolume(target))
            return;
        files.FlushFolder(target);
        if (
            kept == null
            || SetLayout.SetFolder(target, kept) is not { } folder
            || files.Find(SetLayout.StateFolderOf(folder)) is not { Kind: EntryKind.Folder }
        )
            return;
        files.FlushFolder(folder);
        files.FlushFolder(SetLayout.StateFolderOf(folder));
    }

    /// <summary>
    /// Gives what an unfinished set holds to a set of another name: its folder is renamed. It does not count before,
    /// and not after.
    /// </summary>
    public static void Adopt(IFileSystem files, SetInfo unfinished, string set)
    {
        SetRemover.Disown(files, unfinished);
        files.Rename(unfinished.Path, SetLayout.SetFolder(PathOf.Parent(unfinished.Path)!, set));
        files.FlushFolder(PathOf.Parent(unfinished.Path)!);
    }

    /// <summary>Marks the set as being written, durably.</summary>
    /// <exception cref="BackupException">The target is gone, full or read-only, or a link stands where the set's folder
    /// must be.</exception>
    public void Begin()
    {
        if (!SetLayout.RequireReal(_files, Folder))
            _files.CreateFolder(Folder, _isPrivate);
        var stateFolder = SetLayout.StateFolderOf(Folder);
        if (!SetLayout.RequireReal(_files, stateFolder))
            _files.CreateFolder(stateFolder, true);
        // Looked for before the set stops being complete.
        OtherVolumes.Refuse(_files, stateFolder, "write into it");
        foreach (var job in _state.Jobs)
            OtherVolumes.Refuse(_files, PathOf.Join(Folder, job.Folder), "write into it");
        // Even where they were there: a run that was killed may have made them and not have come to this.
        _files.FlushFolder(Target);
        _files.FlushFolder(Folder);

        foreach (var job in _state.Jobs)
            RequireClaimed(job.Folder);
        SetStateFile.Write(_files, Folder, _state);
        DamageMark.Remove(_files, Folder);
        _peer = FindPeer(stateFolder);
        // What is not believed is compared from end to end: with it another descent begins, which nothing is held
        // against.
        if (_peer != null && !IsDoubted(_peer))
            _state = _state with { BlocksFrom = _peer.Descent };
        RemoveUnfinished(stateFolder);
    }

    /// <summary>Where and how the mirror writes a job's folder.</summary>
    public MirrorTarget TargetOf(string folder)
    {
        var job = JobOf(folder)!;
        // The copy of another machine is no base: a folder may have been one's and be another's by now.
        var before = _before?.Jobs.FirstOrDefault(known => SameFolder(known, folder) && known.IsSameAs(job));
        return new MirrorTarget
        {
            Folder = PathOf.Join(Folder, folder),
            // Only what a committed set vouches for is believed: a run that did not end may have changed the files
            // behind its back.
            BaseManifest =
                _before is { IsCommitted: true } && before != null ? SetLayout.ManifestOf(Folder, folder) : null,
            BaseRun = before?.WrittenBy(_before!) ?? Guid.Empty,
            Peer = _peer?.Jobs.FirstOrDefault(known => known.IsSameAs(job)) is { } copy ? PeerOf(copy) : null,
            Newest = _keeps == null ? null : PathOf.Join(_keeps, folder),
            NewManifest = SetLayout.NewManifestOf(Folder, folder),
            Header = new ManifestHeader(_state.RunId, folder, _files.IgnoresCase),
        };
    }

    /// <summary>Puts a finished, durable manifest in its place.</summary>
    public void Publish(string folder, MirroredTarget result)
    {
        _files.Rename(SetLayout.NewManifestOf(Folder, folder), SetLayout.ManifestOf(Folder, folder));
        _files.FlushFolder(SetLayout.StateFolderOf(Folder));
        _files.FlushFolder(Folder);
        _state = _state with
        {
            Jobs = _state
                .Jobs.Select(job =>
                    SameFolder(job, folder)
                        ? job with
                        {
                            Files = result.Tally.Files,
                            Bytes = result.Tally.Bytes,
                            ManifestBytes = result.ManifestBytes,
                            ManifestSha256 = result.ManifestSha256,
                            MountPoints = Kept(result.MountPoints),
                        }
                        : job
                )
                .ToArray(),
        };
    }

    /// <summary>
    /// Keeps what the set holds of a virtual machine that could not be brought up to date, if it was whole: an old copy
    /// is better than none. Otherwise the machine is no part of the set.
    /// The copy is found by the machine's id, and stays in the folder that it has.
    /// </summary>
    /// <param name="machineId">The machine's id.</param>
    /// <returns>Whether there is an old copy.</returns>
    public bool KeepOld(string machineId)
    {
        bool IsIt(SetJob job) => string.Equals(job.MachineId, machineId, StringComparison.OrdinalIgnoreCase);
        if (_state.Jobs.Any(job => IsIt(job) && job.KeptFrom != Guid.Empty))
            return true;
        _state = _state with { Jobs = _state.Jobs.Where(job => !IsIt(job)).ToArray() };
        var old = Whole.FirstOrDefault(IsIt);
        if (old == null || JobOf(old.Folder) != null)
            return false;
        Keep(old);
        return true;
    }

    /// <summary>
    /// Keeps what the set holds, whole, of virtual machines that are not on the host any more and that the plan still
    /// names.
    /// </summary>
    /// <param name="isMeant">Whether the plan names the machine.</param>
    /// <returns>The machines kept.</returns>
    public IReadOnlyList<SetJob> KeepMissing(Func<SetJob, bool> isMeant)
    {
        var missing = Whole
            .Where(old =>
                old.IsOfMachine
                && isMeant(old)
                && JobOf(old.Folder) == null
                && !_state.Jobs.Any(job => job.IsSameAs(old))
            )
            .ToList();
        foreach (var old in missing)
            Keep(old);
        return missing;
    }

    // A run that did not end may have changed everything but what it had kept before it began.
    private IEnumerable<SetJob> Whole =>
        _before?.Jobs.Where(job =>
            (_before.IsCommitted && job.MissingCount == 0)
            || (job.KeptFrom != Guid.Empty && job.ManifestSha256.Length > 0)
        ) ?? Array.Empty<SetJob>();

    private void Keep(SetJob old)
    {
        bool IsOf(DiskFinding disk) => disk.File.StartsWith(old.Folder + "/", StringComparison.OrdinalIgnoreCase);
        _state = _state with
        {
            Jobs = _state.Jobs.Concat(new[] { old with { KeptFrom = old.WrittenBy(_before!) } }).ToArray(),
            Disks = _state.Disks.Where(disk => !IsOf(disk)).Concat(_before!.Disks.Where(IsOf)).ToArray(),
            Abandoned = _state.Abandoned.Where(folder => !SameFolder(old, folder)).ToArray(),
            AbandonedMachines = _state
                .AbandonedMachines.Where(machine => !SameFolder(old, machine.Key))
                .ToDictionary(machine => machine.Key, machine => machine.Value, StringComparer.OrdinalIgnoreCase),
        };
    }

    /// <summary>Keeps a document beside the manifests: restoring through the writers needs it.</summary>
    public void Store(string name, string text) =>
        SmallFiles.Replace(
            _files,
            PathOf.Join(SetLayout.StateFolderOf(Folder), name),
            System.Text.Encoding.UTF8.GetBytes(text)
        );

    /// <summary>
    /// Notes which virtual disks of the set were not intact when they were copied. What is known of disks of older
    /// copies stays.
    /// </summary>
    public void Note(IReadOnlyList<DiskFinding> disks)
    {
        bool IsOf(DiskFinding disk, SetJob job) => disk.File.StartsWith(job.Folder + "/", StringComparison.Ordinal);
        var kept = _state.Disks.Where(disk => _state.Jobs.Any(job => job.KeptFrom != Guid.Empty && IsOf(disk, job)));
        _state = _state with
        {
            Disks = kept.Concat(
                    disks.Where(disk =>
                        _state.Jobs.Any(job =>
                            job.KeptFrom == Guid.Empty && IsOf(disk, job) && job.Source == disk.Source
                        )
                    )
                )
                .ToArray(),
        };
    }

    /// <summary>What the set holds by now, for verifying it before it is committed.</summary>
    public SetState Written => _state;

    /// <summary>Whether every folder has its own, durable manifest.</summary>
    public bool IsPublished => _state.Jobs.All(job => job.ManifestSha256.Length > 0);

    /// <summary>
    /// Notes what could not be copied into a folder. The folder's manifest has none of it; the list is cut, the number
    /// is not.
    /// </summary>
    public void Miss(string folder, IReadOnlyList<Failure> failures, long count)
    {
        const int listed = 200;
        var missing = failures.Select(failure => new MissingFile
        {
            File = Cut(failure.Target),
            Problem = Cut("cannot " + failure.Operation + ": " + failure.Cause),
        });
        _state = _state with
        {
            Jobs = _state
                .Jobs.Select(job => SameFolder(job, folder) ? job with { MissingCount = count } : job)
                .ToArray(),
            Missing = _state.Missing.Concat(missing).Take(listed).ToArray(),
        };
    }

    // A path is at most some thousand characters; the cause may hold whatever a system said.
    private static string Cut(string text) => text.Length <= 1000 ? text : text.Substring(0, 1000) + "…";

    /// <summary>Commits: from here on the set counts as what it is, complete or partial.</summary>
    public void Commit(
        DateTime now,
        Consistency consistency,
        IReadOnlyList<string> warnings,
        SetCondition state = SetCondition.Complete
    )
    {
        // What says it is complete must be: every folder with its own, durable manifest.
        if (!IsPublished)
            throw new InvalidOperationException("A set cannot be committed before all its folders are published.");
        if (state == SetCondition.Complete && _state.Jobs.Any(job => job.MissingCount > 0))
            throw new InvalidOperationException("A set that lacks something is not complete.");
        _state = _state with { State = state, Completed = now, Consistency = consistency, Warnings = warnings };
        SetStateFile.Write(_files, Folder, _state);
    }

    // The newest complete set, if it is whole here and its blocks can be shared. The name of a file system is no proof
    // of that, so it is tried.
    private SetState? FindPeer(string stateFolder)
    {
        if (_newest == null)
            return null;
        try
        {
            if (SetStateFile.Read(_files, _newest) is not { State: SetCondition.Complete } peer)
                return null;
            _triedClone = true;
            var clone = PathOf.Join(stateFolder, TemporaryNames.Next());
            if (!_files.TryClone(SetLayout.StateFileOf(_newest), clone))
                return null;
            _files.DeleteFile(clone);
            return peer;
        }
        catch (BackupException e) when (!TargetLane.IsOfWholeTarget(e.Failure.Kind))
        {
            return null; // Nothing is lost but space: the set is written in full.
        }
    }

    private PeerFolder PeerOf(SetJob job) =>
        new()
        {
            Folder = PathOf.Join(_newest!, job.Folder),
            Manifest = SetLayout.ManifestOf(_newest!, job.Folder),
            Run = job.WrittenBy(_peer!),
            IsBelieved = _before?.State != SetCondition.Writing && !IsDoubted(_peer!),
            IsInStep = _before is { IsCommitted: true } && _before.Descent == _peer!.Descent,
        };

    private bool IsDoubted(SetState set) => _doubted.Contains(set.Descent);

    // What an earlier run was writing when it was cut off.
    private void RemoveUnfinished(string stateFolder)
    {
        foreach (var entry in _files.List(stateFolder))
            if (
                entry.Kind == EntryKind.File
                && (TemporaryNames.IsOurs(entry.Name) || SetLayout.IsNewManifest(entry.Name))
            )
                _files.DeleteFile(PathOf.Join(stateFolder, entry.Name));
    }

    private SetState? ReadBefore()
    {
        try
        {
            var before = SetStateFile.Read(_files, Folder);
            // Of a set that was found damaged nothing is believed, as of one that was never finished: every file is
            // compared with its source.
            return before is { IsCommitted: true } && (DamageMark.IsOn(_files, Folder) || IsDoubted(before))
                ? before with
                {
                    State = SetCondition.Writing,
                    Jobs = before.Jobs.Select(job => job with { KeptFrom = Guid.Empty }).ToArray(),
                }
                : before;
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.StateDamaged)
        {
            // A damaged state claims nothing: files are compared by content, and Begin decides what may be deleted.
            return null;
        }
    }

    // The mirror deletes what the source does not have. A folder that holds something, and that no set.json of ours
    // ever claimed, is somebody's.
    private void RequireClaimed(string folder)
    {
        var path = PathOf.Join(Folder, folder);
        if (!SetLayout.RequireReal(_files, path))
            return;
        if (_before != null && _before.Jobs.Any(job => SameFolder(job, folder)))
            return;
        if (
            _files.List(path).Count == 0
            || _files.Find(SetLayout.ManifestOf(Folder, folder)) != null
            || _files.Find(SetLayout.StateFileOf(Folder)) is { } && _before == null
        )
            return;
        throw new BackupException(
            FailureKind.ForeignSet,
            path,
            "write to it",
            "it holds files that no set of ours put there; move them away, or give the job another folder"
        );
    }

    private string? OwnerOf(string folder) =>
        _before!.Jobs.FirstOrDefault(job => job.IsOfMachine && SameFolder(job, folder))?.MachineId
        ?? (_before.AbandonedMachines.TryGetValue(folder, out var id) ? id : null);

    private static string[] Kept(IReadOnlyList<string> mountPoints) =>
        mountPoints
            .Where(path => path.Length <= 1024)
            .OrderBy(path => path, StringComparer.Ordinal)
            .Take(SetJob.MostMountPoints)
            .ToArray();

    private SetJob? JobOf(string folder) => _state.Jobs.FirstOrDefault(job => SameFolder(job, folder));

    private static bool SameFolder(SetJob job, string folder) =>
        string.Equals(job.Folder, folder, StringComparison.OrdinalIgnoreCase);
}
