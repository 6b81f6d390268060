using System.Linq;
using System.Xml.Linq;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>The page: what is wrong first, then how things stand, then what happened, then what to do.</summary>
internal static class HtmlReport
{
    /// <summary>Draws a report.</summary>
    public static string Render(ReportModel model) =>
        HtmlPage.Render(
            model.Title,
            SvgSymbols.Favicon(SvgSymbols.Of(model.State)),
            SvgSymbols.Definitions(),
            Header(model),
            El("main", Main(model)),
            Footer(model)
        );

    /// <summary>A part of the page with a heading.</summary>
    public static XElement Section(string id, string heading, string note, params object?[] content) =>
        El(
            "section",
            At("class", "card " + id),
            At("aria-labelledby", id),
            Div("heading", El("h2", At("id", id), heading), note.Length == 0 ? null : P("note", note)),
            content
        );

    private static object?[] Main(ReportModel model) =>
        model.State == ReportState.Empty
            ? new object?[] { HtmlEmpty.Render(model), HtmlTargets.Render(model), HtmlProblems.Damaged(model) }
            : new object?[]
            {
                HtmlOverview.Alert(model),
                HtmlOverview.Tiles(model),
                HtmlRuns.Timeline(model),
                HtmlItems.Render(model),
                HtmlProblems.Failures(model),
                HtmlProblems.Warnings(model),
                HtmlTargets.Render(model),
                HtmlRestore.Render(model),
                HtmlRuns.Table(model),
                HtmlProblems.Damaged(model),
            };

    private static XElement Header(ReportModel model) =>
        El(
            "header",
            Div(
                "top",
                El("h1", model.Title),
                El(
                    "p",
                    At("class", "badge " + SvgSymbols.Of(model.State)),
                    SvgSymbols.Icon(SvgSymbols.Of(model.State)),
                    ReportText.Word(model.State)
                )
            ),
            El(
                "p",
                At("class", "meta"),
                Span("pair", "Generated ", Time(model.Generated, model)),
                Span("pair", "Host ", El("b", model.Host)),
                Span("pair", History(model))
            )
        );

    /// <summary>A time that programs can read as well.</summary>
    public static XElement Time(System.DateTime utc, ReportModel model) =>
        El(
            "time",
            At("datetime", utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)),
            ReportText.Time(utc, model.Zone)
        );

    private static string History(ReportModel model) =>
        model.Since is { } since
            ? "History: " + ReportText.Count(model.RunCount, "run") + " since " + ReportText.Time(since, model.Zone)
            : "History: no runs";

    private static XElement Footer(ReportModel model) =>
        El(
            "footer",
            El(
                "p",
                "A good copy is a machine or folder in a set that was completed. Its age counts from the start of "
                    + "the run that made it: what changed since then is not in it. It is stale when it is older than ",
                ReportText.About(model.StaleAfter),
                ". \u201cChanged\u201d is the part of the copies that had to be written; \u201crate\u201d is what "
                    + "was read of the source per second."
            ),
            El(
                "p",
                "HyperVBackup "
                    + typeof(HtmlReport).Assembly.GetName().Version?.ToString(3)
                    + ". Times are those of "
                    + model.Host
                    + ", with their offset from UTC. Sizes count in 1024s. This page loads nothing and runs no script."
            )
        );
}
