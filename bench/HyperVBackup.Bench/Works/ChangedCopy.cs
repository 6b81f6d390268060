using System.IO;
using System.Linq;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>The disk is copied again after a little of it has changed.</summary>
internal sealed class ChangedCopy : IWork
{
    private const string Title = "again, 1 % changed";
    private static readonly string[] Peers = ["rsync", "rclone"];

    public string Name => "changed";

    // rclone writes a new file beside the old one.
    public long Room(BenchOptions options) => options.Size * 3;

    public void Measure(Stage stage)
    {
        var (source, disk) = stage.FullDisk;
        var sets = stage.Sets;
        var peers = Peers.Where(tool => stage.Tools.WhyNot(tool) == null).ToList();
        foreach (var tool in peers)
            stage.Tools.Must(["cp", "-a", source + "/.", stage.Space.Fresh(tool)]);
        long changed = 0;
        var all = stage.Measure(
            Title,
            [
                new Contender(Stage.Ours, () => stage.Hv.Backup(source, sets.Target)),
                .. Peers.Select(tool => new Contender(
                    tool,
                    () => stage.Tools.Copy(tool, source, Path.Combine(stage.Space.Copies, tool))
                )
                {
                    WhyNot = stage.Tools.WhyNot(tool),
                }),
                stage.ReadingDirect(disk),
            ],
            before: () => changed = stage.Data.ChangeScattered(disk, stage.Options.Size),
            after: () => stage.Hv.Backup(source, sets.Target)
        );
        sets.RequireCurrent();
        foreach (var tool in peers)
            stage.RequireSame(disk, Path.Combine(stage.Space.Copies, tool, Path.GetFileName(disk)));
        var ours = all[Stage.Ours];
        stage.Findings.Add(Finding.Times(Title, ours, all[Stage.ReadDirect], 1.15));
        stage.Findings.Add(Finding.Times(Title, ours, all["rsync"], 0.35));
        stage.Findings.Add(Finding.Times(Title, ours, all["rclone"], null));
        stage.Findings.Add(Finding.Written(Title, ours, changed, Finding.MiB(changed) + " in changed pieces", 4));
        stage.RemoveCopies();
    }
}
