using System;
using System.Globalization;
using System.Linq;

namespace HyperVBackup.Scheduling;

/// <summary>The same for hosts without Task Scheduler: lines of root's crontab, as crontab(5) has them.</summary>
internal static class CronLine
{
    /// <summary>The lines for a plan, which <c>hvbackup run</c> runs; one for each time of the day.</summary>
    public static string Of(TaskSchedule schedule, string plan)
    {
        // A '%' ends the command in a crontab.
        var command = "hvbackup run '" + plan.Replace("'", "'\\''").Replace("%", "\\%") + "'";
        var days = schedule.Days.Count == 0 ? "*" : string.Join(",", schedule.Days.Select(day => ((int)day).ToString(CultureInfo.InvariantCulture)).OrderBy(day => day, StringComparer.Ordinal));
        return string.Join("\n", schedule.Starts.Select(start => start.ToString("m' 'H", CultureInfo.InvariantCulture) + " * * " + days + " " + command).Distinct());
    }
}
