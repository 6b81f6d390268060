using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>
/// What went wrong in the runs that are shown, by what to do about it; what they warn of; and what of the history could
/// not be read.
/// </summary>
internal static class HtmlProblems
{
    private const int ShownWarnings = 10;
    private const int ShownFiles = 50;

    public static XElement? Failures(ReportModel model) =>
        model.Failures.Count == 0
            ? null
            : HtmlReport.Section(
                "failures",
                "Failures and what to do",
                "",
                El(
                    "ul",
                    At("class", "problems"),
                    model.Failures.Select(group =>
                        El(
                            "li",
                            At("class", group.IsOpen ? "open" : "closed"),
                            P(
                                "what",
                                SvgSymbols.Icon(group.IsOpen ? "bad" : "off"),
                                El("b", ReportText.Word(group.Kind)),
                                Span("times", Times(group, model)),
                                Span("tag", group.IsOpen ? "Still so" : "A later run went well")
                            ),
                            El(
                                "ul",
                                At("class", "messages"),
                                group.Messages.Select(message => El("li", At("class", "path"), message)),
                                group.Count > group.Messages.Count
                                    ? El("li", "\u2026 " + (group.Count - group.Messages.Count) + " more")
                                    : null
                            ),
                            P("advice", El("b", "What to do: "), group.Advice)
                        )
                    )
                )
            );

    public static XElement? Warnings(ReportModel model) =>
        model.Warnings.Count == 0
            ? null
            : HtmlReport.Section(
                "warnings",
                "Warnings",
                "",
                El(
                    "ul",
                    At("class", "problems"),
                    model
                        .Warnings.Take(ShownWarnings)
                        .Select(warning =>
                            El(
                                "li",
                                P("what path", SvgSymbols.Icon("warn"), Span("text", warning.Text)),
                                P(
                                    "times",
                                    "In " + ReportText.Count(warning.Runs, "run") + ", last ",
                                    HtmlReport.Time(warning.Last, model)
                                )
                            )
                        )
                ),
                model.Warnings.Count > ShownWarnings
                    ? P("note", "And " + (model.Warnings.Count - ShownWarnings) + " more, in the logs of the runs.")
                    : null
            );

    public static XElement? Damaged(ReportModel model)
    {
        if (model.Damaged.Count == 0)
            return null;
        var table = new HtmlTable("damaged", "Files of the history that could not be read", "File", "Why");
        foreach (var entry in model.Damaged.Take(ShownFiles))
            table.Add(
                null,
                "",
                Span("path", HyperVBackup.Files.PathOf.Leaf(entry.Path)),
                Span("path", entry.Problem?.Cause ?? "")
            );
        return HtmlReport.Section(
            "damaged",
            ReportText.Count(model.Damaged.Count, "file") + " of the history could not be read",
            "",
            El("p", "What these runs did is not in this report. ", model.Damaged[0].Problem?.Advice),
            table.ToElement(),
            model.Damaged.Count > ShownFiles ? P("note", "And " + (model.Damaged.Count - ShownFiles) + " more.") : null,
            P("note path", "In " + model.HistoryFolder)
        );
    }

    private static string Times(FailureGroup group, ReportModel model) =>
        (group.Count == 1 ? "once" : group.Count + " times")
        + " in "
        + ReportText.Count(group.Runs, "run")
        + ", "
        + (
            group.Runs == 1
                ? ReportText.Time(group.Last, model.Zone)
                : ReportText.Time(group.First, model.Zone) + " to " + ReportText.Time(group.Last, model.Zone)
        );
}
