using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Bench.Measuring;
using HyperVBackup.Bench.Works;

namespace HyperVBackup.Bench;

/// <summary>The result of a run, as Markdown that can be read as it is.</summary>
internal static class Report
{
    private const long MostMemory = 200 << 20;

    /// <summary>Its lines.</summary>
    /// <param name="stage">What was measured.</param>
    /// <param name="command">The arguments of the run.</param>
    /// <param name="commit">What hvbackup was built from, to go behind how.</param>
    /// <param name="machine">The machine in lines.</param>
    /// <param name="started">When the run started, UTC.</param>
    public static IEnumerable<string> Lines(Stage stage, string command, string commit, IReadOnlyList<string> machine, DateTime started)
    {
        yield return "# hvbackup beside its peers";
        yield return "";
        yield return started.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) + ", took " + (DateTime.UtcNow - started).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) + ": `bench/run" + (command.Length > 0 ? " " + command : "") + "`";
        yield return "";
        foreach (var line in machine) yield return "- " + line;
        yield return "- hvbackup " + stage.Hv.How + commit;
        foreach (var tool in Tools.Peers.Append("dd"))
            if (stage.Tools.WhyNot(tool) == null) yield return "- " + stage.Tools.Version(tool);
        yield return FormattableString.Invariant($"- disk of {Finding.MiB(stage.Options.Size)} that nothing can compress; caches dropped before each measurement unless said otherwise; medians of {stage.Options.Runs} with (least–most)");
        if (stage.Floor.IsMeasured) yield return "- the floor under the times of hvbackup, a backup of one small file: " + Finding.Text(stage.Floor) + ", " + Finding.MiB(stage.Floor.MedianOf(sample => sample.ReadBytes)) + " read";
        yield return "";
        foreach (var line in Findings(stage).Lines()) yield return line;
        yield return "";
        yield return "## Where the time of hvbackup goes";
        yield return "";
        yield return "The run in the middle of each work. Times of phases and processors are sums over threads" + (Profile.IsOffered(stage.Hv.Measured) ? "." : "; what it waited for, this hvbackup does not tell (no `profile` in its result).");
        yield return "";
        foreach (var line in Profile.Table(stage.Hv.Measured).Lines()) yield return line;
        yield return "";
        yield return "## Not measured";
        yield return "";
        foreach (var line in stage.Missing.DefaultIfEmpty("Nothing: everything that was asked for is in the table.")) yield return "- " + line;
    }

    private static TextTable Findings(Stage stage)
    {
        var table = new TextTable("work", "hvbackup", "against", "ratio", "must reach", "verdict");
        foreach (var finding in stage.Findings.Append(Memory(stage))) table.Add(finding.Work, finding.Ours, finding.Against, finding.Ratio, finding.Limit, finding.Verdict);
        return table;
    }

    private static Finding Memory(Stage stage)
    {
        var all = new Series("memory");
        all.Samples.AddRange(stage.Hv.Measured.SelectMany(item => item.Series.Samples));
        return Finding.Memory("memory, all works", all, MostMemory);
    }
}
