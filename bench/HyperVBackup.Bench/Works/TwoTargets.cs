using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>A disk is copied to two targets on different file systems.</summary>
internal sealed class TwoTargets : IWork
{
    private const string Title = "one source to two targets";
    private const string Limit = "≤ 1.05 × (one read)";

    // What is not the source's: the file systems' own blocks, and the two sets that are looked for.
    private const double MostReads = 1.05;

    private const double LeastReads = 0.95;
    private static readonly string[] Peers = ["cp", "rsync"];

    public string Name => "two-targets";

    public long Room(BenchOptions options) => options.Size + SecondSize(options);

    public void Measure(Stage stage)
    {
        var why = LoopDisk.WhyNot(stage.Tools);
        if (why != null)
        {
            stage.Missing.Add(Title + ": " + why);
            stage.Findings.Add(new Finding(Title, "–", "the source's size", "–", Limit, Finding.NotMeasured));
            return;
        }

        try
        {
            Measure(stage, LoopDisk.Mount(stage.Tools, stage.Space.Root, SecondSize(stage.Options)));
        }
        finally
        {
            stage.RemoveCopies();
            LoopDisk.Remove(stage.Tools, stage.Space.Root);
        }
    }

    // Two sets take turns, and hvbackup warns of a disk that will not hold both.
    private static long SecondSize(BenchOptions options) => 2 * options.Size + options.Size / 8 + (512L << 20);

    private static void Measure(Stage stage, string second)
    {
        var (source, disk) = stage.FullDisk;
        var one = Path.Combine(stage.Space.Copies, "first");
        var other = Path.Combine(second, "copy");
        void Fresh()
        {
            stage.Space.Fresh("first");
            if (Directory.Exists(other))
                Directory.Delete(other, true);
            Directory.CreateDirectory(other);
        }

        var check = stage.Once(() =>
        {
            foreach (var target in new[] { one, other })
                stage.RequireSame(
                    disk,
                    Path.Combine(HvBackup.SetFolder(target, "SetA"), Path.GetFileName(source), Path.GetFileName(disk))
                );
        });
        var all = stage.Measure(
            Title,
            [
                new Contender(Stage.Ours, () => stage.Hv.Backup(source, one, other))
                {
                    Before = Fresh,
                    After = _ => check(),
                },
                .. Peers.Select(tool => new Contender(
                    tool + " twice",
                    () => stage.Tools.CopyTwice(tool, source, one, other)
                )
                {
                    Before = Fresh,
                    WhyNot = stage.Tools.WhyNot(tool),
                }),
            ]
        );
        stage.Findings.Add(Reads(stage, all[Stage.Ours], new FileInfo(disk).Length));
        foreach (var tool in Peers)
            stage.Findings.Add(Finding.Times(Title, all[Stage.Ours], all[tool + " twice"], null));
    }

    private static Finding Reads(Stage stage, Series ours, long size)
    {
        var none = new Finding(
            Title,
            Finding.Text(ours),
            "the source, " + Finding.MiB(size),
            "–",
            Limit,
            Finding.NotMeasured
        );
        if (!ours.IsMeasured || !Child.CountsIo)
            return none;
        // The program itself comes from the disk too.
        var own = stage.Floor.IsMeasured ? stage.Floor.MedianOf(sample => sample.ReadBytes) : 0;
        var read = ours.MedianOf(sample => sample.ReadBytes) - own;
        if (read < size * LeastReads)
        {
            stage.Missing.Add(
                Title
                    + ", bytes read: of "
                    + Finding.MiB(size)
                    + " only "
                    + Finding.MiB(read)
                    + " came from a disk, the rest from memory"
            );
            return none;
        }

        return none with
        {
            Ours = Finding.MiB(read) + " read",
            Ratio = Finding.Number(read / size),
            Verdict = Finding.Word(read <= size * MostReads),
        };
    }
}
