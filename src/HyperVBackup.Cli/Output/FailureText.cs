using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Output;

/// <summary>Failures in words: what, where, why, and what to do.</summary>
internal static class FailureText
{
    // Whoever reads more than this reads the JSON.
    private const int Shown = 50;

    /// <summary>Ends a command that has nothing to report but why it failed.</summary>
    /// <returns>The exit code.</returns>
    public static int End(Surroundings surroundings, bool json, Failure failure, IReadOnlyList<PlanProblem>? problems)
    {
        var exitCode = ExitCodes.Of(failure.Kind);
        if (json)
        {
            var result = new JObject
            {
                ["failures"] = JsonOutput.ToToken(new[] { failure }),
                ["failureCount"] = 1,
                ["warnings"] = new JArray(),
            };
            if (problems != null)
                result["problems"] = JsonOutput.ToToken(problems);
            JsonOutput.Write(
                surroundings.Output,
                result,
                failure.Kind == FailureKind.Cancelled ? "cancelled"
                    : exitCode == ExitCodes.Damage ? "damaged"
                    : "failed",
                exitCode
            );
            return exitCode;
        }

        IEnumerable<string> lines =
            problems == null || problems[0].Property == "arguments"
                ?
                [
                    problems == null ? failure.Message + "." : failure.Target + ": " + problems[0].Message,
                    "  " + failure.Advice,
                ]
                : problems
                    .Select(problem => "  " + problem)
                    .Prepend(failure.Target + " cannot be used; nothing was touched:");
        foreach (var line in lines)
            surroundings.Error.WriteLine(Printable.Text(line));
        return exitCode;
    }

    /// <summary>Adds failures to a report, each kind's advice once, below the last of its kind.</summary>
    public static void Add(Report report, IReadOnlyList<Failure> failures, long count)
    {
        if (count == 0)
            return;
        report.Line();
        report.Line(count == 1 ? "One failure:" : count + " failures:", Tone.Bad);
        foreach (var alike in failures.Take(Shown).GroupBy(failure => failure.Advice))
        {
            foreach (var failure in alike)
                report.Line("  " + failure.Message);
            report.Line("    " + alike.Key);
        }

        if (count > Shown)
            report.Line("  ... and " + (count - Shown) + " more (--json lists up to a thousand)");
    }

    /// <summary>Adds warnings to a report.</summary>
    public static void AddWarnings(Report report, IReadOnlyList<string> warnings)
    {
        var more =
            warnings.Count > Shown
                ? ["... and " + (warnings.Count - Shown) + " more (--json lists up to a thousand)"]
                : new List<string>();
        report.List(
            warnings.Count == 1 ? "One warning:" : warnings.Count + " warnings:",
            warnings.Take(Shown).Concat(more).ToList(),
            Tone.Warning
        );
    }
}
