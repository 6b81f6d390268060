using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Manifests;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// Large files whose source nobody has touched since it was copied: it is not even opened, and a manifest's block list
/// is taken over as it is.
/// </summary>
internal static class UnreadSource
{
    /// <summary>
    /// Makes the file a clone of the one in the newest complete set, which is what the source is. False: that cannot be
    /// had.
    /// </summary>
    /// <exception cref="BackupException">The target cannot be written.</exception>
    public static bool TryShare(TargetFile file)
    {
        var origin = file.Slot.Lane.Peer!;
        if (origin.Manifest.BlocksOf(file.Slot.Peer!.Known) is not { } known || !file.TryCloneNewest())
            return false;
        try
        {
            TakeBlocksOver(file.Slot.Lane.Manifest!, known);
            return true;
        }
        catch (BackupException e) when (e.Failure.Kind is FailureKind.StateDamaged or FailureKind.IoError)
        {
            origin.Manifest.Distrust(e.Failure);
            file.DropClone();
            return false;
        }
    }

    /// <summary>Keeps the copy that stands there as it is, but for the source's metadata.</summary>
    /// <exception cref="BackupException">The target cannot be written, or its last manifest is damaged.</exception>
    public static void Keep(FileTask task, CopySlot slot)
    {
        var copy = slot.Lane.Align(task.Relative, slot.Copy!, task.Source);
        slot.Lane.Tally.CountFile(task.Source.Size, false);
        if (slot.Lane.Manifest == null)
            return;
        TakeBlocksOver(
            slot.Lane.Manifest,
            slot.Lane.Base.BlocksOf(slot.Known!)
                ?? throw ManifestFormat.Damaged(slot.Lane.PathOfEntry(task.Relative), "it was given up while in use")
        );
        slot.Record = task.RecordOf(copy);
    }

    private static void TakeBlocksOver(ManifestWriter manifest, BlockListReader known)
    {
        var encoder = manifest.BeginBlocks();
        var hash = new byte[Blocks.HashSize];
        while (known.Left > 0)
        {
            if (known.ZeroesAhead() is var zeroes && zeroes > 0)
            {
                known.SkipZeroes(zeroes);
                encoder.AddZeroes(zeroes);
            }
            else
            {
                known.Next(hash, 0);
                encoder.AddHash(hash, 0);
            }
        }

        encoder.Finish();
    }
}
