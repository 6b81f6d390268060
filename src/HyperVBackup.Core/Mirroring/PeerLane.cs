using System;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Walking;

namespace HyperVBackup.Mirroring;

/// <summary>
/// The same folder in the newest complete set of a target: new files begin as clones of its files, so that a set costs
/// what changed since the last run.
/// </summary>
internal sealed record PeerFolder
{
    /// <summary>The folder. It is only read.</summary>
    public required string Folder { get; init; }

    /// <summary>Its manifest.</summary>
    public required string Manifest { get; init; }

    /// <summary>The run that wrote the manifest.</summary>
    public required Guid Run { get; init; }

    /// <summary>
    /// Whether the hashes in its manifest are taken for what a clone holds. If not, clones are compared with the
    /// source: a run that follows one which failed must
    /// not fail in the same way again, because a block has rotted that both sets share.
    /// </summary>
    public bool IsBelieved { get; init; }

    /// <summary>
    /// Whether the set that is written came to be by clones of this one's forerunners: then files that are the same in
    /// both share their blocks already.
    /// </summary>
    public bool IsInStep { get; init; }
}

/// <summary>A file of the newest complete set.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="Known">What its manifest says of it; nobody has touched it since.</param>
internal sealed record PeerCopy(string Path, FileEntry Entry, ManifestRecord Known);

/// <summary>Finds and clones the files of a <see cref="PeerFolder"/> while its folder is mirrored.</summary>
internal sealed class PeerLane : IDisposable
{
    private readonly IFileSystem _files;
    private readonly PeerFolder _peer;
    private readonly FailureLog _log;
    private readonly BaseCursor _manifest;
    private readonly ulong _volume;
    private readonly bool _rootIsReal;
    private string _folder = "";
    private bool _isReal;

    public PeerLane(IFileSystem files, PeerFolder peer, FailureLog log)
    {
        _files = files;
        _peer = peer;
        _log = log;
        var root = Look(peer.Folder);
        _volume = root?.Volume ?? 0;
        _isReal = _rootIsReal = root is { Kind: EntryKind.Folder };
        // Last: what fails before it leaves no file open.
        _manifest = new BaseCursor(files, peer.Manifest, peer.Run, new WalkOrder(files.IgnoresCase), log);
    }

    /// <summary>As <see cref="PeerFolder.IsBelieved"/>.</summary>
    public bool IsBelieved => _peer.IsBelieved;

    /// <summary>As <see cref="PeerFolder.IsInStep"/>.</summary>
    public bool IsInStep => _peer.IsInStep;

    /// <summary>The manifest, for block lists.</summary>
    public BaseCursor Manifest => _manifest;

    /// <summary>
    /// The file at a path, if it is as its manifest says and of use to the slot. Paths must be asked for in the order
    /// of the walk.
    /// </summary>
    public PeerCopy? Find(string relative, FileEntry source, CopySlot slot)
    {
        if (source.Size == 0 || (IsInStep && slot.CanSkip(source)))
            return null;
        if (_manifest.Find(relative) is not { Entry.Kind: EntryKind.File } known || !IsRealFolder(FolderOf(relative)))
            return null;
        var path = PathOf.Join(_peer.Folder, relative);
        return Look(path) is { } entry && TargetLane.StampHolds(known, entry) ? new PeerCopy(path, entry, known) : null;
    }

    /// <summary>
    /// Makes a new file that shares all blocks of the peer's. False, and no file: it must be written instead.
    /// </summary>
    /// <exception cref="BackupException">The target is full, read-only or gone.</exception>
    public bool TryClone(PeerCopy from, string to)
    {
        try
        {
            return _files.TryClone(from.Path, to);
        }
        catch (BackupException e) when (!TargetLane.IsOfWholeTarget(e.Failure.Kind))
        {
            // Writing it says what is in the way; it is not ours to delete.
            if (e.Failure.Kind == FailureKind.DestinationExists)
                return false;
            SmallFiles.TryDelete(_files, to);
            _log.Warn(
                from.Path
                    + " could not be cloned ("
                    + e.Failure.Cause
                    + "), so its blocks are not shared. Check the disk."
            );
            return false;
        }
    }

    /// <summary>Notes that a file of the newest complete set does not hold what its manifest says.</summary>
    public void Doubt(PeerCopy file, string why) =>
        _log.Warn(
            file.Path
                + " "
                + why
                + ". The new copy was compared with the source from end to end and is right; verify the set that "
                + "holds that file."
        );

    public void Dispose() => _manifest.Dispose();

    private static string FolderOf(string relative) =>
        relative.LastIndexOf('/') is var slash && slash < 0 ? "" : relative.Substring(0, slash);

    // No link on the way: behind one may lie anybody's files. The walk stays in one folder for long, so one answer is
    // remembered.
    private bool IsRealFolder(string folder)
    {
        if (folder.Length == 0)
            return _rootIsReal;
        if (folder == _folder)
            return _isReal;
        var isReal =
            IsRealFolder(FolderOf(folder))
            && Look(PathOf.Join(_peer.Folder, folder)) is { Kind: EntryKind.Folder } entry
            && entry.Volume == _volume;
        (_folder, _isReal) = (folder, isReal);
        return isReal;
    }

    private FileEntry? Look(string path)
    {
        try
        {
            return _files.Find(path);
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            _log.Warn(
                path
                    + " could not be looked up ("
                    + e.Failure.Cause
                    + "), so its blocks are not shared. Check the disk."
            );
            return null;
        }
    }
}
