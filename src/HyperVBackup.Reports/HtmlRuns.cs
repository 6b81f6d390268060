using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Text;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>The runs, as a drawing and as a table with the same in words.</summary>
internal static class HtmlRuns
{
    private const int OnPhones = 24;

    public static XElement? Timeline(ReportModel model)
    {
        if (model.Runs.Count == 0)
            return null;
        var few = model.Runs.Skip(System.Math.Max(0, model.Runs.Count - OnPhones)).ToList();
        return HtmlReport.Section(
            "timeline",
            model.Runs.Count < model.RunCount
                ? "The last " + ReportText.Count(model.Runs.Count, "run")
                : ReportText.Count(model.RunCount, "run"),
            SvgTimeline.Counts(model.Runs),
            P(
                "legendline",
                Span("legend", "Bars: bytes written, on all targets. Below: how it ended, and how long it took."),
                Key("good", "Complete"),
                Key("warn", "With warnings"),
                Key("bad", "Failed"),
                Key("off", "Cancelled or not started")
            ),
            // Two drawings, of which the style sheet shows one: sixty bars are too many for a phone.
            SvgTimeline.Render(model.Runs, model, "wide", 10, 7),
            SvgTimeline.Render(few, model, "narrow", 4, 14),
            few.Count < model.Runs.Count ? P("narrow note", "The newest " + few.Count + " of them.") : null
        );
    }

    public static XElement? Table(ReportModel model)
    {
        var table = new HtmlTable(
            "runs",
            "Runs, the newest first",
            "Started",
            "Outcome",
            "Plan",
            "Set",
            "Took#",
            "Size#",
            "Written#",
            "Changed#",
            "Rate#"
        );
        foreach (var run in model.Runs.Reverse())
        {
            var state = SvgSymbols.Of(run.Outcome);
            table.Add(
                null,
                state,
                HtmlReport.Time(run.Started, model),
                Span(
                    "state " + state,
                    SvgSymbols.Icon(state),
                    ReportText.Word(run.Outcome) + Problems(run) + (run.Verified ? ", verified" : "")
                ),
                run.Plan,
                run.Set.Length == 0 ? ReportText.Unknown : run.Set,
                HumanText.Span(run.Duration),
                run.Bytes > 0 ? HumanText.Size(run.Bytes) : ReportText.Unknown,
                run.BytesRead > 0 || run.BytesWritten > 0 ? HumanText.Size(run.BytesWritten) : ReportText.Unknown,
                ReportText.Share(run.ChangedShare),
                ReportText.Rate(run.Rate)
            );
        }

        return table.ToElement() is { } drawn
            ? HtmlReport.Section(
                "runs",
                "Runs in detail",
                "",
                El("details", El("summary", "Show " + ReportText.Count(model.Runs.Count, "run")), drawn)
            )
            : null;
    }

    private static XElement Key(string name, string word) => Span("key", SvgSymbols.Icon(name), word);

    private static string Problems(ReportRun run) =>
        run.FailureCount > 0 ? ", " + ReportText.Count(run.FailureCount, "failure")
        : run.WarningCount > 0 ? " (" + run.WarningCount + ")"
        : "";
}
