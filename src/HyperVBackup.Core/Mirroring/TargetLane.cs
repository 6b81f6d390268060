using System;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Walking;

namespace HyperVBackup.Mirroring;

/// <summary>
/// One target of a job while it is mirrored: its folder, what is known of it, and what is written down about it.
/// </summary>
internal sealed class TargetLane : IDisposable
{
    private readonly IFileSystem _files;
    private readonly FailureLog _log;
    private readonly bool _flushesWhole;
    private bool? _clones;
    private bool? _keepsSpelling;
    private ulong? _volume;
    private bool? _marksSparse;

    public TargetLane(IFileSystem files, MirrorTarget target, FailureLog log)
    {
        _files = files;
        _log = log;
        Target = target;
        _flushesWhole = files.TryFlushVolume(target.Folder);
        Base = new BaseCursor(files, target.BaseManifest, target.BaseRun, new WalkOrder(files.IgnoresCase), log);
        if (target.NewManifest == null)
            return;
        try
        {
            if (target.Peer != null)
                Peer = new PeerLane(files, target.Peer, log);
            if (files.Find(target.NewManifest) != null)
                files.DeleteFile(target.NewManifest);
            Manifest = new ManifestWriter(files.Create(target.NewManifest, false), target.Header!);
        }
        catch
        {
            // Nobody else knows of it yet, and a file that stays open keeps the disk from being taken off.
            Base.Dispose();
            Peer?.Dispose();
            throw;
        }
    }

    public MirrorTarget Target { get; }

    public BaseCursor Base { get; }

    /// <summary>The newest complete set, for files to share its blocks; null where nothing is shared.</summary>
    public PeerLane? Peer { get; }

    /// <summary>The new manifest; null when none is kept.</summary>
    public ManifestWriter? Manifest { get; }

    public MirrorTally Tally { get; } = new();

    /// <summary>What would be deleted of it.</summary>
    public DeletionTally Deletions { get; } = new();

    /// <summary>Whether files must be flushed one by one, because the volume cannot be flushed as a whole.</summary>
    public bool FlushesEachFile => !_flushesWhole;

    /// <summary>The volume of its folder: what lies in it on another one is not ours.</summary>
    public ulong Volume => _volume ??= Finished(_files, Target.Folder).Volume;

    /// <summary>Refuses to touch what something else is mounted at.</summary>
    /// <exception cref="BackupException">Another volume is mounted there.</exception>
    public void RequireOwn(string relative, FileEntry there, string operation) =>
        OtherVolumes.Refuse(PathOfEntry(relative), there, Volume, operation);

    /// <summary>Whether names come back as they were given, as far as is known.</summary>
    public bool KeepsSpelling => _keepsSpelling ?? true;

    /// <summary>
    /// Finds out, after something was given a name, whether the target lists it by that (HFS+ has one form of Unicode
    /// for all names, FAT no dots at their ends).
    /// </summary>
    public void LearnSpelling(string folder, string name)
    {
        if (_keepsSpelling != null)
            return;
        var isKept = false;
        foreach (var entry in _files.List(folder))
            isKept |= entry.Name == name;
        _keepsSpelling = isKept;
    }

    /// <summary>
    /// Notes that a copy could not be compared, and why. It is then written anew, which may well be what heals it.
    /// </summary>
    public void Unreadable(string path, Failure why) =>
        _log.Warn(path + " could not be read to be compared (" + why.Cause + ") and was written anew. Check the disk.");

    /// <summary>Whether a copy is a virtual disk that Hyper-V would refuse because it is marked as sparse.</summary>
    public bool IsMarkedSparse(string relative, FileEntry copy)
    {
        if (copy.Kind != EntryKind.File || !ContentKinds.IsAttached(copy.Name))
            return false;
        _marksSparse ??= _files.GetVolume(Target.Folder).MarksSparse;
        return _marksSparse.Value && HoleFilling.IsMarked(_files, PathOfEntry(relative), copy.Name);
    }

    /// <summary>The links of the source that this target's file system cannot hold.</summary>
    public UnmadeLinks UnmadeLinks { get; } = new();

    /// <summary>Notes something that is no failure.</summary>
    public void Warn(string? warning)
    {
        if (warning != null)
            _log.Warn(warning);
    }

    /// <summary>Makes everything written so far durable, unless every file is flushed on its own.</summary>
    /// <exception cref="BackupException">It cannot be, although it could when the job began.</exception>
    public void FlushVolume()
    {
        if (_flushesWhole && !_files.TryFlushVolume(Target.Folder))
            throw new BackupException(
                FailureKind.IoError,
                Target.Folder,
                "flush the volume",
                "the system refused; what was written may not be on the medium"
            );
    }

    /// <summary>
    /// Makes a new file that shares all blocks of a source file, as it is at this instant. False: the two have no file
    /// system in common that can, or it does not want to for this file.
    /// </summary>
    public bool TryClone(string source, string path)
    {
        _clones ??= _files.GetVolume(Target.Folder).ClonesBlocks;
        try
        {
            return _clones.Value && _files.TryClone(source, path);
        }
        catch (BackupException e) when (!IsOfWholeTarget(e.Failure.Kind))
        {
            // Whatever it is: copying meets it as well, or does not.
            return false;
        }
    }

    public string PathOfEntry(string relative) =>
        relative.Length == 0 ? Target.Folder : PathOf.Join(Target.Folder, relative);

    /// <summary>
    /// Runs something that writes to this target. A failure of one file is noted and false returned; a failure of the
    /// whole target ends the job,
    /// since nothing more can be written there and a set without it is not complete.
    /// </summary>
    public bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (BackupException e) when (!IsOfWholeTarget(e.Failure.Kind))
        {
            _log.Add(e.Failure);
            return false;
        }
    }

    /// <summary>Notes the failure of one file.</summary>
    public void Note(Failure failure) => _log.Add(failure);

    /// <summary>Whether the copy at this path has not been touched since the record was written.</summary>
    public static bool StampHolds(ManifestRecord? record, FileEntry? copy) =>
        record != null && copy is { Kind: EntryKind.File } && record.Stamp == TargetStamp.Of(copy);

    /// <summary>
    /// Gives the copy the source's metadata if it has not got it. Returns the copy's entry as it is then.
    /// </summary>
    public FileEntry Align(string relative, FileEntry copy, FileEntry source)
    {
        if (SameMetadata(copy, source))
            return copy;
        var path = PathOfEntry(relative);
        _files.SetMetadata(path, source);
        return Finished(_files, path);
    }

    /// <summary>
    /// As <see cref="Align"/>, for a copy whose content was found right. Without a manifest to say so, the copy's time
    /// of change must, so that the next run need not read it again.
    /// </summary>
    public FileEntry Confirm(string relative, FileEntry copy, FileEntry source)
    {
        if (Manifest == null && SameMetadata(copy, source) && !CopySlot.IsProof(copy, source))
            _files.SetMetadata(PathOfEntry(relative), source);
        return Align(relative, copy, source);
    }

    /// <summary>The entry of a copy that was finished.</summary>
    /// <exception cref="BackupException">Somebody has taken it away meanwhile.</exception>
    public static FileEntry Finished(IFileSystem files, string path) =>
        files.Find(path)
        ?? throw new BackupException(FailureKind.FileMissing, path, "look at the finished copy", "it is gone");

    public void Dispose()
    {
        Base.Dispose();
        Peer?.Dispose();
        Manifest?.Dispose();
    }

    /// <summary>Whether the copy has the source's metadata.</summary>
    public static bool SameMetadata(FileEntry copy, FileEntry source) =>
        copy.Modified == source.Modified
        && copy.Attributes == source.Attributes
        && copy.RawMode == null
        && copy.Owner == source.Owner
        && copy.Group == source.Group
        && (!PathOf.IsWindows || copy.Created == source.Created);

    public static bool IsOfWholeTarget(FailureKind kind) =>
        kind is FailureKind.DiskFull or FailureKind.ReadOnlyVolume or FailureKind.VolumeGone;
}
