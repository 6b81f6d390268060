using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench;

/// <summary>The result of one or more runs, as Markdown that can be read as it is.</summary>
internal static class Report
{
    private const long MostMemory = 200 << 20;

    /// <summary>Its lines.</summary>
    /// <param name="pieces">What was measured, in the order of the works; at least one.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<Piece> pieces)
    {
        yield return "# hvbackup beside its peers";
        yield return "";
        foreach (var line in When(pieces))
            yield return line;
        yield return "";
        foreach (var line in pieces.SelectMany(piece => piece.Setting).Distinct())
            yield return "- " + line;
        yield return "";
        foreach (var line in Findings(pieces).Lines())
            yield return line;
        yield return "";
        yield return "## Where the time of hvbackup goes";
        yield return "";
        yield return "The run in the middle of each work. Times of phases and processors are sums over threads: two "
            + "that wait for a second make two seconds.";
        yield return "";
        foreach (var line in ProfiledRun.Table(pieces.SelectMany(piece => piece.Runs).ToList()).Lines())
            yield return line;
        yield return "";
        yield return "## Not measured";
        yield return "";
        foreach (
            var line in pieces
                .SelectMany(piece => piece.Missing)
                .Distinct()
                .DefaultIfEmpty("Nothing: everything that was asked for is in the table.")
        )
            yield return "- " + line;
    }

    // Works of one run together, each run with its command.
    private static IEnumerable<string> When(IReadOnlyList<Piece> pieces)
    {
        var runs = pieces.GroupBy(piece => piece.Command).ToList();
        foreach (var run in runs)
        {
            var started = run.Min(piece => piece.Started);
            var took = run.Aggregate(TimeSpan.Zero, (sum, piece) => sum + piece.Took);
            var line =
                started.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)
                + ", took "
                + took.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
                + ": `bench/run"
                + (run.Key.Length > 0 ? " " + run.Key : "")
                + "`";
            yield return runs.Count > 1
                ? "- " + string.Join(", ", run.Select(piece => piece.Work)) + ": " + line
                : line;
        }
    }

    private static TextTable Findings(IReadOnlyList<Piece> pieces)
    {
        var table = new TextTable("work", "hvbackup", "against", "ratio", "must reach", "verdict");
        var memory = Finding.Memory(
            "memory, all works",
            pieces.SelectMany(piece => piece.Runs).Select(run => run.Hungriest).ToList(),
            MostMemory
        );
        foreach (var finding in pieces.SelectMany(piece => piece.Findings).Append(memory))
            table.Add(finding.Work, finding.Ours, finding.Against, finding.Ratio, finding.Limit, finding.Verdict);
        return table;
    }
}
