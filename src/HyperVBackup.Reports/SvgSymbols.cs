using System;
using System.Xml.Linq;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>What a state looks like: each has a shape of its own, so that it can be told without its colour.</summary>
internal static class SvgSymbols
{
    /// <summary>The name, as class and symbol, of a run's outcome.</summary>
    public static string Of(ReportOutcome outcome) =>
        outcome switch
        {
            ReportOutcome.Complete => "good",
            ReportOutcome.Warnings => "warn",
            ReportOutcome.Failed => "bad",
            _ => "off",
        };

    /// <summary>The name of an item's state.</summary>
    public static string Of(ItemState state) =>
        state switch
        {
            ItemState.Good => "good",
            ItemState.NoCopy or ItemState.Stale => "bad",
            _ => "warn",
        };

    /// <summary>The name of the state of everything.</summary>
    public static string Of(ReportState state) =>
        state switch
        {
            ReportState.Good => "good",
            ReportState.AtRisk => "bad",
            ReportState.Empty => "off",
            _ => "warn",
        };

    /// <summary>The definitions, which the page holds once.</summary>
    public static XElement Definitions() =>
        Svg(
            "svg",
            At("class", "symbols"),
            At("width", 0),
            At("height", 0),
            At("aria-hidden", "true"),
            // A disc with a tick.
            Symbol("good", Svg("circle", At("cx", 8), At("cy", 8), At("r", 8)), Stroke("M4.4 8.3 7 10.8 11.6 5.6")),
            // A triangle with an exclamation mark.
            Symbol("warn", Svg("path", At("d", "M8 .8 15.8 15H.2Z")), Stroke("M8 6v4.2M8 12.4v.6")),
            // A square on its corner with a cross.
            Symbol(
                "bad",
                Svg("path", At("d", "M8 -.4 16.4 8 8 16.4 -.4 8Z")),
                Stroke("M5.6 5.6 10.4 10.4M10.4 5.6 5.6 10.4")
            ),
            // A ring.
            Symbol(
                "off",
                Svg(
                    "path",
                    At("fill-rule", "evenodd"),
                    At("d", "M8 0a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM8 3a5 5 0 1 1 0 10a5 5 0 1 1 0-10z")
                )
            )
        );

    /// <summary>The symbol beside a word that says the same.</summary>
    public static XElement Icon(string name, string size = "icon") =>
        Svg(
            "svg",
            At("class", size + " " + name),
            At("viewBox", "-1 -1 18 18"),
            At("aria-hidden", "true"),
            At("focusable", "false"),
            Svg("use", At("href", "#" + name), At("width", 16), At("height", 16))
        );

    /// <summary>The symbol as an image of its own, for the tab of a browser.</summary>
    public static string Favicon(string name)
    {
        var (colour, shape) = name switch
        {
            "good" => (
                "#1a7f4e",
                "<circle cx='8' cy='8' r='8'/><path d='M4.4 8.3 7 10.8 11.6 5.6' fill='none' stroke='#fff' "
                    + "stroke-width='2'/>"
            ),
            "bad" => (
                "#c62f26",
                "<path d='M8 0 16 8 8 16 0 8Z'/><path d='M5.6 5.6 10.4 10.4M10.4 5.6 5.6 10.4' stroke='#fff' "
                    + "stroke-width='2'/>"
            ),
            "warn" => (
                "#b26a00",
                "<path d='M8 .8 15.8 15H.2Z'/><path d='M8 6v4.2M8 12.2v.8' stroke='#fff' stroke-width='2'/>"
            ),
            _ => ("#66707d", "<circle cx='8' cy='8' r='8'/>"),
        };
        return "data:image/svg+xml,"
            + Uri.EscapeDataString(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='" + colour + "'>" + shape + "</svg>"
            );
    }

    private static XElement Symbol(string name, params object?[] shapes) =>
        Svg("symbol", At("id", name), At("viewBox", "0 0 16 16"), At("overflow", "visible"), shapes);

    private static XElement Stroke(string path) => Svg("path", At("class", "cut"), At("d", path));
}
