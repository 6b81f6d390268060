using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;
using HyperVBackup.Host;
using HyperVBackup.Walking;

namespace HyperVBackup.Shadows;

/// <summary>
/// Block clones of the files, in a folder beside the source on the same volume: each file is one instant of itself, no
/// data is copied (XFS, btrfs: ioctl_ficlone(2); ReFS: FSCTL_DUPLICATE_EXTENTS_TO_FILE).
/// </summary>
public sealed class ReflinkProvider : FolderProvider
{
    private ClonedFiles _clones = new();

    /// <summary>A provider with this journal.</summary>
    public ReflinkProvider(IFileSystem files, IShadowJournal journal, IClock clock)
        : base(files, journal, clock) { }

    /// <inheritdoc/>
    public override string Name => "reflink";

    /// <inheritdoc/>
    public override Consistency Consistency => Consistency.File;

    /// <summary>Clones cannot be made of what lies on another volume that is mounted inside.</summary>
    public override IReadOnlyList<string> NotHeld(IReadOnlyList<ShadowSource> sources) =>
        sources
            .SelectMany(source =>
                PosixMounts
                    .Below(source.Path)
                    .Where(mount =>
                        PathOf.TryRelative(source.Path, mount.Path, out var relative)
                        && source.Walks(relative)
                        && mount.Device != PosixMounts.Around(source.Path)?.Device
                    )
                    .Select(mount =>
                        mount.Path
                        + " is a mount point ("
                        + mount.FileSystem
                        + "), and its files cannot be cloned to the volume around it. Name it as a source of its "
                        + "own, or exclude it"
                    )
            )
            .ToList();

    /// <inheritdoc/>
    internal override Failure? Refusal(IReadOnlyList<string> folders, bool tries)
    {
        foreach (var folder in folders)
        {
            var volume = Files.GetVolume(folder);
            if (volume.IsReadOnly)
                return Refused(
                    folder,
                    "it lies on a volume that is mounted read-only, and clones must be written beside it"
                );
            if (!volume.ClonesBlocks)
                return Refused(folder, "it lies on " + Describe(volume) + ", which cannot clone blocks");
            if (tries && WhyNoClone(folder, volume) is { } failure)
                return failure;
        }

        return null;
    }

    private protected override IReadOnlyList<JournalSnapshot> Plan(ShadowRequest request) =>
        EachSource(request, (source, id) => PathOf.Join(PlaceFor(source.Path), TemporaryNames.ShadowFolder(id)));

    private protected override IReadOnlyList<JournalSnapshot> Freeze(
        ShadowRequest request,
        IReadOnlyList<JournalSnapshot> snapshots,
        CancellationToken cancel
    )
    {
        _clones = new ClonedFiles();
        for (var i = 0; i < snapshots.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            Files.CreateFolder(snapshots[i].Root, true);
            CloneFolder(request.Sources[i], snapshots[i].Root, cancel);
        }

        return snapshots;
    }

    private protected override Func<FileEntry, FileEntry?>? LiveOf => _clones.LiveOf;

    private protected override void Thaw(JournalSnapshot snapshot)
    {
        if (TemporaryNames.IsShadow(PathOf.Leaf(snapshot.Root)))
            Trees.Delete(Files, snapshot.Root);
    }

    // Beside the source, unless the source is the root of its volume: clones cannot leave it.
    private string PlaceFor(string source) =>
        PathOf.Parent(source) is { } parent && Files.Find(parent)?.Volume == Files.Find(source)?.Volume
            ? parent
            : source;

    private static string Describe(VolumeInfo volume) =>
        (volume.FileSystem.Length == 0 ? "a file system" : volume.FileSystem) + " (" + volume.Root + ")";

    private static Failure Refused(string folder, string cause) =>
        new(FailureKind.ProviderUnavailable, folder, "clone its files", cause);

    private void CloneFolder(ShadowSource source, string to, CancellationToken cancel) =>
        new March(new FolderTree(Files, source.Path), new WalkRules(source.Filter).RoleOf, cancel)
        {
            OnFolder = (step, walk) =>
                UnlessGone(
                    source,
                    step.Relative,
                    () =>
                    {
                        var copy = PathOf.Join(to, step.Relative);
                        Files.CreateFolder(copy, false);
                        walk();
                        Files.SetMetadata(copy, step.Entry);
                    }
                ),
            OnEntry = step => UnlessGone(source, step.Relative, () => CloneEntry(source, step, to)),
        }.Run();

    private void UnlessGone(ShadowSource source, string relative, Action clone)
    {
        try
        {
            clone();
        }
        catch (BackupException e)
            when (e.Failure.Kind == FailureKind.FileMissing && Files.Find(PathOf.Join(source.Path, relative)) == null)
        {
            // Deleted since its folder was listed: a moment later it would not have been there at all.
        }
    }

    private void CloneEntry(ShadowSource source, MarchStep step, string to)
    {
        var (live, copy) = (PathOf.Join(source.Path, step.Relative), PathOf.Join(to, step.Relative));
        switch (step.Role)
        {
            case EntryRole.Link:
            case EntryRole.MountedVolume:
                Files.CreateLink(copy, step.Entry);
                Files.SetMetadata(copy, step.Entry);
                break;
            case EntryRole.File:
                // Asked before it is cloned: what is written in between has a later time, and costs the next run a
                // look. Asked after, it would be in no copy ever.
                var before = Files.Find(live) ?? step.Entry;
                if (!Files.TryClone(live, copy))
                    throw new BackupException(
                        FailureKind.ProviderUnavailable,
                        live,
                        "clone its blocks",
                        "the file system refuses (another volume mounted inside, or a file that may not share blocks)"
                    );
                Files.SetMetadata(copy, before);
                if (Files.Find(copy) is { } clone)
                    _clones.Add(clone, before);
                break;
            default:
                break; // Sockets and the like hold no data; the mirror would only warn of them.
        }
    }

    // The name of a file system is no proof: XFS clones only if it was made with reflink=1. One empty file tells
    // nothing, so one with a block is tried.
    private Failure? WhyNoClone(string folder, VolumeInfo volume)
    {
        var place = PlaceFor(folder);
        var probe = PathOf.Join(place, TemporaryNames.Next());
        var clone = PathOf.Join(place, TemporaryNames.Next());
        try
        {
            using (var buffer = new AlignedBuffer(AlignedBuffer.Alignment))
            using (var file = Files.Create(probe, false))
                file.Write(0, buffer, 0, buffer.Size);
            return Files.TryClone(probe, clone)
                ? null
                : Refused(folder, Describe(volume) + " cannot clone blocks, though others of its kind can");
        }
        catch (BackupException e)
        {
            return e.Failure with { Target = place, Operation = "make a clone in it" };
        }
        finally
        {
            SmallFiles.TryDelete(Files, probe);
            SmallFiles.TryDelete(Files, clone);
        }
    }
}
