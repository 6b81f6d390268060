using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Runs;

/// <summary>What the sets of a plan cost on a target. Plain data.</summary>
public sealed record SetCost
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// Whether sets share their blocks there: then a further set costs what changed since the last, otherwise a full
    /// copy.
    /// </summary>
    public bool SharesBlocks { get; init; }

    /// <summary>The most sets that are ever there at once, the one that is written among them.</summary>
    public int SetsAtMost { get; init; }

    /// <summary>Complete sets of the plan that are there now.</summary>
    public int SetsNow { get; init; }

    /// <summary>Bytes of one full copy, by the newest complete set; null while there is none.</summary>
    public long? BytesPerSet { get; init; }

    /// <summary>
    /// Bytes that the sets which are still to come need; null where it depends on what will change, or is not known
    /// yet.
    /// </summary>
    public long? BytesToCome =>
        SharesBlocks || BytesPerSet == null ? null : Math.Max(0, SetsAtMost - SetsNow) * BytesPerSet;

    /// <summary>Bytes free on the target's volume; the greatest number where that is not known.</summary>
    public long FreeBytes { get; init; }

    /// <summary>
    /// Why the target will not hold them all, in a sentence; null when it will, or when that is not known.
    /// </summary>
    public string? Problem =>
        BytesToCome is not { } bytes || bytes <= FreeBytes
            ? null
            : Target
                + " will not hold the sets of the plan: each is a full copy of "
                + HumanText.Size(BytesPerSet ?? 0)
                + " there, since blocks are not shared. Of up to "
                + SetsAtMost
                + " sets "
                + SetsNow
                + (SetsNow == 1 ? " is" : " are")
                + " there; the others need "
                + HumanText.Size(bytes)
                + ", and "
                + HumanText.Size(FreeBytes)
                + " are free. Keep fewer sets, or use a target that clones blocks (ReFS, XFS, btrfs).";

    /// <summary>Looks at a target, touching nothing.</summary>
    /// <param name="plan">The plan, with its links resolved.</param>
    /// <param name="target">The target.</param>
    /// <param name="found">The sets found there.</param>
    /// <param name="files">The file system.</param>
    /// <param name="host">This host.</param>
    public static SetCost Of(
        BackupPlan plan,
        string target,
        IReadOnlyList<SetInfo> found,
        IFileSystem files,
        string host
    )
    {
        var volume = files.GetVolume(target);
        var complete = found
            .Where(set =>
                set.State == SetCondition.Complete
                && plan.Mine(set.Set)
                && (plan.Keep == null || SetOwnership.Owns(plan, set, host))
            )
            .ToList();
        var newest = complete.OrderByDescending(set => set.Sequence).FirstOrDefault();
        var cost = new SetCost
        {
            Target = target,
            SharesBlocks = plan.ShareBlocks && volume.ClonesBlocks,
            SetsAtMost = plan.Keep?.SetsAtMost ?? plan.Sets.Count,
            SetsNow = complete.Count,
            BytesPerSet = newest?.Bytes,
            FreeBytes = volume.KnowsRoom ? volume.FreeBytes : long.MaxValue,
        };
        return newest == null ? cost : cost.Weighed(files, newest.Path);
    }

    /// <summary>
    /// Counts what a set takes on the disk where its size alone would be too much: a disk of 1 TiB that holds 2 GiB
    /// takes 2. Looks at every file then, and at none otherwise.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="setFolder">The newest set.</param>
    public SetCost Weighed(IFileSystem files, string setFolder)
    {
        if (Problem == null)
            return this;
        var allocated = Trees
            .Walk(files, setFolder, Comparer<string>.Create(string.CompareOrdinal))
            .Sum(found => found.Entry.Kind == EntryKind.File ? found.Entry.AllocatedBytes : 0);
        return this with { BytesPerSet = Math.Min(BytesPerSet!.Value, allocated) };
    }
}
