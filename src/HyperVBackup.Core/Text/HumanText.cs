using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace HyperVBackup.Text;

/// <summary>
/// Sizes, rates, times and ages as people read them. Sizes count in 1024s and are called KB, MB, GB, as Windows calls
/// them.
/// </summary>
public static class HumanText
{
    private static readonly string[] Units = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };

    /// <summary>A size: <c>0 B</c>, <c>1.5 GB</c>, <c>128 MB</c>.</summary>
    public static string Size(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1023.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 || Math.Abs(value) >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture)
            + " "
            + Units[unit];
    }

    /// <summary>A rate: <c>210 MB/s</c>.</summary>
    public static string Rate(double bytesPerSecond) => Size((long)Math.Max(0, bytesPerSecond)) + "/s";

    /// <summary>A time span: <c>4 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c>, <c>3 d 4 h</c>.</summary>
    public static string Span(TimeSpan span)
    {
        if (span < TimeSpan.Zero)
            span = TimeSpan.Zero;
        if (span.TotalSeconds < 9.95)
            return span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
        if (span.TotalSeconds < 60)
            return Whole(span.TotalSeconds) + " s";
        if (span.TotalMinutes < 60)
            return (int)span.TotalMinutes + " min " + span.Seconds + " s";
        if (span.TotalHours < 24)
            return (int)span.TotalHours + " h " + span.Minutes + " min";
        return (int)span.TotalDays + " d " + span.Hours + " h";
    }

    /// <summary>
    /// How long ago: <c>just now</c>, <c>5 min ago</c>, <c>3 h ago</c>, <c>12 d ago</c>. A time to come is called so:
    /// clocks can be wrong.
    /// </summary>
    public static string Age(DateTime utc, DateTime now)
    {
        var age = now - utc;
        if (age < TimeSpan.FromMinutes(-1))
            return "in the future";
        if (age.TotalMinutes < 1)
            return "just now";
        if (age.TotalHours < 1)
            return (int)age.TotalMinutes + " min ago";
        if (age.TotalDays < 2)
            return (int)age.TotalHours + " h ago";
        return (int)age.TotalDays + " d ago";
    }

    /// <summary>A count: <c>1 file</c>, <c>12 files</c>.</summary>
    public static string Count(long count, string one) =>
        count.ToString(CultureInfo.InvariantCulture) + " " + one + (count == 1 ? "" : "s");

    /// <summary>A list: <c>C:\, D:\ and E:\</c>.</summary>
    public static string List(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count < 2
            ? string.Concat(all)
            : string.Join(", ", all.Take(all.Count - 1)) + " and " + all[all.Count - 1];
    }

    private static string Whole(double value) =>
        Math.Min(59, Math.Round(value)).ToString("0", CultureInfo.InvariantCulture);
}
