using System.IO;
using System.Linq;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>A disk is copied whole, to where nothing is.</summary>
internal sealed class FullCopy : IWork
{
    private const string Title = "full copy";

    public string Name => "full";

    public long Room(BenchOptions options) => options.Size;

    public void Measure(Stage stage)
    {
        var (source, disk) = stage.FullDisk;
        var copy = Path.Combine(
            HvBackup.SetFolder(Path.Combine(stage.Space.Copies, "ours"), "SetA"),
            Path.GetFileName(source),
            Path.GetFileName(disk)
        );
        var check = stage.Once(() => stage.RequireSame(disk, copy));
        var ours = new Contender(Stage.Ours, () => stage.Hv.Backup(source, Path.Combine(stage.Space.Copies, "ours")))
        {
            Before = () => stage.Space.Fresh("ours"),
            After = _ =>
            {
                check();
                stage.Space.Remove("ours");
            },
        };
        var all = stage.Measure(
            Title,
            [ours, .. Tools.Peers.Select(tool => stage.CopyingPeer(tool, source)), stage.CopyingDirect(disk)]
        );
        stage.Findings.AddRange(
            Finding.Peers(Title, all[Stage.Ours], Tools.Peers.Select(tool => all[tool]).ToList(), 0.6)
        );
        stage.Findings.Add(Finding.Times(Title, all[Stage.Ours], all[Stage.CopyDirect], 1));
    }
}
