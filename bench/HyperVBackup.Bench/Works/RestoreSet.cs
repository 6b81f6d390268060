using System.IO;
using System.Linq;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>A set is restored to where nothing is; the peers copy the same files.</summary>
internal sealed class RestoreSet : IWork
{
    private const string Title = "restore";

    public string Name => "restore";

    public long Room(BenchOptions options) => options.Size;

    public void Measure(Stage stage)
    {
        var sets = stage.Sets;
        var folder = Path.Combine(stage.Space.Copies, "restored");
        var check = stage.Once(() =>
            stage.RequireSame(
                sets.Disk,
                Path.Combine(folder, Path.GetFileName(sets.Folder), Path.GetFileName(sets.Disk))
            )
        );
        var ours = new Contender(Stage.Ours, () => stage.Hv.Restore(sets.Target, DiskSets.Set, folder))
        {
            Before = () => stage.Space.Fresh("restored"),
            After = _ =>
            {
                check();
                stage.Space.Remove("restored");
            },
        };
        var all = stage.Measure(
            Title,
            [ours, .. Tools.Peers.Select(tool => stage.CopyingPeer(tool, sets.Folder)), stage.CopyingDirect(sets.Disk)]
        );
        stage.Findings.AddRange(
            Finding.Peers(Title, all[Stage.Ours], Tools.Peers.Select(tool => all[tool]).ToList(), 0.6)
        );
        stage.Findings.Add(Finding.Times(Title, all[Stage.Ours], all[Stage.CopyDirect], 1));
    }
}
