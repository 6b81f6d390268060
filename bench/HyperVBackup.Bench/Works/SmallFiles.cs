using System.IO;
using System.Linq;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>A folder of small files is copied whole, then again unchanged, and restored.</summary>
internal sealed class SmallFiles : IWork
{
    private static readonly string[] Peers = ["rsync", "cp"];

    public string Name => "small";

    // The files, two sets of them and a copy, each file with its last block half empty.
    public long Room(BenchOptions options) => options.Files * 36L * 1024 * 4;

    public void Measure(Stage stage)
    {
        var source = stage.Data.SmallFiles("small", stage.Options.Files, 4);
        var what = stage.Options.Files + " small files";
        Full(stage, what + ", full", source);
        Unchanged(stage, what + ", unchanged", source);
        Restored(stage, what + ", restored", source);
        stage.RemoveCopies();
    }

    private static void Full(Stage stage, string title, string source)
    {
        var target = Path.Combine(stage.Space.Copies, "ours");
        var check = stage.Once(() =>
            stage.Tools.Must([
                "diff",
                "-r",
                source,
                Path.Combine(HvBackup.SetFolder(target, "SetA"), Path.GetFileName(source)),
            ])
        );
        var ours = new Contender(Stage.Ours, () => stage.Hv.Backup(source, target))
        {
            Before = () => stage.Space.Fresh("ours"),
            After = _ => check(),
        };
        var all = stage.Measure(title, [ours, .. Peers.Select(tool => stage.CopyingPeer(tool, source))]);
        stage.Findings.Add(Finding.Times(title, all[Stage.Ours], all["rsync"], 1));
        stage.Findings.Add(Finding.Times(title, all[Stage.Ours], all["cp"], null));
    }

    private static void Unchanged(Stage stage, string title, string source)
    {
        var target = stage.Space.Fresh("ours");
        for (var set = 0; set < 2; set++)
            stage.Hv.Backup(source, target);
        var copy = stage.Space.Fresh("rsync");
        if (stage.Tools.WhyNot("rsync") == null)
            stage.Tools.Copy("rsync", source, copy);
        var all = stage.Measure(
            title,
            [
                new Contender(Stage.Ours, () => stage.Hv.Backup(source, target)),
                new Contender("rsync", () => stage.Tools.Copy("rsync", source, copy))
                {
                    WhyNot = stage.Tools.WhyNot("rsync"),
                },
            ]
        );
        stage.Findings.Add(Finding.Times(title, all[Stage.Ours], all["rsync"], 0.7));
    }

    // For information: restoring is held to its limit by the disk.
    private static void Restored(Stage stage, string title, string source)
    {
        var target = stage.Space.Fresh("ours");
        stage.Hv.Backup(source, target);
        var folder = Path.Combine(stage.Space.Copies, "restored");
        var check = stage.Once(() =>
            stage.Tools.Must(["diff", "-r", source, Path.Combine(folder, Path.GetFileName(source))])
        );
        var ours = new Contender(Stage.Ours, () => stage.Hv.Restore(target, DiskSets.Set, folder))
        {
            Before = () => stage.Space.Fresh("restored"),
            After = _ => check(),
        };
        var all = stage.Measure(title, [ours, stage.CopyingPeer("rsync", source)]);
        stage.Findings.Add(Finding.Times(title, all[Stage.Ours], all["rsync"], null));
    }
}
