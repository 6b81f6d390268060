using System;
using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench.Works;

/// <summary>The disk is copied again when nothing has changed.</summary>
internal sealed class UnchangedCopy : IWork
{
    private const string Title = "again, unchanged";

    public string Name => "unchanged";

    public long Room(BenchOptions options) => 0;

    public void Measure(Stage stage)
    {
        var (source, disk) = stage.FullDisk;
        var sets = stage.Sets;
        var all = stage.Measure(
            Title,
            [new Contender(Stage.Ours, () => stage.Hv.Backup(source, sets.Target)), stage.ReadingDirect(disk)]
        );
        sets.RequireCurrent();
        var ours = all[Stage.Ours];
        stage.Findings.Add(Finding.Times(Title, ours, all[Stage.ReadDirect], 1.05));
        stage.Findings.Add(Written(ours, StateSize(stage, sets)));
    }

    // The state is written anew, once as a set under way and once as a complete one, and beside it the journal of the
    // run.
    private static Finding Written(Series ours, long state)
    {
        const long journal = 1 << 20;
        var limit = "no content, ≤ " + Finding.MiB(2 * state + journal);
        if (!ours.IsMeasured || !Child.CountsIo)
            return new Finding(Title, "–", "the set's own state", "–", limit, Finding.NotMeasured);
        var written = ours.MedianOf(sample => sample.WrittenBytes);
        var content = ours.Samples.Max(sample => sample.Result.GetProperty("bytesWritten").GetInt64());
        return new Finding(
            Title,
            FormattableString.Invariant($"{Finding.MiB(written)} written, {content} bytes of content"),
            "the set's own state, " + Finding.MiB(state),
            Finding.Number(written / state),
            limit,
            Finding.Word(content == 0 && written <= 2 * state + journal)
        );
    }

    private static long StateSize(Stage stage, DiskSets sets) =>
        new[] { Path.Combine(HvBackup.SetFolder(sets.Target, DiskSets.Set), ".hvbackup"), stage.Space.State }
            .SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
            .Sum(file => file.Length);
}
