using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>
/// Which sets a rule keeps. Times are the host's local ones, the newest set first: a star marks what is kept.
/// </summary>
public class RetentionTests
{
    [Theory]
    [InlineData("last=3", "*11-25 02:00, *11-24 02:00, *11-23 02:00, 11-22 02:00")]
    [InlineData("last=1", "*11-25 02:00, *11-24 02:00, 11-23 02:00")] // Never below two.
    // The newest of a day; the newest two in any case.
    [InlineData("daily=2", "*11-25 22:00, *11-25 12:00, 11-25 02:00, *11-24 22:00, 11-24 02:00, 11-23 02:00")]
    // Days without a set do not use the number up.
    [InlineData("daily=3", "*11-25 02:00, *11-21 02:00, *11-01 02:00, 10-31 02:00")]
    // The 23rd and the 16th are Mondays.
    [InlineData("weekly=2", "*11-23 02:00, *11-22 02:00, 11-16 02:00, 11-15 02:00")]
    [InlineData("weekly=3", "*11-25 02:00, *11-24 02:00, *11-22 02:00, 11-16 02:00, *11-15 02:00, 11-09 02:00")]
    [InlineData("monthly=3", "*11-02 02:00, *11-01 02:00, *10-31 23:59, 10-01 00:00, *09-30 23:59")]
    [InlineData("yearly=1,monthly=1,daily=1", "*11-25 02:00, *11-24 02:00, 10-24 02:00")]
    [InlineData(
        "last=1,daily=2,monthly=2",
        "*11-25 02:00, *11-24 02:00, 11-23 02:00, *10-31 02:00, 10-30 02:00, 09-30 02:00"
    )] // What any of them keeps.
    // A clock that was months behind for one run: the sequence tells what is new.
    [InlineData("daily=2", "*11-25 02:00, *03-01 02:00, 11-24 02:00, 11-23 02:00")]
    [InlineData("daily=2", "*11-25 02:00, *12-31 02:00, 11-24 02:00")] // A clock that was ahead.
    [InlineData("daily=7", "")]
    [InlineData("daily=7", "*11-25 02:00")]
    public void Keeps_the_newest_of_each_period(string rule, string sets)
    {
        var times = sets.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        var started = times
            .Select(time =>
                DateTime.ParseExact("2026-" + time.TrimStart('*'), "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            )
            .ToList();
        var kept = Retention.Apply(KeepRule.TryParse(rule, out _)!, started, TimeZoneInfo.Utc);
        Assert.Equal(
            sets,
            string.Join(", ", times.Select((time, i) => (kept[i].Count > 0 ? "*" : "") + time.TrimStart('*')))
        );
    }

    [Fact]
    public void Weeks_cross_years_and_begin_on_Monday()
    {
        // 2026-12-28 is a Monday, 2027-01-03 the Sunday of its week.
        var days = new[] { Utc(2027, 1, 4), Utc(2027, 1, 3), Utc(2026, 12, 31), Utc(2026, 12, 28), Utc(2026, 12, 27) };
        var kept = Retention.Apply(new KeepRule { Weekly = 3 }, days, TimeZoneInfo.Utc);
        Assert.Equal(
            ["weekly 2027-01-04", "weekly 2026-12-28", "", "", "weekly 2026-12-21"],
            kept.Select(why => why.LastOrDefault(reason => reason.StartsWith("weekly", StringComparison.Ordinal)) ?? "")
        );
    }

    [Fact]
    public void A_day_is_the_hosts_own_day_in_summer_and_in_winter()
    {
        // 23:30 UTC is the next day already; in the night of 25 October the hour after 02:00 comes twice.
        var started = new[]
        {
            Utc(2026, 10, 25, 23, 30),
            Utc(2026, 10, 25, 1, 30),
            Utc(2026, 10, 25, 0, 30),
            Utc(2026, 10, 24, 22, 30),
            Utc(2026, 10, 24, 21, 30),
        };
        var kept = Retention.Apply(new KeepRule { Daily = 3 }, started, Prague);
        Assert.Equal(
            ["daily 2026-10-26", "daily 2026-10-25", "", "", "daily 2026-10-24"],
            kept.Select(why => why.LastOrDefault(reason => reason.StartsWith("daily", StringComparison.Ordinal)) ?? "")
        );
    }

    [Fact]
    public void Names_are_of_local_time_and_none_is_given_twice()
    {
        var taken = new HashSet<string>();
        var names = new[]
        {
            Utc(2026, 10, 25, 0, 30),
            Utc(2026, 10, 25, 1, 30),
            Utc(2026, 10, 25, 1, 30),
            Utc(2026, 1, 1, 23, 5),
        }
            .Select(time =>
            {
                var name = SetNames.OfTime(time, Prague, taken.Contains);
                taken.Add(name);
                return name;
            })
            .ToList();
        Assert.Equal(["2026-10-25_0230", "2026-10-25_0230-2", "2026-10-25_0230-3", "2026-01-02_0005"], names);
        Assert.All(names, name => Assert.True(SetNames.IsOfTime(name) && FolderNames.WhyNot(name) == null));
    }

    [Theory]
    [InlineData("SetA")]
    [InlineData("2026-10-25")]
    [InlineData("2026-10-25_0230-")]
    [InlineData("2026-10-25_0230 ")]
    [InlineData("x2026-10-25_0230")]
    public void Other_names_are_not_taken_for_a_time(string name) => Assert.False(SetNames.IsOfTime(name));

    [Theory]
    [InlineData("daily", "gives no number")]
    [InlineData("daily=x", "gives no number")]
    [InlineData("daily=-1", "gives no number")]
    [InlineData("hourly=3", "is not one of last, daily")]
    [InlineData("daily=1,daily=2", "twice")]
    [InlineData("daily=0", "keeps nothing")]
    [InlineData("", "keeps nothing")]
    public void A_rule_that_is_none_is_refused_in_words(string text, string why)
    {
        Assert.Null(KeepRule.TryParse(text, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_become_names()
    {
        Assert.Equal(["Set01", "Set02", "Set03"], SetNames.Expand(["3"]));
        Assert.Equal("Set14", SetNames.Expand(["14"])[13]);
        Assert.Equal("Set001", SetNames.Expand(["100"])[0]);
        Assert.Equal(["1"], SetNames.Expand(["1"]));
        Assert.Equal(["Mon", "14"], SetNames.Expand(["Mon", "14"]));
    }

    // Made by hand, so that it is the same on every system.
    private static TimeZoneInfo Prague { get; } =
        TimeZoneInfo.CreateCustomTimeZone(
            "test",
            TimeSpan.FromHours(1),
            "test",
            "test",
            "test summer",
            [
                TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                    new DateTime(2000, 1, 1),
                    new DateTime(2099, 12, 31),
                    TimeSpan.FromHours(1),
                    TimeZoneInfo.TransitionTime.CreateFloatingDateRule(
                        new DateTime(1, 1, 1, 2, 0, 0),
                        3,
                        5,
                        DayOfWeek.Sunday
                    ),
                    TimeZoneInfo.TransitionTime.CreateFloatingDateRule(
                        new DateTime(1, 1, 1, 3, 0, 0),
                        10,
                        5,
                        DayOfWeek.Sunday
                    )
                ),
            ]
        );

    private static DateTime Utc(int year, int month, int day, int hour = 2, int minute = 0) =>
        new(year, month, day, hour, minute, 0, DateTimeKind.Utc);
}
