using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets;

/// <summary>Whether a restore will find room: better known before the first byte than after hours.</summary>
internal static class RestoreSpace
{
    /// <summary>Makes sure that the destination has room for what is to be restored and not there yet.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="request">What is restored.</param>
    /// <param name="destination">The folder it is restored to; it is there.</param>
    /// <param name="jobs">The folders of the set that are looked through.</param>
    /// <param name="filter">Which files of them.</param>
    /// <param name="begunAs">
    /// The path of what an interrupted restore has of a file, by the file's path below the destination.
    /// </param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="BackupException">There is not enough room.</exception>
    public static void Require(
        IFileSystem files,
        RestoreRequest request,
        string destination,
        IReadOnlyList<SetJob> jobs,
        RestoreFilter filter,
        Func<string, string> begunAs,
        CancellationToken cancel
    )
    {
        VolumeInfo volume;
        try
        {
            volume = files.GetVolume(destination);
        }
        catch (BackupException)
        {
            return; // Then nobody knows, and writing will tell.
        }

        // Where a file system compresses, or does not know how much it has, it cannot be told.
        if (
            volume.TotalBytes <= 0
            || volume.FileSystem is "btrfs" or "zfs" or "bcachefs"
            || volume.FreeBytes >= jobs.Sum(job => job.Bytes)
        )
            return;
        var needed = jobs.Sum(job =>
            NeededFor(files, request, destination, job, filter, begunAs, volume.MarksSparse, cancel)
        );
        if (needed <= volume.FreeBytes)
            return;
        throw new BackupException(
            new Failure(
                FailureKind.DiskFull,
                destination,
                "restore to it",
                "what is to be restored needs " + MiB(needed) + ", and " + MiB(volume.FreeBytes) + " are free"
            )
            {
                Advice =
                    "Free space there, restore to another volume, or choose files with --path (-Include). Nothing "
                    + "was restored.",
            }
        );
    }

    // What the set's own file takes on its disk, at the most: holes stay holes, but for virtual disks where these must
    // not have any.
    private static long NeededFor(
        IFileSystem files,
        RestoreRequest request,
        string destination,
        SetJob job,
        RestoreFilter filter,
        Func<string, string> begunAs,
        bool fillsHoles,
        CancellationToken cancel
    )
    {
        long needed = 0;
        try
        {
            using var reader = SetManifest.Open(files, request.Set.Path, request.Set.Content!, job, cancel);
            foreach (var record in reader.All())
            {
                cancel.ThrowIfCancellationRequested();
                if (record.Entry.Kind != EntryKind.File || !filter.Takes(job.Folder, record.Path))
                    continue;
                var relative = job.Folder + "/" + record.Path;
                if (
                    files.Find(PathOf.Join(destination, relative)) is { Kind: EntryKind.File } there
                    && there.Size == record.Entry.Size
                    && !HasHolesToFill(there)
                )
                    continue;
                var inSet = files.Find(PathOf.Join(PathOf.Join(request.Set.Path, job.Folder), record.Path));
                var begun = files.Find(begunAs(relative))?.AllocatedBytes ?? 0;
                var isWhole = fillsHoles && ContentKinds.IsAttached(record.Entry.Name);
                var most = isWhole ? long.MaxValue : inSet?.AllocatedBytes ?? 0;
                needed += Math.Max(0, Math.Min(record.Entry.Size, most) - begun);
            }
        }
        catch (BackupException)
        {
            // The restore itself says what is wrong with the folder.
        }

        return needed;

        bool HasHolesToFill(FileEntry there) =>
            fillsHoles && ContentKinds.IsAttached(there.Name) && there.AllocatedBytes < there.Size;
    }

    private static string MiB(long bytes) => (bytes + 1024 * 1024 - 1) / (1024 * 1024) + " MiB";
}
