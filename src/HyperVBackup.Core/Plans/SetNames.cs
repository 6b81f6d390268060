using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace HyperVBackup.Plans;

/// <summary>The names that sets get when a plan does not name each: by number, or by the time of their run.</summary>
public static class SetNames
{
    /// <summary>The most sets that take turns.</summary>
    public const int Most = 1000;

    private static readonly Regex Timed = new(
        "\\A[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{4}(-[0-9]{1,4})?\\z",
        RegexOptions.CultureInvariant
    );

    /// <summary>
    /// Set01, Set02 …: two digits at least, so that a plan may grow from five sets to fourteen and its sets keep their
    /// names.
    /// </summary>
    public static IReadOnlyList<string> Numbered(int count)
    {
        var digits =
            "D"
            + Math.Max(2, count.ToString(CultureInfo.InvariantCulture).Length).ToString(CultureInfo.InvariantCulture);
        return Enumerable
            .Range(1, count)
            .Select(number => "Set" + number.ToString(digits, CultureInfo.InvariantCulture))
            .ToArray();
    }

    /// <summary>SetA and SetB, SetC and SetD … SetY and SetZ: what sets are called that nobody named.</summary>
    public static IEnumerable<IReadOnlyList<string>> Pairs =>
        Enumerable
            .Range(0, 13)
            .Select(pair =>
                (IReadOnlyList<string>)new[] { "Set" + (char)('A' + (2 * pair)), "Set" + (char)('B' + (2 * pair)) }
            );

    /// <summary>
    /// The name for a run of that time, <c>2026-11-25_0200</c>: in the host's local time, as people look for "the one
    /// of Wednesday night". Where it is taken (two runs in
    /// a minute, an hour that the clock goes through twice) a number follows. Ages are told by the sets' sequence,
    /// never by their names.
    /// </summary>
    /// <param name="utc">When the run started.</param>
    /// <param name="zone">The host's time zone.</param>
    /// <param name="isTaken">Whether a name is there already.</param>
    public static string OfTime(DateTime utc, TimeZoneInfo zone, Func<string, bool> isTaken)
    {
        var name = TimeZoneInfo.ConvertTimeFromUtc(utc, zone).ToString("yyyy-MM-dd_HHmm", CultureInfo.InvariantCulture);
        if (!isTaken(name))
            return name;
        for (var number = 2; ; number++)
            if (name + "-" + number.ToString(CultureInfo.InvariantCulture) is var other && !isTaken(other))
                return other;
    }

    /// <summary>Whether a name is one of <see cref="OfTime"/>.</summary>
    public static bool IsOfTime(string name) => Timed.IsMatch(name);

    /// <summary>
    /// The names that were given: as they are, or so many of <see cref="Numbered"/> where one number was given.
    /// </summary>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> given) =>
        given.Count == 1
        && int.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && count is >= 2 and <= Most
            ? Numbered(count)
            : given;
}
