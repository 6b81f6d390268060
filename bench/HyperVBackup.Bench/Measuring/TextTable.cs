using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Bench.Measuring;

/// <summary>A Markdown table whose columns stand under each other, to be read as it is.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];

    /// <summary>Makes an empty one.</summary>
    public TextTable(params string[] titles) => _rows.Add(titles);

    /// <summary>Adds a row: one cell for each title.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The lines.</summary>
    public IEnumerable<string> Lines()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(i => _rows.Max(row => row[i].Length)).ToArray();
        yield return Line(_rows[0], widths);
        yield return "|" + string.Join("|", widths.Select(width => new string('-', width + 2))) + "|";
        foreach (var row in _rows.Skip(1))
            yield return Line(row, widths);
    }

    private static string Line(string[] cells, int[] widths) =>
        "| " + string.Join(" | ", cells.Select((cell, i) => cell.PadRight(widths[i]))) + " |";
}
