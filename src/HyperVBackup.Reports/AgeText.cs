using System;
using System.Globalization;

namespace HyperVBackup.Reports;

/// <summary>
/// Ages as people give them: <c>2</c> and <c>1.5</c> are days, <c>36h</c>, <c>2d</c>, <c>1.12:00:00</c>.
/// </summary>
public static class AgeText
{
    /// <summary>What would be right, for messages.</summary>
    public const string Examples = "days, as 2 or 1.5, or 36h, 2d, 1.12:00:00";

    /// <summary>Reads one.</summary>
    public static bool TryParse(string text, out TimeSpan age)
    {
        age = default;
        var trimmed = text.Trim();
        if (trimmed.Contains(":"))
            return TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out age);
        var isHours = trimmed.EndsWith("h", StringComparison.OrdinalIgnoreCase);
        if (isHours || trimmed.EndsWith("d", StringComparison.OrdinalIgnoreCase))
            trimmed = trimmed.Substring(0, trimmed.Length - 1);
        if (
            !double.TryParse(
                trimmed,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return false;
        return TryMake(isHours ? number / 24 : number, out age);
    }

    /// <summary>So many days.</summary>
    /// <returns>False: no span of time is that long.</returns>
    public static bool TryMake(double days, out TimeSpan age)
    {
        var isSpan = Math.Abs(days) <= 10_000_000;
        age = isSpan ? TimeSpan.FromDays(days) : default;
        return isSpan;
    }
}
