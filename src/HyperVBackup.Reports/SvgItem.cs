using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using HyperVBackup.Text;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>
/// The two small drawings in the row of an item: what its runs wrote, and how much of its time its copy has left.
/// </summary>
internal static class SvgItem
{
    private const int Width = 120,
        Height = 28,
        Step = 5,
        Bar = 3;

    /// <summary>Its tries as bars of bytes written; a cross stands for one that failed.</summary>
    public static XElement? Sparkline(ProtectedItem item)
    {
        if (item.Points.Count == 0)
            return null;
        var most = Math.Max(
            1,
            item.Points.Where(point => point.IsGood).Select(point => point.BytesWritten).DefaultIfEmpty().Max()
        );
        var (bars, crosses, x) = (new StringBuilder(), new StringBuilder(), Width - item.Points.Count * Step + 1);
        foreach (var point in item.Points)
        {
            // The root keeps small runs visible beside the first one, which wrote everything; the numbers are in the
            // text.
            var height = Math.Max(1, (Height - 2) * Math.Sqrt((double)Math.Min(point.BytesWritten, most) / most));
            if (point.IsGood)
                bars.Append('M')
                    .Append(x)
                    .Append(' ')
                    .Append(Height)
                    .Append('v')
                    .Append(Number(-height))
                    .Append('h')
                    .Append(Bar)
                    .Append('v')
                    .Append(Number(height))
                    .Append('z');
            else
                crosses.Append('M').Append(x - 1).Append(' ').Append(Height - 6).Append("l5 5m0-5l-5 5");
            x += Step;
        }

        return Svg(
            "svg",
            At("class", "spark"),
            At("viewBox", "0 0 " + Width + " " + Height),
            At("width", Width),
            At("height", Height),
            At("role", "img"),
            Svg("title", Tell(item.Points)),
            Svg(
                "line",
                At("class", "grid"),
                At("x1", 0),
                At("x2", Width),
                At("y1", Height - 0.5),
                At("y2", Height - 0.5)
            ),
            bars.Length > 0 ? Svg("path", At("class", "bars"), At("d", bars.ToString())) : null,
            crosses.Length > 0 ? Svg("path", At("class", "crosses"), At("d", crosses.ToString())) : null
        );
    }

    /// <summary>The age of its copy beside the age from which it is too old.</summary>
    public static XElement? AgeBar(ProtectedItem item, ReportModel model)
    {
        if (item.LastGood is not { } last)
            return null;
        var part = Math.Max(0, Math.Min(1, (model.Generated - last).TotalSeconds / model.StaleAfter.TotalSeconds));
        return Svg(
            "svg",
            At("class", "agebar"),
            At("width", "100%"),
            At("height", 6),
            At("role", "img"),
            Svg(
                "title",
                part < 1
                    ? Number(Math.Round(part * 100))
                        + " % of the "
                        + ReportText.About(model.StaleAfter)
                        + " after which it is stale"
                    : "Older than " + ReportText.About(model.StaleAfter)
            ),
            Svg("rect", At("class", "rail"), At("width", "100%"), At("height", 6), At("rx", 3)),
            Svg(
                "rect",
                At(
                    "class",
                    part >= 1 ? "bad"
                        : part > 0.75 ? "warn"
                        : "good"
                ),
                Percent("width", Math.Max(2, part * 100)),
                At("height", 6),
                At("rx", 3)
            )
        );
    }

    private static string Tell(IReadOnlyList<ItemPoint> points)
    {
        var failed = points.Count(point => !point.IsGood);
        var good = points.Where(point => point.IsGood).Select(point => point.BytesWritten).ToList();
        return "The newest "
            + ReportText.Count(points.Count, "try").Replace("trys", "tries")
            + (failed > 0 ? ", " + failed + " failed" : "")
            + (
                good.Count > 0
                    ? "; written from " + HumanText.Size(good.Min()) + " to " + HumanText.Size(good.Max())
                    : ""
            );
    }
}
