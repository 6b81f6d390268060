using System;
using System.Collections.Generic;

namespace HyperVBackup.Reports;

/// <summary>
/// Numbers and times from files that anybody may have edited, cut to what can be, so that nothing later overflows.
/// </summary>
internal static class Amounts
{
    private const long Most = 1L << 60;
    private static readonly DateTime Earliest = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Latest = new(2400, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static long Bytes(long bytes) => Math.Max(0, Math.Min(bytes, Most));

    public static long Bytes(double bytes) =>
        bytes >= Most ? Most
        : bytes > 0 ? (long)bytes
        : 0;

    public static long Sum(IEnumerable<long> amounts)
    {
        long sum = 0;
        foreach (var amount in amounts)
            sum = Bytes(sum + Bytes(amount));
        return sum;
    }

    /// <summary>A part of a whole, at most all of it; null when there is no whole.</summary>
    public static double? Share(long part, long whole) => whole > 0 ? Math.Min(1, (double)part / whole) : null;

    /// <summary>Bytes per second; null when the time was not measured.</summary>
    public static double? Rate(long bytes, double seconds) =>
        seconds > 0 && bytes > 0 && !double.IsInfinity(seconds) ? bytes / seconds : null;

    /// <summary>A time in UTC, in a year that calendars and time zones can cope with.</summary>
    public static DateTime Time(DateTime time)
    {
        var utc =
            time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
        return utc < Earliest ? Earliest
            : utc > Latest ? Latest
            : utc;
    }
}
