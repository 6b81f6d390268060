using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Shadows.Btrfs;

namespace HyperVBackup.Shadows;

/// <summary>
/// Read-only snapshots of btrfs subvolumes, one for each subvolume that a source lies in: all its files are one
/// instant, as after a power cut. No data is copied.
/// They lie in a folder for their maker only, inside the subvolume they are of, under a name that no backup takes
/// along.
/// </summary>
public sealed class BtrfsProvider : FolderProvider
{
    /// <summary>A provider with this journal.</summary>
    public BtrfsProvider(IFileSystem files, IShadowJournal journal, IClock clock)
        : base(files, journal, clock) { }

    /// <inheritdoc/>
    public override string Name => "btrfs";

    /// <inheritdoc/>
    public override Consistency Consistency => Consistency.Crash;

    /// <inheritdoc/>
    public override IReadOnlyList<string> NotHeld(IReadOnlyList<ShadowSource> sources) => BtrfsGaps.In(sources);

    /// <inheritdoc/>
    internal override Failure? Refusal(IReadOnlyList<string> folders, bool tries)
    {
        try
        {
            foreach (var folder in folders)
            {
                var volume = Files.GetVolume(folder);
                if (volume.FileSystem != "btrfs")
                    return new Failure(
                        FailureKind.ProviderUnavailable,
                        folder,
                        "make a snapshot of its subvolume",
                        "it lies on "
                            + (volume.FileSystem.Length == 0 ? "a file system" : volume.FileSystem)
                            + " ("
                            + volume.Root
                            + "), which has none"
                    );
            }

            foreach (
                var subvolume in folders
                    .Select(BtrfsSource.Locate)
                    .GroupBy(source => (source.Subvolume.FileSystem, source.Subvolume.Id))
            )
                if (tries)
                    BtrfsPlace.For(subvolume.First());
            return null;
        }
        catch (BackupException e)
        {
            return e.Failure;
        }
    }

    private protected override IReadOnlyList<JournalSnapshot> Plan(ShadowRequest request) =>
        request
            .Sources.Select(source => BtrfsSource.Locate(source.Path))
            .GroupBy(source => (source.Subvolume.FileSystem, source.Subvolume.Id))
            .Select(sources => Plan(sources.ToList()))
            .ToList();

    private protected override IReadOnlyList<JournalSnapshot> Freeze(
        ShadowRequest request,
        IReadOnlyList<JournalSnapshot> snapshots,
        CancellationToken cancel
    )
    {
        var ready = new List<BtrfsSnapshot>();
        try
        {
            // All that takes time comes first, so that nothing comes between one snapshot and the next. What is in
            // memory now would be written out by them.
            foreach (var snapshot in snapshots)
                ready.Add(BtrfsSnapshot.Prepare(snapshot));
            foreach (var snapshot in ready)
                snapshot.Flush();
            cancel.ThrowIfCancellationRequested();
            foreach (var snapshot in ready)
                snapshot.Take();
            return ready.Select(snapshot => snapshot.Describe()).ToList();
        }
        finally
        {
            foreach (var snapshot in ready)
                snapshot.Dispose();
        }
    }

    private protected override void Thaw(JournalSnapshot snapshot) => BtrfsSnapshot.Remove(snapshot);

    private static JournalSnapshot Plan(IReadOnlyList<BtrfsSource> sources)
    {
        var id = Guid.NewGuid();
        var first = sources[0];
        var place = PathOf.Join(BtrfsPlace.For(first), TemporaryNames.ShadowFolder(id));
        var root = PathOf.Join(place, BtrfsSnapshot.Leaf);
        return new JournalSnapshot(id, first.Root, root)
        {
            Aliases = sources
                .Where(source => source.Mount != first.Root)
                .GroupBy(source => source.Mount, StringComparer.Ordinal)
                .Select(mount => new ShadowAlias(
                    mount.Key,
                    mount.First().Below.Length == 0 ? root : PathOf.Join(root, mount.First().Below)
                ))
                .ToArray(),
            FileSystem = first.Subvolume.FileSystem,
            Origin = first.Subvolume.Uuid,
        };
    }
}
