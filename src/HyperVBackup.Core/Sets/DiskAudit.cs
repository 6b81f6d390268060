using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets;

/// <summary>What a virtual disk's structure and chain of parents look like.</summary>
public enum DiskCondition
{
    /// <summary>Nothing is wrong.</summary>
    Intact = 0,

    /// <summary>It has the name of a virtual disk and nothing else of one.</summary>
    NotADisk = 1,

    /// <summary>Its structure is damaged.</summary>
    Damaged = 2,

    /// <summary>A parent of this differencing disk is missing or was changed.</summary>
    ChainBroken = 3,

    /// <summary>
    /// It could not be read when it was to be looked at: whatever is found in its copy may have been so already.
    /// </summary>
    NotChecked = 4,
}

/// <summary>One virtual disk that is not intact.</summary>
public sealed record DiskFinding
{
    /// <summary>The file: the job's folder and the path in it, '/' separated.</summary>
    public required string File { get; init; }

    /// <summary>What it is instead of intact.</summary>
    public required DiskCondition Condition { get; init; }

    /// <summary>What is wrong.</summary>
    public required string Problem { get; init; }

    /// <summary>The live folder it was copied from, while that is known.</summary>
    internal string Source { get; init; } = "";

    /// <summary>Why it could not be read; null where it could.</summary>
    internal Failure? Reason { get; init; }

    /// <summary>What shows that a file which is no virtual disk was one; null: nothing does.</summary>
    internal string? Trace { get; init; }

    /// <summary>Whether the file holds nothing at all, as one does whose disk is yet to be made.</summary>
    internal bool IsEmpty { get; init; }

    /// <summary>The first byte that is wrong, where it can be told.</summary>
    internal long Offset { get; init; }

    /// <summary>How many bytes are wrong; 0: not told.</summary>
    internal long Length { get; init; }
}

/// <summary>One virtual disk to be looked at.</summary>
/// <param name="Name">How it is reported: the job's folder and the path in it, '/' separated.</param>
/// <param name="Path">Where it is read.</param>
/// <param name="Source">The live folder of its job.</param>
internal sealed record DiskToCheck(string Name, string Path, string Source = "");

/// <summary>
/// Looks at the virtual disks of a backup: once when they are copied, so that what was wrong at the source is known,
/// and again when the set is verified,
/// so that what became wrong since is told apart from it.
/// </summary>
internal static class DiskAudit
{
    /// <summary>Checks disks and their chains.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="disks">The disks.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Those that are not intact, or could not be read.</returns>
    public static IReadOnlyList<DiskFinding> Check(
        IFileSystem files,
        IEnumerable<DiskToCheck> disks,
        CancellationToken cancel
    )
    {
        var findings = new List<DiskFinding>();
        var chained = new List<(DiskToCheck Disk, DiskReport Report)>();
        foreach (var disk in disks)
        {
            try
            {
                using var file = files.OpenRead(disk.Path, false);
                using var source = new BlockFileSource(file);
                if (!DiskChecker.HasSignature(source, disk.Name))
                {
                    var none = Finding(
                        disk,
                        DiskCondition.NotADisk,
                        "it has the name of a virtual disk, and nothing else of one"
                    );
                    findings.Add(none with { IsEmpty = source.Length == 0, Trace = DiskTraces.Of(source, cancel) });
                    continue;
                }

                var report = DiskChecker.Check(source, disk.Name, cancel);
                // What has an intact copy in the same file does not keep the disk from opening.
                findings.AddRange(
                    report
                        .Damages.Where(damage => !damage.HasIntactCopy)
                        .Select(damage =>
                            Finding(disk, DiskCondition.Damaged, damage.What) with
                            {
                                Offset = damage.Offset,
                                Length = damage.Length,
                            }
                        )
                );
                chained.Add((disk, report));
            }
            catch (BackupException e)
            {
                cancel.ThrowIfCancellationRequested();
                findings.Add(Finding(disk, DiskCondition.NotChecked, e.Failure.Message) with { Reason = e.Failure });
            }
        }

        if (chained.Count == 0)
            return findings;
        // Jobs on different targets may have folders of one name: the index tells their disks apart.
        var links = DiskChain.Resolve(
            chained.Select(
                (item, i) => (i.ToString("D8", CultureInfo.InvariantCulture) + "/" + item.Disk.Name, item.Report)
            )
        );
        findings.AddRange(
            links
                .Where(link => !link.IsComplete)
                .Select(link =>
                    Finding(
                        chained[int.Parse(link.Path.Substring(0, 8), CultureInfo.InvariantCulture)].Disk,
                        DiskCondition.ChainBroken,
                        Regex.Replace(link.Cause ?? link.Problem.ToString(), @"\b\d{8}/", "")
                    )
                )
        );
        return findings;
    }

    private static DiskFinding Finding(DiskToCheck disk, DiskCondition condition, string problem) =>
        new()
        {
            File = disk.Name,
            Source = disk.Source,
            Condition = condition,
            Problem = problem,
        };
}
