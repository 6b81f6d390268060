using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Files;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>How to get things back: the commands, for the sets that hold the newest good copies.</summary>
internal static class HtmlRestore
{
    private const int Named = 60;

    public static XElement? Render(ReportModel model)
    {
        var targets = RestoreWords.Newest(model).GroupBy(set => set.Copy.Target, PathOf.Comparer).ToList();
        return targets.Count == 0
            ? null
            : HtmlReport.Section(
                "restore",
                "How to restore",
                "From the newest good copies, into a new folder; nothing that is there is replaced",
                targets.Select(target => Way(target.OrderByDescending(set => set.Copy.AsOf).ToList(), model))
            );
    }

    private static XElement Way(List<(ItemCopy Copy, IReadOnlyList<ProtectedItem> Items)> sets, ReportModel model)
    {
        var (copy, items) = sets[0];
        return Div(
            "way",
            El("h3", Span("path", copy.Set + " on " + copy.Target), Span("kind", AsOf(copy, model))),
            HtmlEmpty.Command(RestoreWords.PowerShell(copy.Target, copy.Set)),
            HtmlEmpty.Command(RestoreWords.CommandLine(copy.Target, copy.Set)),
            // In that set there may be copies of these as well, but older ones.
            sets.Skip(1)
                .SelectMany(set =>
                    set.Items.Take(Named)
                        .Select(item =>
                            new object?[]
                            {
                                El(
                                    "h4",
                                    "The newest good copy of "
                                        + item.Name
                                        + " is in "
                                        + set.Copy.Set
                                        + ", "
                                        + AsOf(set.Copy, model)
                                ),
                                HtmlEmpty.Command(RestoreWords.PowerShell(copy.Target, set.Copy.Set, item.Folder)),
                            }
                        )
                ),
            El(
                "details",
                El("summary", "One machine or folder of " + copy.Set),
                items
                    .Take(Named)
                    .Select(item =>
                        new object?[]
                        {
                            El("h4", item.Name),
                            HtmlEmpty.Command(RestoreWords.PowerShell(copy.Target, copy.Set, item.Folder)),
                        }
                    ),
                items.Count > Named ? P("note", "The other " + (items.Count - Named) + " in the same way.") : null
            )
        );
    }

    private static string AsOf(ItemCopy copy, ReportModel model) =>
        copy.AsOf is { } time ? "as of " + ReportText.Time(time, model.Zone) : "its age is not known";
}
