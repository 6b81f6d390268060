using System;
using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Text;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>What can be seen from across the room: what is at risk, and four tiles.</summary>
internal static class HtmlOverview
{
    private const int Named = 12;

    /// <summary>What has no good copy that is new enough, before everything else.</summary>
    public static XElement? Alert(ReportModel model)
    {
        var stale = model.Stale.ToList();
        if (stale.Count == 0)
            return null;
        return El(
            "section",
            At("class", "alert"),
            At("role", "alert"),
            At("aria-labelledby", "alert"),
            SvgSymbols.Icon("bad", "large"),
            Div(
                "says",
                El("h2", At("id", "alert"), Headline(stale, model)),
                El(
                    "ul",
                    stale
                        .Take(Named)
                        .Select(item =>
                            El(
                                "li",
                                El("a", At("href", "#" + HtmlItems.IdOf(model, item)), El("b", item.Name)),
                                ":" + (stale.Count == 1 ? "" : " " + ReportText.Since(item, model) + "."),
                                Why(item)
                            )
                        )
                ),
                stale.Count > Named
                    ? El("p", "And " + (stale.Count - Named) + " more; all are in the table below.")
                    : null
            )
        );
    }

    /// <summary>The tiles.</summary>
    public static XElement Tiles(ReportModel model)
    {
        var active = model.Items.Where(item => item.State != ItemState.Dropped).ToList();
        var fresh = active.Count(item => item.State is ItemState.Good or ItemState.LastFailed);
        return Div(
            "tiles",
            Tile(
                "State",
                SvgSymbols.Of(model.State),
                ReportText.Word(model.State),
                active.Count == 0
                    ? "Nothing has a copy yet"
                    : fresh + " of " + active.Count + " have a copy newer than " + ReportText.About(model.StaleAfter)
            ),
            model.LastRun is { } run
                ? Tile(
                    "Last run",
                    SvgSymbols.Of(run.Outcome),
                    ReportText.Word(run.Outcome),
                    HumanText.Age(run.Started, model.Generated)
                        + ", took "
                        + HumanText.Span(run.Duration)
                        + (run.Set.Length > 0 && run.IsGood ? ", " + run.Set : "")
                        + (run.Verified ? ", verified" : "")
                )
                : Tile("Last run", "off", "None", "The history of this host holds no run"),
            Tile(
                "Protected",
                "",
                HumanText.Size(Amounts.Sum(active.Where(item => item.Copies.Count > 0).Select(item => item.Bytes))),
                Kinds(model) + Written(model)
            ),
            Concern(model)
        );
    }

    private static string Headline(System.Collections.Generic.List<ProtectedItem> stale, ReportModel model)
    {
        var oldest = stale.All(item => item.LastGood != null) ? stale.Max(item => item.LastGood) : null;
        if (stale.Count == 1)
            return ReportText.Since(stale[0], model);
        return oldest is { } last && stale.Count == model.Items.Count
            ? "No good copy of anything since "
                + ReportText.Time(last, model.Zone)
                + " ("
                + HumanText.Age(last, model.Generated)
                + ")"
            : ReportText.Count(stale.Count, "backup")
                + " without a good copy of the last "
                + ReportText.About(model.StaleAfter);
    }

    private static object?[] Why(ProtectedItem item)
    {
        if (item.FailedTries == 0)
            return new object?[] { " No run has tried since: is the scheduled task still there?" };
        var failed =
            " "
            + (item.FailedTries == 1 ? "One run" : item.FailedTries + " runs")
            + " failed"
            + (item.LastGood == null ? "" : " since");
        return item.Failure is { } failure
            ? new object?[]
            {
                failed + (item.FailedTries == 1 ? ", because of " : ", the newest because of "),
                Span("path", failure.Message),
                ". ",
                El("em", failure.Advice),
            }
            : new object?[] { failed + "." };
    }

    private static XElement Tile(string label, string state, string word, string more) =>
        Div(
            "tile " + state,
            P("label", label),
            P("word", state.Length > 0 ? SvgSymbols.Icon(state) : null, Span("value", word)),
            P("more", more)
        );

    private static string Kinds(ReportModel model)
    {
        var machines = model.Active.Count(item => item.Kind == ItemKind.Machine);
        var folders = model.Active.Count(item => item.Kind == ItemKind.Folder);
        return string.Join(
            ", ",
            new[]
            {
                machines > 0 ? ReportText.Count(machines, "virtual machine") : "",
                folders > 0 ? ReportText.Count(folders, "folder") : "",
            }.Where(text => text.Length > 0)
        );
    }

    private static string Written(ReportModel model) =>
        model.Runs.LastOrDefault(run => run.IsGood) is { } run
            ? "; " + HumanText.Size(run.BytesWritten) + " written last (" + ReportText.Share(run.ChangedShare) + ")"
            : "";

    // What goes wrong next if nothing is done; or what is wrong already.
    private static XElement Concern(ReportModel model)
    {
        const string label = "Next concern";
        if (model.Items.FirstOrDefault(item => item.State == ItemState.LastFailed) is { StaleAt: { } failing } failed)
            return Tile(
                label,
                "warn",
                failed.Name,
                "Its newest run failed; stale in " + ReportText.About(failing - model.Generated)
            );
        if (model.Targets.FirstOrDefault(target => target.Problem != null) is { } lost)
            return Tile(label, "warn", lost.Target, "It could not be looked at");
        return model
                .Items.Where(item => item is { State: ItemState.Good, StaleAt: not null })
                .OrderBy(item => item.StaleAt)
                .FirstOrDefault()
                is { } next
                ? Tile(
                    label,
                    "",
                    "In " + ReportText.About(Later(next.StaleAt!.Value - model.Generated)),
                    next.Name + " turns stale, unless a run succeeds before"
                )
            : model.Stale.FirstOrDefault() is { } stale ? Tile(label, "bad", stale.Name, ReportText.Since(stale, model))
            : Tile(label, "off", "None", "");
    }

    private static TimeSpan Later(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;
}
