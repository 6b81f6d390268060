using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Text;

namespace HyperVBackup.Reports;

/// <summary>
/// The scale of bars. The first run of a plan writes everything and the others little: bars far above the rest are cut,
/// marked as cut and labelled, so that the
/// others can be seen.
/// </summary>
internal sealed class TimelineScale
{
    private const double CutFrom = 3;
    private readonly double _top;

    private TimelineScale(double top) => _top = top;

    /// <summary>The lines of the grid, as parts of the height, and what they mean.</summary>
    public IEnumerable<(double Part, string Text)> Lines =>
        _top > 0
            ? new[] { (0.5, HumanText.Size((long)(_top / 2))), (1.0, HumanText.Size((long)_top)) }
            : Array.Empty<(double, string)>();

    public static TimelineScale Of(IReadOnlyList<double> values)
    {
        var sorted = values.Where(value => value > 0).OrderBy(value => value).ToList();
        if (sorted.Count == 0)
            return new TimelineScale(0);
        var most = sorted[sorted.Count - 1];
        var usual = sorted[(int)Math.Ceiling(0.85 * sorted.Count) - 1];
        return new TimelineScale(Round(sorted.Count > 4 && most > CutFrom * usual ? usual * 1.25 : most));
    }

    /// <summary>The height of a bar, and whether it is cut.</summary>
    public (double Height, bool IsCut) Height(double value, double full) =>
        value <= 0 || _top <= 0 ? (0, false)
        : value > _top ? (full, true)
        : (Math.Max(1.5, full * value / _top), false);

    // Up to 1, 1.5, 2, 3, 4, 6, 8 or 10 of a unit people count in: lines at half of it are round, too.
    private static double Round(double value)
    {
        var unit = Math.Pow(1024, Math.Max(0, Math.Floor(Math.Log(value, 1024))));
        var inUnit = value / unit;
        var ten = Math.Pow(10, Math.Floor(Math.Log10(inUnit)));
        return new[] { 1, 1.5, 2, 3, 4, 6, 8, 10 }.First(step => inUnit <= step * ten * 1.0000001 || step == 10)
            * ten
            * unit;
    }
}
