using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Manifests;

/// <summary>
/// What of a source file can show, in a later run, that nobody has touched it since: which file it is (inode, NTFS file
/// id) and when it was last changed in any way
/// (ctime, ChangeTime), which programs cannot set back as they can the time of modification. Where these are not to be
/// relied on, the entry is given back without
/// them, and content decides.
/// </summary>
internal sealed class SourceStamps
{
    // Others make numbers up anew at each mount (FUSE, exFAT, SMB), keep no time of change (FAT), or do not move it
    // when a mapped page is written (tmpfs).
    private static readonly HashSet<string> Reliable = new(StringComparer.OrdinalIgnoreCase)
    {
        "ext2",
        "ext3",
        "ext4",
        "xfs",
        "btrfs",
        "bcachefs",
        "f2fs",
        "jfs",
        "nilfs2",
        "zfs",
        "overlay",
        "ntfs3",
        "NTFS",
        "ReFS",
        "CSVFS",
        "memory",
    };

    private readonly IFileSystem _files;
    private readonly Func<FileEntry, FileEntry?>? _liveOf;
    private readonly FileTime _frozen;
    private readonly FileTime _frozenSecond;
    private readonly ConcurrentDictionary<ulong, bool> _volumes = new();

    /// <summary>The stamps of one job.</summary>
    /// <param name="files">The file system of its source.</param>
    /// <param name="frozen">An instant before its source was frozen, or before it was first looked at where nothing
    /// freezes it, UTC.</param>
    /// <param name="liveOf">For sources that are read as clones: a clone's entry with the identity of the file that was
    /// cloned, from before it was; null when that is not known.</param>
    public SourceStamps(IFileSystem files, DateTime frozen, Func<FileEntry, FileEntry?>? liveOf)
    {
        _files = files;
        _liveOf = liveOf;
        _frozen = FileTime.FromDateTime(frozen - FileClock.Tick);
        _frozenSecond = FileTime.FromDateTime(frozen - FileClock.WholeSeconds);
    }

    /// <summary>The entry with what can be believed of it.</summary>
    /// <param name="entry">An entry of the source.</param>
    /// <param name="source">The job's source and ...</param>
    /// <param name="relative">... the path below it, to find out about its volume; null where another entry of the
    /// volume has been asked for before.</param>
    public FileEntry Of(FileEntry entry, string source, string? relative)
    {
        var live = _liveOf == null ? entry : _liveOf(entry);
        if (live == null || live.FileId == 0 || live.Changed == default || !IsReliable(entry.Volume, source, relative))
            return Without(entry);
        // A change within the same tick of the file system's clock as the one before it moves no time.
        if (live.Changed >= (live.Changed.Nanoseconds == 0 ? _frozenSecond : _frozen))
            return Without(entry);
        return live;
    }

    /// <summary>Whether a file is the one that was recorded, and nobody has touched it since.</summary>
    public static bool AreSame(FileEntry known, FileEntry source) =>
        source.FileId != 0
        && known.FileId == source.FileId
        && known.Changed == source.Changed
        && known.Size == source.Size
        && known.Modified == source.Modified;

    /// <summary>Whether the times of a file system tell of every change.</summary>
    public static bool IsReliable(VolumeInfo volume) => Reliable.Contains(volume.FileSystem);

    private static FileEntry Without(FileEntry entry) => entry with { FileId = 0, Changed = default };

    private bool IsReliable(ulong volume, string source, string? relative)
    {
        if (_volumes.TryGetValue(volume, out var known))
            return known;
        return relative != null && (_volumes[volume] = Ask(PathOf.Join(source, relative)));
    }

    private bool Ask(string path)
    {
        try
        {
            return IsReliable(_files.GetVolume(path));
        }
        catch (BackupException)
        {
            // A shadow copy's device, which is not asked like a volume: VSS makes them of NTFS and ReFS alone.
            return PathOf.IsDevicePath(path);
        }
    }
}
