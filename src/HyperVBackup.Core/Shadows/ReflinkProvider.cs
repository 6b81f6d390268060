using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;

namespace HyperVBackup.Shadows;

/// <summary>
/// Block clones of the files, in a folder beside the source on the same volume: each file is one instant of itself, no data is copied
/// (XFS, btrfs: ioctl_ficlone(2); ReFS: FSCTL_DUPLICATE_EXTENTS_TO_FILE).
/// </summary>
public sealed class ReflinkProvider : FolderProvider
{
    /// <summary>A provider with this journal.</summary>
    public ReflinkProvider(IFileSystem files, IShadowJournal journal, IClock clock)
        : base(files, journal, clock)
    {
    }

    /// <inheritdoc/>
    public override string Name => "reflink";

    /// <inheritdoc/>
    public override Consistency Consistency => Consistency.File;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<string> folders) => WhyNot(folders, true);

    /// <summary>Whether it can freeze these folders: null, or why not.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="tries">Whether a small file is cloned beside each for proof; otherwise what is known of the volume must do.</param>
    internal string? WhyNot(IReadOnlyList<string> folders, bool tries)
    {
        foreach (var folder in folders)
        {
            var volume = Files.GetVolume(folder);
            if (volume.IsReadOnly) return folder + " lies on a volume that is mounted read-only, and clones must be written beside it";
            if (!volume.ClonesBlocks || (tries && !CanClone(folder))) return folder + " lies on " + (volume.FileSystem.Length == 0 ? "a file system" : volume.FileSystem) + " (" + volume.Root + "), which cannot clone blocks";
        }

        return null;
    }

    private protected override string PlaceFor(ShadowSource source, Guid shadow)
    {
        var name = TemporaryNames.ShadowPrefix + shadow.ToString("N").Substring(0, 16);
        // Beside the source, unless the source is the root of its volume: clones cannot leave it.
        var parent = PathOf.Parent(source.Path);
        var outside = parent != null && Files.Find(parent)?.Volume == Files.Find(source.Path)?.Volume;
        return PathOf.Join(outside ? parent! : source.Path, name);
    }

    private protected override void Freeze(ShadowSource source, string place, CancellationToken cancel)
    {
        Files.CreateFolder(place, true);
        CloneFolder(source, "", place, cancel);
    }

    private protected override void Thaw(string volume, string place)
    {
        if (PathOf.Leaf(place).StartsWith(TemporaryNames.ShadowPrefix, StringComparison.Ordinal)) Trees.Delete(Files, place);
    }

    private void CloneFolder(ShadowSource source, string relative, string to, CancellationToken cancel)
    {
        var from = relative.Length == 0 ? source.Path : PathOf.Join(source.Path, relative);
        foreach (var entry in Files.List(from))
        {
            cancel.ThrowIfCancellationRequested();
            var path = relative.Length == 0 ? entry.Name : relative + "/" + entry.Name;
            var copy = PathOf.Join(to, path);
            if (TemporaryNames.IsScaffolding(entry.Name)) continue;
            if (entry.Kind == EntryKind.Folder ? !source.Filter.TakesFolder(path) : !source.Filter.TakesFile(path)) continue;
            try
            {
                CloneEntry(source, entry, path, copy, to, cancel);
            }
            catch (BackupException e) when (e.Failure.Kind == FailureKind.FileMissing && Files.Find(PathOf.Join(source.Path, path)) == null)
            {
                // Deleted since its folder was listed: a moment later it would not have been there at all.
            }
        }
    }

    private void CloneEntry(ShadowSource source, FileEntry entry, string path, string copy, string to, CancellationToken cancel)
    {
        var live = PathOf.Join(source.Path, path);
        switch (entry.Kind)
        {
            case EntryKind.Folder:
                Files.CreateFolder(copy, false);
                CloneFolder(source, path, to, cancel);
                Files.SetMetadata(copy, entry);
                break;
            case EntryKind.Link:
                Files.CreateLink(copy, entry);
                Files.SetMetadata(copy, entry);
                break;
            case EntryKind.File:
                if (!Files.TryClone(live, copy)) throw new BackupException(FailureKind.ProviderUnavailable, live, "clone its blocks", "the file system refuses (another volume mounted inside, or a file that may not share blocks)");
                // Asked again, so that the times fit the content: the file may have grown since it was listed.
                Files.SetMetadata(copy, Files.Find(live) ?? entry);
                break;
            default:
                break; // Sockets and the like hold no data; the mirror would only warn of them.
        }
    }

    // The name of a file system is no proof: XFS clones only if it was made with reflink=1. One empty file tells nothing, so one with a block is tried.
    private bool CanClone(string folder)
    {
        var parent = PathOf.Parent(folder);
        var place = parent != null && Files.Find(parent)?.Volume == Files.Find(folder)?.Volume ? parent : folder;
        var probe = PathOf.Join(place, TemporaryNames.Next());
        var clone = PathOf.Join(place, TemporaryNames.Next());
        try
        {
            using (var buffer = new AlignedBuffer(AlignedBuffer.Alignment))
            using (var file = Files.Create(probe, false)) file.Write(0, buffer, 0, buffer.Size);
            return Files.TryClone(probe, clone);
        }
        catch (BackupException)
        {
            return false;
        }
        finally
        {
            SmallFiles.TryDelete(Files, probe);
            SmallFiles.TryDelete(Files, clone);
        }
    }
}
