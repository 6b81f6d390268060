using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Plans;

namespace HyperVBackup.Sets;

/// <summary>Which of the sets of a plan its <see cref="KeepRule"/> keeps, and why.</summary>
internal static class Retention
{
    /// <summary>No rule goes below that: one that stays good while something happens to the other.</summary>
    public const int Least = 2;

    /// <summary>Applies a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="started">When the run of each set started, UTC; the newest set first, by their sequence: a clock
    /// that was wrong once cannot make a set old.</param>
    /// <param name="zone">Whose days, weeks, months and years they are.</param>
    /// <returns>For each set why it is kept, as "daily 2026-11-25"; empty: it is not.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Apply(
        KeepRule rule,
        IReadOnlyList<DateTime> started,
        TimeZoneInfo zone
    )
    {
        var local = started
            .Select(utc => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone))
            .ToList();
        var reasons = started.Select(_ => new List<string>()).ToArray();
        for (var i = 0; i < started.Count && i < Math.Max(Least, rule.Last); i++)
            reasons[i].Add(i < rule.Last ? "last" : "newest two");
        KeepNewestOfEach(local, reasons, rule.Daily, "daily", time => Text(time, "yyyy-MM-dd"));
        KeepNewestOfEach(local, reasons, rule.Weekly, "weekly", time => Text(Monday(time), "yyyy-MM-dd"));
        KeepNewestOfEach(local, reasons, rule.Monthly, "monthly", time => Text(time, "yyyy-MM"));
        KeepNewestOfEach(local, reasons, rule.Yearly, "yearly", time => Text(time, "yyyy"));
        return reasons;
    }

    // As restic and borg count: days without a set do not use the number up.
    private static void KeepNewestOfEach(
        List<DateTime> local,
        List<string>[] reasons,
        int count,
        string kind,
        Func<DateTime, string> period
    )
    {
        var had = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < local.Count && had.Count < count; i++)
            if (period(local[i]) is var name && had.Add(name))
                reasons[i].Add(kind + " " + name);
    }

    private static DateTime Monday(DateTime time) => time.Date.AddDays(-(((int)time.DayOfWeek + 6) % 7));

    private static string Text(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
