using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Data;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>A disk that is mostly holes is copied whole, and the same data without the holes.</summary>
internal sealed class SparseCopy : IWork
{
    private const string Title = "sparse disk";
    private const string Sparse = Stage.Ours;
    private const string Dense = Stage.Ours + ", its data alone";
    private const ulong Seed = 2;
    private const long MostMemory = 200 << 20;

    public string Name => "sparse";

    // The sparse disk and the dense one, and a copy.
    public long Room(BenchOptions options) => DataSize(options) * 3;

    public void Measure(Stage stage)
    {
        var data = DataSize(stage.Options);
        var size = data * 512;
        var sparse = stage.Data.SparseDisk("sparse", size, data, Seed);
        var dense = stage.Data.FullDisk("dense", data, Seed + 1);
        var check = stage.Once(() =>
            RequireSame(stage, sparse.Disk, Copy(stage, sparse), VhdxImage.Stretches(size, data, Seed))
        );
        var all = stage.Measure(
            Title,
            [Contender(stage, Sparse, sparse.Folder, check), Contender(stage, Dense, dense.Folder, () => { })]
        );
        var ours = all[Sparse];
        var what = FormattableString.Invariant(
            $"sparse disk, {size / (double)(1L << 30):0.#} GiB holding {data / (double)(1L << 30):0.##}"
        );
        stage.Findings.Add(Finding.Times(what, ours, all[Dense], 1.3));
        stage.Findings.Add(Finding.Memory(what, ours.IsMeasured ? ours.Samples : [], MostMemory));
        stage.RemoveCopies();
    }

    private static long DataSize(BenchOptions options) =>
        Math.Max(options.Size / 2 / VhdxImage.BlockSize, 1) * VhdxImage.BlockSize;

    private static string Copy(Stage stage, (string Folder, string Disk) source) =>
        Path.Combine(
            HvBackup.SetFolder(Path.Combine(stage.Space.Copies, "sparse"), "SetA"),
            Path.GetFileName(source.Folder),
            Path.GetFileName(source.Disk)
        );

    private static Contender Contender(Stage stage, string name, string source, Action check) =>
        new(name, () => stage.Hv.Backup(source, Path.Combine(stage.Space.Copies, "sparse")))
        {
            Before = () => stage.Space.Fresh("sparse"),
            After = _ => check(),
        };

    // To compare all of it would take longer than to measure it: the data is compared, and the rest by the size on the
    // disk.
    private static void RequireSame(Stage stage, string one, string other, IEnumerable<long> stretches)
    {
        if (new FileInfo(one).Length != new FileInfo(other).Length)
            throw new ChildException("the copy of the sparse disk has another size");
        var (a, b) = (new byte[VhdxImage.Stretch], new byte[VhdxImage.Stretch]);
        using var first = new FileStream(one, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        using var second = new FileStream(other, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        foreach (var at in stretches.Prepend(0))
        {
            first.Position = second.Position = at;
            first.ReadExactly(a);
            second.ReadExactly(b);
            if (!a.AsSpan().SequenceEqual(b))
                throw new ChildException(
                    FormattableString.Invariant($"the copy of the sparse disk differs in the data at byte {at}")
                );
        }

        if (Allocated(stage, other) > Allocated(stage, one) * 3 / 2)
            throw new ChildException("the copy of the sparse disk takes more room than the disk");
    }

    private static long Allocated(Stage stage, string file) =>
        long.Parse(stage.Tools.Must(["stat", "-c", "%b", file]).Output.Trim(), CultureInfo.InvariantCulture) * 512;
}
