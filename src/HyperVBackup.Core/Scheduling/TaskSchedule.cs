using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Text;

namespace HyperVBackup.Scheduling;

/// <summary>
/// When a task runs: at one or more times of the day, every day or on some days of the week. All times are the local
/// time of the host that runs it, without a
/// zone: two o'clock stays two o'clock when summer time begins and ends.
/// </summary>
public sealed record TaskSchedule
{
    /// <summary>The first run of each time of the day, local; the earliest first.</summary>
    public IReadOnlyList<DateTime> Starts { get; init; } = Array.Empty<DateTime>();

    /// <summary>The days of the week, from Monday on; none: every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = Array.Empty<DayOfWeek>();

    /// <summary>A schedule.</summary>
    /// <param name="at">The times of the day, local. A date that is still to come is that of the first run.</param>
    /// <param name="days">The days of the week; none: every day.</param>
    /// <param name="now">The local time of now.</param>
    public static TaskSchedule Of(IEnumerable<DateTime> at, IEnumerable<DayOfWeek> days, DateTime now)
    {
        var wanted = days.Distinct().OrderBy(FromMonday).ToArray();
        // All seven are every day, and read as such.
        if (wanted.Length == 7)
            wanted = Array.Empty<DayOfWeek>();
        return new TaskSchedule
        {
            Starts = at.Select(time => First(time, wanted, now)).Distinct().OrderBy(start => start).ToArray(),
            Days = wanted,
        };
    }

    /// <summary>In words: <c>every day at 02:00 and 14:00</c>, <c>on Monday and Friday at 02:00</c>.</summary>
    public override string ToString() =>
        (Days.Count == 0 ? "every day" : "on " + HumanText.List(Days.Select(day => day.ToString())))
        + " at "
        + HumanText.List(
            Starts
                .Select(start => start.ToString(start.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture))
                .OrderBy(time => time, StringComparer.Ordinal)
        );

    /// <summary>From 0, Monday, to 6, Sunday: the order of the task's schema.</summary>
    internal static int FromMonday(DayOfWeek day) => ((int)day + 6) % 7;

    // Not in the past: Task Scheduler might take the task for one that has missed its time.
    private static DateTime First(DateTime at, DayOfWeek[] days, DateTime now)
    {
        var time = new TimeSpan(at.Hour, at.Minute, at.Second);
        var start = DateTime.SpecifyKind((at > now ? at : now).Date, DateTimeKind.Unspecified) + time;
        while (
            start <= DateTime.SpecifyKind(now, DateTimeKind.Unspecified)
            || (days.Length > 0 && !days.Contains(start.DayOfWeek))
        )
            start = start.AddDays(1);
        return start;
    }
}
