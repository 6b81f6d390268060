using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Text;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>
/// Runs side by side: what each wrote as a bar, how it ended as a shape below it, how long it took as a bar below that.
/// Widths are parts of the whole, so that it
/// fits any page and its letters keep their size. Where runs are missing, there is a gap that says how long.
/// </summary>
internal static class SvgTimeline
{
    private const double Top = 18,
        Plot = 150,
        Marks = 20,
        Durations = 34,
        Labels = 20;
    private const double Base = Top + Plot,
        MarkAt = Base + 6,
        TimeTop = Base + Marks + 8,
        TimeBase = TimeTop + Durations,
        Height = TimeBase + Labels;

    /// <summary>Draws the newest runs.</summary>
    /// <param name="runs">The runs, the oldest first.</param>
    /// <param name="model">The report.</param>
    /// <param name="kind">A class for it; also makes its ids unlike those of others.</param>
    /// <param name="labels">How many days are written below it.</param>
    /// <param name="margin">The part of the width, in percent, that is left to the labels of the scale.</param>
    public static XElement Render(
        IReadOnlyList<ReportRun> runs,
        ReportModel model,
        string kind,
        int labels,
        double margin
    )
    {
        var slots = Slots(runs, model.Generated);
        var scale = TimelineScale.Of(runs.Select(run => (double)run.BytesWritten).ToList());
        var longest = Math.Max(1, runs.Max(run => run.Duration.TotalSeconds));
        var width = (100.0 - margin) / slots.Count;
        var svg = Svg(
            "svg",
            At("class", "timeline " + kind),
            At("width", "100%"),
            At("height", Height),
            At("role", "img"),
            At("aria-labelledby", kind + "-title " + kind + "-desc"),
            Svg("title", At("id", kind + "-title"), "The newest " + ReportText.Count(runs.Count, "run")),
            Svg("desc", At("id", kind + "-desc"), Describe(runs, model))
        );
        foreach (var (part, text) in scale.Lines)
            svg.Add(Grid(Base - Plot * part), Label(Base - Plot * part - 4, text, "axis"));
        svg.Add(
            Grid(Base),
            Label(TimeTop + 8, ReportText.Short(TimeSpan.FromSeconds(longest)), "axis"),
            Grid(TimeBase)
        );
        for (var i = 0; i < slots.Count; i++)
            svg.Add(
                slots[i].Run is { } run
                    ? Draw(run, margin + (i * width), width, scale, longest, model)
                    : Gap(slots[i].Gap, margin + ((i + 0.5) * width))
            );
        svg.Add(Days(slots, width, labels, margin, model));
        return svg;
    }

    private static XElement Draw(
        ReportRun run,
        double at,
        double width,
        TimelineScale scale,
        double longest,
        ReportModel model
    )
    {
        var (state, bar) = (SvgSymbols.Of(run.Outcome), Math.Min(width * 0.72, 3));
        var left = at + (width - bar) / 2;
        var (height, isCut) = scale.Height(run.BytesWritten, Plot);
        var took = Math.Max(1, Durations * run.Duration.TotalSeconds / longest);
        return Svg(
            "g",
            Svg("title", Tell(run, model)),
            Svg(
                "rect",
                At("class", "hover"),
                Percent("x", at),
                At("y", 0),
                Percent("width", width),
                At("height", TimeBase)
            ),
            run.BytesWritten > 0
                ? Svg(
                    "rect",
                    At("class", "bar " + state),
                    Percent("x", left),
                    At("y", Base - height),
                    Percent("width", bar),
                    At("height", height)
                )
                : null,
            isCut
                ? Svg(
                    "rect",
                    At("class", "notch"),
                    Percent("x", left),
                    At("y", Base - height + 9),
                    Percent("width", bar),
                    At("height", 3)
                )
                : null,
            isCut
                ? Svg(
                    "text",
                    At("class", "cutoff"),
                    Percent("x", at + width / 2),
                    At("y", Base - height - 4),
                    At(
                        "text-anchor",
                        at > 90 ? "end"
                            : at < 10 ? "start"
                            : "middle"
                    ),
                    HumanText.Size(run.BytesWritten)
                )
                : null,
            Svg(
                "use",
                At("class", "mark " + state),
                At("href", "#" + state),
                Percent("x", at + width / 2),
                At("y", MarkAt),
                At("width", 9),
                At("height", 9)
            ),
            Svg(
                "rect",
                At("class", "took"),
                Percent("x", left),
                At("y", TimeBase - took),
                Percent("width", bar),
                At("height", took)
            )
        );
    }

    private static IEnumerable<XElement> Gap(TimeSpan gap, double middle) =>
        new[]
        {
            Svg(
                "line",
                At("class", "gap"),
                Percent("x1", middle),
                Percent("x2", middle),
                At("y1", Top),
                At("y2", TimeBase)
            ),
            Svg(
                "text",
                At("class", "gaptext"),
                Percent("x", middle),
                At("y", Top - 6),
                At(
                    "text-anchor",
                    middle > 90 ? "end"
                        : middle < 10 ? "start"
                        : "middle"
                ),
                "no run for " + ReportText.About(gap)
            ),
        };

    private static XElement Grid(double y) =>
        Svg("line", At("class", "grid"), At("x1", 0), At("x2", "100%"), At("y1", y), At("y2", y));

    private static XElement Label(double y, string text, string kind) =>
        Svg("text", At("class", kind), At("x", 0), At("y", y), text);

    // A day is written once, below its first run that has the room.
    private static IEnumerable<XElement> Days(
        IReadOnlyList<(ReportRun? Run, TimeSpan Gap)> slots,
        double width,
        int labels,
        double margin,
        ReportModel model
    )
    {
        var (room, free, last) = (100.0 / labels, 0.0, "");
        for (var i = 0; i < slots.Count; i++)
        {
            if (slots[i].Run is not { } run || (i * width < free && i > 0))
                continue;
            var day = ReportText.Day(run.Started, model.Zone);
            if (day == last)
                continue;
            var middle = margin + ((i + 0.5) * width);
            var atEnd = middle > 100 - (room / 3);
            yield return Svg(
                "text",
                At("class", "day"),
                Percent("x", middle),
                At("y", Height - 4),
                At("text-anchor", atEnd ? "end" : "middle"),
                day
            );
            (free, last) = (i * width + room, day);
        }
    }

    // Runs in order; between two that lie much further apart than most, and before now when the newest is that old, an
    // empty slot.
    private static List<(ReportRun? Run, TimeSpan Gap)> Slots(IReadOnlyList<ReportRun> runs, DateTime now)
    {
        var steps = runs.Skip(1).Select((run, i) => run.Started - runs[i].Started).OrderBy(step => step).ToList();
        var usual = steps.Count > 2 ? steps[steps.Count / 2] : TimeSpan.MaxValue;
        var slots = new List<(ReportRun?, TimeSpan)>();
        for (var i = 0; i < runs.Count; i++)
        {
            if (i > 0 && IsGap(runs[i].Started - runs[i - 1].Started))
                slots.Add((null, runs[i].Started - runs[i - 1].Started));
            slots.Add((runs[i], TimeSpan.Zero));
        }

        if (IsGap(now - runs[runs.Count - 1].Started))
            slots.Add((null, now - runs[runs.Count - 1].Started));
        return slots;

        bool IsGap(TimeSpan step) =>
            usual < TimeSpan.MaxValue && step.TotalHours > 12 && step.Ticks / 2.6 > usual.Ticks;
    }

    private static string Tell(ReportRun run, ReportModel model) =>
        ReportText.Time(run.Started, model.Zone)
        + ": "
        + ReportText.Word(run.Outcome)
        + (run.Set.Length > 0 ? ", " + run.Set : "")
        + ", "
        + HumanText.Size(run.BytesWritten)
        + " written in "
        + HumanText.Span(run.Duration)
        + (run.FailureCount > 0 ? ", " + ReportText.Count(run.FailureCount, "failure") : "")
        + (run.WarningCount > 0 ? ", " + ReportText.Count(run.WarningCount, "warning") : "");

    private static string Describe(IReadOnlyList<ReportRun> runs, ReportModel model) =>
        "From "
        + ReportText.Time(runs[0].Started, model.Zone)
        + " to "
        + ReportText.Time(runs[runs.Count - 1].Started, model.Zone)
        + ": "
        + Counts(runs)
        + ". The table of runs below has the same in words.";

    /// <summary>How many runs ended how.</summary>
    public static string Counts(IEnumerable<ReportRun> runs) =>
        string.Join(
            ", ",
            runs.GroupBy(run => run.Outcome)
                .OrderBy(group => group.Key)
                .Select(group => group.Count() + " " + ReportText.Word(group.Key).ToLowerInvariant())
        );
}
