using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace HyperVBackup.Plans;

/// <summary>
/// How many sets are kept where each run writes a new one: the newest of each of the last days, weeks, months and years
/// that have one, and the last ones whatever
/// their day. A set that any of them keeps is kept.
/// </summary>
public sealed record KeepRule
{
    /// <summary>The most of each kind.</summary>
    public const int Most = 10_000;

    /// <summary>The names of the kinds, as plans and the command line have them.</summary>
    public static IReadOnlyList<string> Kinds { get; } = new[] { "last", "daily", "weekly", "monthly", "yearly" };

    /// <summary>So many of the newest.</summary>
    public int Last { get; init; }

    /// <summary>The newest set of each of so many days.</summary>
    public int Daily { get; init; }

    /// <summary>The newest set of each of so many weeks; they begin on Monday.</summary>
    public int Weekly { get; init; }

    /// <summary>The newest set of each of so many months.</summary>
    public int Monthly { get; init; }

    /// <summary>The newest set of each of so many years.</summary>
    public int Yearly { get; init; }

    /// <summary>
    /// The most sets that are ever there at once: all that are kept, no set twice over, two at least, and the one that
    /// is written.
    /// </summary>
    public int SetsAtMost => Math.Max(2, Last + Daily + Weekly + Monthly + Yearly) + 1;

    /// <summary>The rule of its numbers by kind.</summary>
    internal static KeepRule Of(Func<string, int> number) =>
        new()
        {
            Last = number("last"),
            Daily = number("daily"),
            Weekly = number("weekly"),
            Monthly = number("monthly"),
            Yearly = number("yearly"),
        };

    /// <summary>Reads <c>last=7,daily=14</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="problem">What is wrong with it, when null is returned.</param>
    public static KeepRule? TryParse(string text, out string problem)
    {
        var numbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        problem = "";
        foreach (var part in text.Split(',').Select(part => part.Trim()).Where(part => part.Length > 0))
        {
            var pair = part.Split('=');
            var kind = pair[0].Trim();
            if (!Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase))
                problem = "'" + kind + "' is not one of " + string.Join(", ", Kinds);
            else if (
                pair.Length != 2
                || !int.TryParse(pair[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number > Most
            )
                problem = "'" + part + "' gives no number from 0 to " + Most;
            else if (numbers.ContainsKey(kind))
                problem = "'" + kind + "' is there twice";
            else
                numbers.Add(kind, number);
            if (problem.Length > 0)
                return null;
        }

        var rule = Of(kind => numbers.TryGetValue(kind, out var number) ? number : 0);
        if (rule != new KeepRule())
            return rule;
        problem = "it keeps nothing; as last=7,daily=14";
        return null;
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() =>
        string.Join(
            ",",
            new[] { ("last", Last), ("daily", Daily), ("weekly", Weekly), ("monthly", Monthly), ("yearly", Yearly) }
                .Where(kind => kind.Item2 > 0)
                .Select(kind => kind.Item1 + "=" + kind.Item2.ToString(CultureInfo.InvariantCulture))
        );
}
