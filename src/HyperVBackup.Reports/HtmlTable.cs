using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>
/// A table that becomes one card a row where the page is narrow. Each cell then carries its heading with it; the roles
/// keep it a table for screen readers, which
/// take what is not laid out as a table for none.
/// </summary>
internal sealed class HtmlTable
{
    private readonly string _kind;
    private readonly string _caption;
    private readonly (string Title, bool IsNumber)[] _columns;
    private readonly List<XElement> _rows = new();

    /// <summary>A table.</summary>
    /// <param name="kind">Its class.</param>
    /// <param name="caption">What it shows; read out, not drawn.</param>
    /// <param name="columns">The headings; a trailing '#' means numbers.</param>
    public HtmlTable(string kind, string caption, params string[] columns)
    {
        (_kind, _caption) = (kind, caption);
        _columns = columns
            .Select(column => (column.TrimEnd('#'), column.EndsWith("#", System.StringComparison.Ordinal)))
            .ToArray();
    }

    /// <summary>Adds a row: one cell for each column, the first being its heading.</summary>
    /// <param name="id">Its id, to link to; null: none.</param>
    /// <param name="state">A class for it.</param>
    /// <param name="cells">The cells.</param>
    public void Add(string? id, string state, params object?[] cells) =>
        _rows.Add(
            El(
                "tr",
                At("role", "row"),
                id == null ? null : At("id", id),
                state.Length == 0 ? null : At("class", state),
                cells.Select(
                    (cell, i) =>
                        i == 0
                            ? El("th", At("scope", "row"), At("role", "rowheader"), cell)
                            : El(
                                "td",
                                At("role", "cell"),
                                At("data-label", _columns[i].Title),
                                Kind(_columns[i].IsNumber, cell),
                                cell
                            )
                )
            )
        );

    /// <summary>The table; null without rows.</summary>
    public XElement? ToElement() =>
        _rows.Count == 0
            ? null
            : El(
                "table",
                At("class", _kind),
                At("role", "table"),
                El("caption", _caption),
                El(
                    "thead",
                    At("role", "rowgroup"),
                    El(
                        "tr",
                        At("role", "row"),
                        _columns.Select(column =>
                            El(
                                "th",
                                At("scope", "col"),
                                At("role", "columnheader"),
                                column.IsNumber ? At("class", "number") : null,
                                column.Title
                            )
                        )
                    )
                ),
                El("tbody", At("role", "rowgroup"), _rows)
            );

    // Cards leave out what is not known.
    private static XAttribute? Kind(bool isNumber, object? cell)
    {
        var kind = (isNumber ? "number" : "") + (cell is ReportText.Unknown ? " unknown" : "");
        return kind.Length == 0 ? null : At("class", kind.Trim());
    }
}
