using System;
using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Plans;
using HyperVBackup.Scheduling;
using Xunit;

namespace HyperVBackup.Tests.Scheduling;

/// <summary>A task's definition, as Task Scheduler reads it.</summary>
public sealed class TaskXmlTests
{
    private static readonly DateTime Now = new(2026, 1, 29, 10, 0, 0); // a Thursday

    [Fact]
    public void It_is_what_the_schema_allows()
    {
        Assert.Empty(TaskSchema.Problems(TaskXml.Write(Task())));
        Assert.Empty(
            TaskSchema.Problems(
                TaskXml.Write(
                    Task(days: [DayOfWeek.Sunday, DayOfWeek.Monday], account: TaskAccount.User("CONTOSO\\bob"))
                )
            )
        );
    }

    [Fact]
    public void The_schema_of_these_tests_knows_what_is_wrong()
    {
        var xml = TaskXml.Write(Task());
        Assert.NotEmpty(
            TaskSchema.Problems(
                xml.Replace(
                    "<DaysInterval>1</DaysInterval>",
                    "<DaysInterval>0</DaysInterval>",
                    StringComparison.Ordinal
                )
            )
        );
        Assert.NotEmpty(
            TaskSchema.Problems(
                xml.Replace("<Priority>5</Priority>", "<Priorität>5</Priorität>", StringComparison.Ordinal)
            )
        );
        Assert.NotEmpty(
            TaskSchema.Problems(
                xml.Replace("</CalendarTrigger>", "<Enabled>true</Enabled></CalendarTrigger>", StringComparison.Ordinal)
            )
        );
        Assert.NotEmpty(TaskSchema.Problems(xml.Replace("02:00:00", "02:00:00Z", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_runs_elevated_as_the_computer_one_at_a_time_and_makes_up_for_what_was_missed()
    {
        var xml = TaskXml.Write(Task());
        Assert.Equal(("S-1-5-18", "HighestAvailable"), (Value(xml, "UserId"), Value(xml, "RunLevel")));
        Assert.DoesNotContain("LogonType", xml, StringComparison.Ordinal);
        Assert.Equal(
            ("IgnoreNew", "true", "P1D", "5"),
            (
                Value(xml, "MultipleInstancesPolicy"),
                Value(xml, "StartWhenAvailable"),
                Value(xml, "ExecutionTimeLimit"),
                Value(xml, "Priority")
            )
        );
        Assert.Equal(
            ("false", "false", "false"),
            (
                Value(xml, "DisallowStartIfOnBatteries"),
                Value(xml, "StopIfGoingOnBatteries"),
                Value(xml, "RunOnlyIfIdle")
            )
        );
        Assert.Equal(TaskXml.Source, Value(xml, "Source"));
    }

    [Fact]
    public void Each_time_of_the_day_is_a_trigger_and_times_have_no_zone()
    {
        var xml = TaskXml.Write(Task(at: [Now.Date.AddHours(14), Now.Date.AddHours(2)]));
        Assert.Equal(
            ["2026-01-29T14:00:00", "2026-01-30T02:00:00"],
            Elements(xml, "StartBoundary").Select(start => start.Value)
        );
        Assert.Equal(2, Elements(xml, "ScheduleByDay").Length);
    }

    [Fact]
    public void Days_of_the_week_stand_in_the_order_of_the_schema()
    {
        var xml = TaskXml.Write(Task(days: [DayOfWeek.Sunday, DayOfWeek.Friday, DayOfWeek.Monday, DayOfWeek.Friday]));
        Assert.Equal(
            ["Monday", "Friday", "Sunday"],
            Elements(xml, "DaysOfWeek").Single().Elements().Select(day => day.Name.LocalName)
        );
        Assert.Equal("2026-01-30T02:00:00", Value(xml, "StartBoundary"));
    }

    [Fact]
    public void An_account_logs_on_by_its_password_a_managed_one_too()
    {
        Assert.Equal(
            ("CONTOSO\\bob", "Password"),
            (
                Value(TaskXml.Write(Task(account: TaskAccount.User("CONTOSO\\bob"))), "UserId"),
                Value(TaskXml.Write(Task(account: TaskAccount.User("CONTOSO\\bob"))), "LogonType")
            )
        );
        Assert.Equal(
            "CONTOSO\\hv$",
            Value(TaskXml.Write(Task(account: TaskAccount.ManagedServiceAccount("CONTOSO\\hv"))), "UserId")
        );
        Assert.Throws<PlanException>(() => TaskAccount.ManagedServiceAccount("hv$"));
    }

    [Fact]
    public void A_run_may_take_as_long_as_it_wants()
    {
        Assert.Equal("PT0S", Value(TaskXml.Write(Task() with { TimeLimit = TimeSpan.Zero }), "ExecutionTimeLimit"));
        Assert.Equal(
            "PT12H30M",
            Value(TaskXml.Write(Task() with { TimeLimit = TimeSpan.FromHours(12.5) }), "ExecutionTimeLimit")
        );
    }

    [Fact]
    public void Names_and_paths_cannot_break_out()
    {
        const string odd = "C:\\a <b> & \"c\" ]]> Überstunden \ud83d\ude00\\n.json";
        var xml = TaskXml.Write(Task() with { Plan = odd, Author = "A\u0000\ud800<&" });
        Assert.Empty(TaskSchema.Problems(xml));
        Assert.Contains("Überstunden \ud83d\ude00", Value(xml, "Arguments"), StringComparison.Ordinal);
        Assert.Equal("A??<&", Value(xml, "Author"));
    }

    internal static TaskDefinition Task(DateTime[]? at = null, DayOfWeek[]? days = null, TaskAccount? account = null) =>
        new()
        {
            Address = TaskAddress.Local(null, "nightly"),
            Schedule = TaskSchedule.Of(at ?? [Now.Date.AddHours(2)], days ?? [], Now),
            Account = account ?? TaskAccount.System,
            Plan = @"C:\Backup\nightly.json",
            Shell = TaskShell.Resolve("powershell", null, null),
            Manifest = @"C:\Program Files\WindowsPowerShell\Modules\HyperVBackup\0.1.0\HyperVBackup.psd1",
            Registered = Now,
        };

    private static XElement[] Elements(string xml, string name) =>
        XDocument.Parse(xml).Descendants(XName.Get(name, TaskXml.Namespace)).ToArray();

    private static string Value(string xml, string name) => Elements(xml, name)[0].Value;
}
