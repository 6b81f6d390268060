using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Cli.Output;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Numbers stand to the right.</param>
/// <param name="Shrinks">Whether its texts are shortened in the middle where the table would be too wide.</param>
internal sealed record Column(string Title, bool IsNumber = false, bool Shrinks = false);

/// <summary>Rows of text in columns, as narrow as they can be.</summary>
internal sealed class Table
{
    private const string Gap = "  ";
    private const int Narrowest = 12;
    private readonly Column[] _columns;
    private readonly List<string[]> _rows = [];

    public Table(params Column[] columns) => _columns = columns;

    /// <summary>Adds a row; one cell for each column.</summary>
    public void Add(params string[] cells) =>
        _rows.Add(
            cells.Length == _columns.Length
                ? cells.Select(Printable.Text).ToArray()
                : throw new ArgumentException("One cell for each column.", nameof(cells))
        );

    /// <summary>Adds a line that belongs to no column.</summary>
    public void AddHeading(string text) => _rows.Add([Printable.Text(text)]);

    /// <summary>The lines, headings first.</summary>
    /// <param name="width">The columns of the terminal. Kept to if shortening can do it.</param>
    public IEnumerable<string> Lines(int width)
    {
        var widths = Widths(width);
        yield return Line(_columns.Select(column => column.Title).ToArray(), widths);
        foreach (var row in _rows)
            yield return row.Length == _columns.Length ? Line(row, widths) : row[0];
    }

    private int[] Widths(int width)
    {
        var widths = _columns
            .Select(
                (column, i) =>
                    _rows
                        .Where(row => row.Length == _columns.Length)
                        .Select(row => row[i].Length)
                        .Append(column.Title.Length)
                        .Max()
            )
            .ToArray();
        for (var over = widths.Sum() + Gap.Length * (widths.Length - 1) - width; over > 0; over--)
        {
            var widest = Enumerable
                .Range(0, widths.Length)
                .Where(i => _columns[i].Shrinks)
                .OrderByDescending(i => widths[i])
                .DefaultIfEmpty(-1)
                .First();
            if (widest < 0 || widths[widest] <= Narrowest)
                break;
            widths[widest]--;
        }

        return widths;
    }

    private string Line(string[] cells, int[] widths) =>
        string.Join(
                Gap,
                cells.Select(
                    (cell, i) =>
                    {
                        var text = Printable.Shorten(cell, widths[i]);
                        return _columns[i].IsNumber ? text.PadLeft(widths[i]) : text.PadRight(widths[i]);
                    }
                )
            )
            .TrimEnd();
}
