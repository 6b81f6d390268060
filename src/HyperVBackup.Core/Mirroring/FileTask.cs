using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;

namespace HyperVBackup.Mirroring;

/// <summary>One source file and what each target holds in its place.</summary>
internal sealed class FileTask
{
    private readonly SourceStamps _stamps;

    public FileTask(
        FolderVisit folder,
        string relative,
        string path,
        string livePath,
        FileEntry source,
        SourceStamps stamps,
        IReadOnlyList<CopySlot> slots
    )
    {
        _stamps = stamps;
        LivePath = livePath;
        Folder = folder;
        Relative = relative;
        Path = path;
        Source = source;
        Slots = slots;
    }

    /// <summary>The folder it lies in.</summary>
    public FolderVisit Folder { get; }

    /// <summary>Below the job's source.</summary>
    public string Relative { get; }

    /// <summary>Where it is read.</summary>
    public string Path { get; }

    /// <summary>How messages name it: people do not know the paths inside shadow copies.</summary>
    public string LivePath { get; }

    /// <summary>The source's metadata: of the listing first, then of the opened file.</summary>
    public FileEntry Source { get; private set; }

    public IReadOnlyList<CopySlot> Slots { get; }

    /// <summary>Takes over what the opened file says of itself.</summary>
    public void Opened(FileEntry now) => Source = _stamps.Of(now with { Name = Source.Name }, Path, null);

    /// <summary>
    /// What an open source file is now: of one that is being written to at this very moment, as soon as the next change
    /// would show in its times.
    /// </summary>
    public static FileEntry Look(IBlockFile source, CancellationToken cancel)
    {
        var entry = source.Stat();
        return FileClock.WaitOut(entry.Changed, cancel) ? source.Stat() : entry;
    }

    /// <summary>Whether two looks at a source file show one state of it.</summary>
    public static bool IsUnchanged(FileEntry before, FileEntry after) =>
        before.Size == after.Size && before.Modified == after.Modified && before.Changed == after.Changed;

    /// <summary>The record of a finished copy whose block list was written before it.</summary>
    public ManifestRecord RecordOf(FileEntry copy) =>
        new(Relative, Source) { Stamp = TargetStamp.Of(copy), BlocksAt = ManifestWriter.BlocksPrecede };

    public BackupException Changed() => new(FailureKind.SourceChanged, Path, "copy", "it changed while it was read");
}

/// <summary>One target's place for one file.</summary>
internal sealed class CopySlot
{
    public CopySlot(TargetLane lane, FileEntry? copy, ManifestRecord? known)
    {
        Lane = lane;
        Copy = copy;
        Known = known;
    }

    public TargetLane Lane { get; }

    /// <summary>What is there now.</summary>
    public FileEntry? Copy { get; }

    /// <summary>What the manifest of the last complete run says, if it still holds for what is there.</summary>
    public ManifestRecord? Known { get; }

    /// <summary>
    /// The file in the newest complete set, to share its blocks; null where there is none, or where what stands here
    /// shares them already.
    /// </summary>
    public PeerCopy? Peer { get; set; }

    /// <summary>
    /// Whether the file in the newest complete set is what this slot must get, because nobody has touched the source
    /// since.
    /// </summary>
    public bool CanShare(FileEntry source) =>
        Peer != null
        && Lane.Peer!.IsBelieved
        && !ContentKinds.ContentDecides(source.Name)
        && SourceStamps.AreSame(Peer.Known.Entry, source);

    /// <summary>The record for the new manifest, once the copy is finished.</summary>
    public ManifestRecord? Record { get; set; }

    /// <summary>A finished copy that has not got its name yet.</summary>
    public string? Temporary { get; set; }

    /// <summary>
    /// Whether what is there is a virtual disk that Hyper-V would refuse as sparse, and so is to be written.
    /// </summary>
    public bool IsMarkedSparse { get; set; }

    /// <summary>
    /// Whether this slot needs nothing, because nobody has touched the source since it was last copied. Without a
    /// manifest the copy itself must show it: it was finished
    /// after the source was last changed in any way.
    /// </summary>
    public bool CanSkip(FileEntry source) =>
        !IsMarkedSparse
        && !ContentKinds.ContentDecides(source.Name)
        && (
            Lane.Manifest != null
                ? Known != null && SourceStamps.AreSame(Known.Entry, source)
                : Copy is { Kind: EntryKind.File }
                    && Copy.Size == source.Size
                    && Copy.Modified == source.Modified
                    && IsProof(Copy, source)
        );

    /// <summary>
    /// Whether it needs nothing, its copy has the source's metadata too, and there is nothing to share either.
    /// </summary>
    public bool IsCurrent(FileEntry source) =>
        !CanShare(source) && CanSkip(source) && TargetLane.SameMetadata(Copy!, source);

    /// <summary>
    /// Whether the copy's own time of change shows that it is younger than all that was done to the source.
    /// </summary>
    public static bool IsProof(FileEntry copy, FileEntry source) =>
        source.FileId != 0 && FileClock.IsOlder(source.Changed, copy.Changed);

    /// <summary>The record of a small file whose content is that of the last manifest.</summary>
    public ManifestRecord KnownRecord(string relative, FileEntry source, FileEntry copy) =>
        new(relative, source) { Stamp = TargetStamp.Of(copy), InlineBlocks = Known!.InlineBlocks };
}

/// <summary>A folder on the way of the walk.</summary>
internal sealed class FolderVisit
{
    /// <summary>Whether something in it could not be read: then nothing is deleted in its copies.</summary>
    public bool HadReadError { get; set; }

    /// <summary>
    /// The names in the source's folder that are copied; counted out only where a target takes names for one.
    /// </summary>
    public Lazy<HashSet<string>>? SourceNames { get; set; }
}
