using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Text;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>
/// Each virtual machine and each folder: how it stands, how old its newest good copy is, and what copying it takes.
/// </summary>
internal static class HtmlItems
{
    public static XElement? Render(ReportModel model)
    {
        var table = new HtmlTable(
            "items",
            "Virtual machines and folders, those in the worst state first",
            "What",
            "State",
            "Last good copy",
            "Size#",
            "Changed#",
            "Rate#",
            "Written"
        );
        foreach (var item in model.Items)
        {
            var state = SvgSymbols.Of(item.State);
            table.Add(
                IdOf(model, item),
                state,
                new object?[] { Span("name", item.Name), Span("kind", Kind(item, model)) },
                new object?[]
                {
                    Span("state " + state, SvgSymbols.Icon(state), ReportText.Word(item.State)),
                    item.FailedTries > 0
                        ? Span(
                            "kind",
                            ReportText.Count(item.FailedTries, "run")
                                + (item.LastGood == null ? " failed" : " failed since")
                        )
                        : null,
                },
                LastGood(item, model),
                item.Bytes > 0 ? HumanText.Size(item.Bytes) : ReportText.Unknown,
                item.BytesWritten is { } written
                    ? new object?[] { ReportText.Share(item.ChangedShare), Span("kind", HumanText.Size(written)) }
                    : ReportText.Unknown,
                ReportText.Rate(item.Rate),
                SvgItem.Sparkline(item) ?? (object)ReportText.Unknown
            );
        }

        return table.ToElement() is { } drawn
            ? HtmlReport.Section(
                "items",
                model.Items.Any(item => item.Kind == ItemKind.Machine) ? "Virtual machines and folders" : "Folders",
                "The worst first",
                drawn
            )
            : null;
    }

    /// <summary>The id of an item's row.</summary>
    public static string IdOf(ReportModel model, ProtectedItem item) =>
        "item-" + (model.Items.TakeWhile(other => !ReferenceEquals(other, item)).Count() + 1);

    private static string Kind(ProtectedItem item, ReportModel model) =>
        string.Join(
            ", ",
            new[]
            {
                ReportText.Word(item.Kind),
                item.Kind == ItemKind.Plan ? "" : "plan " + item.Plan,
                item.Host == model.Host ? "" : "of " + item.Host,
                ReportText.Capture(item.Capture),
            }.Where(text => text.Length > 0)
        );

    private static object?[] LastGood(ProtectedItem item, ReportModel model) =>
        new object?[]
        {
            item.LastGood is { } last
                ? new object?[]
                {
                    Span("age", HumanText.Age(last, model.Generated)),
                    Span("kind", HtmlReport.Time(last, model)),
                    SvgItem.AgeBar(item, model),
                }
                : Span("age", item.Copies.Count > 0 ? "Age not known" : "None"),
            item.Copies.Count > 0 ? Span("kind path", Where(item)) : null,
            item.Notes.Select(remark => Span("kind remark", remark)),
        };

    private static string Where(ProtectedItem item)
    {
        var newest = item.Copies.Where(copy => copy.AsOf == item.LastGood).DefaultIfEmpty(item.Copies[0]).ToList();
        return string.Join(
                " and ",
                newest
                    .GroupBy(copy => copy.Set)
                    .Select(copies => copies.Key + " on " + string.Join(", ", copies.Select(copy => copy.Target)))
            ) + (newest.Any(copy => copy.IsSeen) ? ", found" : "");
    }
}
