using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets;

/// <summary>
/// What an administrator should hear of the virtual disks that were just copied: their copies are faithful, and no
/// better than they are.
/// </summary>
internal static class DiskWarnings
{
    private const int Named = 10;

    /// <summary>The warnings about what was found.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="findings">The disks that are not in order.</param>
    /// <param name="setsBefore">The folders of the set that was complete before, one on each target; none where there
    /// is none.</param>
    public static IEnumerable<string> Of(
        IFileSystem files,
        IReadOnlyList<DiskFinding> findings,
        IReadOnlyList<string> setsBefore
    )
    {
        foreach (
            var disk in findings.Where(disk => disk.Condition is DiskCondition.Damaged or DiskCondition.ChainBroken)
        )
            yield return LiveName(disk) + " was copied as it is, but it is not in order: " + disk.Problem + ".";
        foreach (var disk in findings.Where(disk => disk.Condition == DiskCondition.NotChecked))
            yield return LiveName(disk)
                + " was copied, but whether it is in order could not be told: "
                + disk.Problem
                + ".";
        var none = findings.Where(disk => disk.Condition == DiskCondition.NotADisk).ToList();
        var lost = none.Where(disk => WasADisk(files, disk, setsBefore)).ToList();
        foreach (var disk in lost)
        {
            yield return LiveName(disk)
                + " was a virtual disk in the set before and is none any more"
                + (disk.IsEmpty ? ": it is empty" : "")
                + ". It was copied as it is. Check it on the host at once, before the set that still has it is "
                + "written over.";
        }

        // Files of such names that never were disks are common, and in every run: .vhd is the extension of a language
        // too.
        var strange = none.Except(lost).Where(disk => disk.Trace != null).ToList();
        foreach (var disk in strange.Take(Named))
        {
            yield return LiveName(disk)
                + " has the name of a virtual disk and is none: "
                + disk.Trace
                + ". It was copied as it is. Check it on the host; if it should be so, exclude it or give it another "
                + "name.";
        }

        if (strange.Count > Named)
            yield return "So are "
                + (strange.Count - Named)
                + " more files that have the names of virtual disks and are none, among them "
                + LiveName(strange[Named])
                + ".";
    }

    private static bool WasADisk(IFileSystem files, DiskFinding disk, IEnumerable<string> setsBefore) =>
        setsBefore.Any(set =>
        {
            try
            {
                var path = PathOf.Join(set, disk.File);
                if (files.Find(path) is not { Kind: EntryKind.File })
                    return false;
                using var file = files.OpenRead(path, false);
                using var source = new BlockFileSource(file);
                return DiskChecker.HasSignature(source, disk.File);
            }
            catch (BackupException)
            {
                return false; // What cannot be read now is told by whoever verifies that set.
            }
        });

    private static string LiveName(DiskFinding disk) =>
        PathOf.Join(disk.Source, disk.File.Substring(disk.File.IndexOf('/') + 1));
}
