using System;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Scheduling;
using Xunit;

namespace HyperVBackup.Tests.Scheduling;

/// <summary>When a task runs first, and how that is said.</summary>
public sealed class TaskScheduleTests
{
    [Theory]
    [InlineData("2026-01-29 02:00", "", "2026-01-30T02:00")] // it was two already: tomorrow
    [InlineData("2026-01-29 10:00", "", "2026-01-30T10:00")] // this very minute is over
    [InlineData("2026-01-29 10:01", "", "2026-01-29T10:01")]
    [InlineData("2020-05-05 23:00", "", "2026-01-29T23:00")] // a date of the past says nothing but the time
    [InlineData("2026-03-01 02:00", "", "2026-03-01T02:00")] // one to come is that of the first run
    [InlineData("2026-01-29 23:00", "Thursday", "2026-01-29T23:00")]
    [InlineData("2026-01-29 02:00", "Thursday", "2026-02-05T02:00")]
    [InlineData("2026-01-29 02:00", "Sunday,Wednesday", "2026-02-01T02:00")]
    [InlineData("2026-03-01 02:00", "Tuesday", "2026-03-03T02:00")]
    [InlineData("2026-01-29 02:00", "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday", "2026-01-30T02:00")]
    public void The_first_run_is_the_next_that_fits(string at, string days, string first)
    {
        var start = Assert.Single(Schedule(at, days).Starts);
        Assert.Equal(first, start.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        Assert.Equal(DateTimeKind.Unspecified, start.Kind);
    }

    [Theory]
    [InlineData("2026-01-29 02:00", "", "every day at 02:00")]
    [InlineData("2026-01-29 02:00", "Friday,Monday", "on Monday and Friday at 02:00")]
    [InlineData(
        "2026-01-29 22:30:15;2026-01-29 02:00;2026-01-29 02:00",
        "Sunday,Monday,Friday",
        "on Monday, Friday and Sunday at 02:00 and 22:30:15"
    )]
    public void It_reads_well(string at, string days, string text) => Assert.Equal(text, Schedule(at, days).ToString());

    [Fact]
    public void All_seven_days_are_every_day() =>
        Assert.Empty(Schedule("2026-01-29 02:00", string.Join(",", Enum.GetNames<DayOfWeek>())).Days);

    [Theory]
    [InlineData("", "0 2 * * * hvbackup run '/srv/it'\\''s 100\\%.json'")]
    [InlineData("Sunday,Friday", "0 2 * * 0,5 hvbackup run '/srv/it'\\''s 100\\%.json'")]
    public void Cron_can_do_the_same(string days, string line) =>
        Assert.Equal(line, CronLine.Of(Schedule("2026-01-29 02:00", days), "/srv/it's 100%.json"));

    [Fact]
    public void A_path_that_would_begin_a_line_of_its_own_is_no_line_for_cron() =>
        Assert.Contains(
            "line break",
            Assert
                .Throws<BackupException>(() =>
                    CronLine.Of(Schedule("2026-01-29 02:00", ""), "/srv/x\n* * * * * id #.json")
                )
                .Failure.Cause,
            StringComparison.Ordinal
        );

    // Now is Thursday, 29 January 2026, ten o'clock.
    private static TaskSchedule Schedule(string at, string days) =>
        TaskSchedule.Of(
            at.Split(';').Select(time => DateTime.Parse(time, CultureInfo.InvariantCulture)),
            days.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<DayOfWeek>),
            new DateTime(2026, 1, 29, 10, 0, 0, DateTimeKind.Local)
        );
}
