using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>A set is read back and compared with its hashes.</summary>
internal sealed class VerifySet : IWork
{
    private const string Title = "verify";

    public string Name => "verify";

    public long Room(BenchOptions options) => 0;

    public void Measure(Stage stage)
    {
        var sets = stage.Sets;
        var all = stage.Measure(
            Title,
            [
                new Contender(Stage.Ours, () => stage.Hv.Verify(sets.Target, DiskSets.Set)),
                stage.ReadingDirect(sets.Disk),
            ]
        );
        stage.Findings.Add(Finding.Times(Title, all[Stage.Ours], all[Stage.ReadDirect], 1.1));
    }
}
