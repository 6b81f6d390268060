using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Data;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>What all works share: the contenders, the test data, and the findings.</summary>
internal sealed class Stage
{
    /// <summary>hvbackup among the contenders.</summary>
    public const string Ours = "hvbackup";

    /// <summary>Reading a file past all caches.</summary>
    public const string ReadDirect = "read direct";

    /// <summary>Copying a file past all caches.</summary>
    public const string CopyDirect = "dd direct";

    public required BenchOptions Options { get; init; }

    public required Workspace Space { get; init; }

    public required Tools Tools { get; init; }

    public required HvBackup Hv { get; init; }

    public required TestData Data { get; init; }

    public required Rounds Rounds { get; init; }

    /// <summary>What a backup takes when there is almost nothing to copy.</summary>
    public required Series Floor { get; init; }

    /// <summary>The table so far.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>The sets of the full disk, for the works that begin with them.</summary>
    public DiskSets Sets => field ??= new DiskSets(this);

    /// <summary>The disk full of data.</summary>
    public (string Folder, string Disk) FullDisk => Data.FullDisk("disk", Options.Size, 1);

    /// <summary>Measures contenders, keeps what hvbackup did, and notes who could not take part.</summary>
    public IReadOnlyDictionary<string, Series> Measure(
        string work,
        IReadOnlyList<Contender> contenders,
        Action? before = null,
        Action? after = null
    )
    {
        var all = Rounds.Measure(work, contenders, before, after);
        foreach (var series in all.Values)
        {
            if (series.Name.StartsWith(Ours, StringComparison.Ordinal))
                Hv.Measured.Add((series.Name == Ours ? work : work + series.Name[Ours.Length..], series));
            if (series.WhyNot != null)
                Missing.Add(work + ", " + series.Name + ": " + series.WhyNot);
        }

        return all;
    }

    /// <summary>A peer that copies a folder to an empty one, which goes when it is measured.</summary>
    public Contender CopyingPeer(string tool, string source) =>
        new(tool, () => Tools.Copy(tool, source, Path.Combine(Space.Copies, tool)))
        {
            WhyNot = Tools.WhyNot(tool),
            Before = () => Space.Fresh(tool),
            After = _ => Space.Remove(tool),
        };

    /// <summary>dd, copying a file to a new one.</summary>
    public Contender CopyingDirect(string file) =>
        new(CopyDirect, () => Tools.CopyDirect(file, Path.Combine(Space.Copies, "dd", "copy")))
        {
            WhyNot = Tools.WhyNot("dd"),
            Before = () => Space.Fresh("dd"),
            After = _ => Space.Remove("dd"),
        };

    /// <summary>dd, reading a file.</summary>
    public Contender ReadingDirect(string file) =>
        new(ReadDirect, () => Tools.ReadDirect(file)) { WhyNot = Tools.WhyNot("dd") };

    /// <summary>
    /// A check that a copy is one: what copies wrongly need not be measured. Done once for each contender, as it takes
    /// its time.
    /// </summary>
    /// <exception cref="ChildException">Thrown by the check when the files differ.</exception>
    public Action Once(Action check)
    {
        var done = false;
        return () =>
        {
            if (!done)
                check();
            done = true;
        };
    }

    /// <summary>Requires two files to be the same.</summary>
    /// <exception cref="ChildException">They are not.</exception>
    public void RequireSame(string one, string other) => Tools.Must(["cmp", one, other]);

    /// <summary>Removes all copies but the sets of the full disk.</summary>
    public void RemoveCopies()
    {
        foreach (var folder in Directory.GetDirectories(Space.Copies).Select(Path.GetFileName))
            if (folder != DiskSets.Name)
                Space.Remove(folder!);
    }
}
