using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>What is on the targets that were named, as it was found.</summary>
internal static class HtmlTargets
{
    public static XElement? Render(ReportModel model) =>
        model.Targets.Count == 0
            ? null
            : HtmlReport.Section(
                "targets",
                "On the targets now",
                "",
                model.Targets.Select(target => Div("target", Heading(target), Problem(target), Table(target, model)))
            );

    private static XElement Heading(TargetReport target) =>
        El(
            "h3",
            Span("path", target.Target),
            target.FreeBytes is { } free ? Span("kind", HumanText.Size(free) + " free") : null
        );

    private static XElement? Problem(TargetReport target)
    {
        if (target.Problem is { } problem)
            return P(
                "what",
                SvgSymbols.Icon("bad"),
                Span("text", "It could not be looked at: ", Span("path", problem.Cause), ". " + problem.Advice)
            );
        return target.Sets.Count == 0
            ? P("what", SvgSymbols.Icon("warn"), Span("text", "There are no sets on it."))
            : null;
    }

    private static XElement? Table(TargetReport target, ReportModel model)
    {
        var table = new HtmlTable(
            "sets",
            "Sets on " + target.Target,
            "Set",
            "State",
            "As of",
            "Plan",
            "Files#",
            "Size#"
        );
        foreach (var set in target.Sets)
        {
            var isComplete = set.State == SetCondition.Complete;
            var isDamaged = set.FoundDamaged || set.State == SetCondition.Damaged;
            var holds = isComplete || set.State == SetCondition.Partial;
            var symbol =
                isDamaged ? "bad"
                : isComplete ? "good"
                : "warn";
            table.Add(
                null,
                symbol,
                new object?[]
                {
                    Span("name", set.Set),
                    ReferenceEquals(set, target.Newest) ? Span("kind", "The newest complete one") : null,
                },
                new object?[]
                {
                    Span(
                        "state " + symbol,
                        SvgSymbols.Icon(symbol),
                        isDamaged ? "Damaged"
                            : isComplete ? "Complete"
                            : holds ? "Partial"
                            : "Incomplete"
                    ),
                    set.Problem is { } problem ? Span("kind path", problem.Cause + ". " + problem.Advice) : null,
                },
                set.Started is { } started
                    ? new object?[]
                    {
                        Span("age", HumanText.Age(Amounts.Time(started), model.Generated)),
                        Span("kind", HtmlReport.Time(Amounts.Time(started), model)),
                    }
                    : ReportText.Unknown,
                set.Problem == null
                    ? new object?[] { set.Plan, Span("kind", "of " + set.Host + ", through " + set.Provider) }
                    : ReportText.Unknown,
                holds ? set.Files.ToString(System.Globalization.CultureInfo.InvariantCulture) : ReportText.Unknown,
                holds ? HumanText.Size(set.Bytes) : ReportText.Unknown
            );
        }

        return table.ToElement();
    }
}
