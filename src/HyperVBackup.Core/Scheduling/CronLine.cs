using System;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Scheduling;

/// <summary>The same for hosts without Task Scheduler: lines of root's crontab, as crontab(5) has them.</summary>
internal static class CronLine
{
    /// <summary>The lines for a plan, which <c>hvbackup run</c> runs; one for each time of the day.</summary>
    public static string Of(TaskSchedule schedule, string plan)
    {
        // A line of a crontab goes on in no other, whatever is written before its end.
        if (plan.Any(char.IsControl))
            throw new BackupException(
                new Failure(
                    FailureKind.NotSupported,
                    plan,
                    "write a line of a crontab",
                    "its path holds a line break or another control character"
                )
                {
                    Advice = "Give the plan's file, and its folders, names without them.",
                }
            );
        // A '%' ends the command in a crontab.
        var command = "hvbackup run '" + plan.Replace("'", "'\\''").Replace("%", "\\%") + "'";
        var days =
            schedule.Days.Count == 0
                ? "*"
                : string.Join(
                    ",",
                    schedule
                        .Days.Select(day => ((int)day).ToString(CultureInfo.InvariantCulture))
                        .OrderBy(day => day, StringComparer.Ordinal)
                );
        return string.Join(
            "\n",
            schedule
                .Starts.Select(start =>
                    start.ToString("m' 'H", CultureInfo.InvariantCulture) + " * * " + days + " " + command
                )
                .Distinct()
        );
    }
}
