using System;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using Xunit;

namespace HyperVBackup.Tests.Host;

/// <summary>What the logs of systems take, and how long they may take for it.</summary>
public sealed class LogEventTests
{
    private static readonly LogEvent Failed = new(EventKind.BackupFailed, "It failed.\nD:\\100%1 full\t%%7 %x\0");

    [Fact]
    public void The_event_log_gets_lines_that_no_viewer_takes_for_its_own() =>
        Assert.Equal("It failed.\r\nD:\\100% 1 full\t% % 7 %x?", Failed.ForEventLog());

    [Fact]
    public void Syslog_gets_one_line_that_begins_with_the_source_and_the_id() =>
        Assert.Equal("HyperVBackup 1002 (error): It failed. D:\\100%1 full?%%7 %x?", Failed.ForSyslog());

    [Fact]
    public void Texts_that_are_too_long_are_cut_and_say_so()
    {
        var text = (Failed with { Text = string.Concat(Enumerable.Repeat("\ud83d\ude00x", 20_000)) }).ForEventLog();
        Assert.InRange(text.Length, 31_800, LogEvent.MostInEvent);
        Assert.EndsWith(" ... (cut here; the log of the run has it all)", text, StringComparison.Ordinal);
        Assert.All(
            Enumerable.Range(0, text.Length),
            at => Assert.True(!char.IsHighSurrogate(text[at]) || char.IsLowSurrogate(text[at + 1]))
        );
        Assert.InRange((Failed with { Text = new string('x', 20_000) }).ForSyslog().Length, 1900, 2000);
    }

    [Fact]
    public void A_text_of_just_the_length_is_whole()
    {
        var text = new string('x', LogEvent.MostInEvent);
        Assert.Equal(text, (Failed with { Text = text }).ForEventLog());
    }

    [Fact]
    public void A_log_that_refuses_or_hangs_is_a_failure_with_advice()
    {
        var refused = Assert.Throws<BackupException>(() =>
            SystemLog.Write(
                Failed,
                _ => throw new InvalidOperationException("The service is stopped."),
                TimeSpan.FromMinutes(1)
            )
        );
        Assert.Equal((FailureKind.IoError, "The service is stopped"), (refused.Failure.Kind, refused.Failure.Cause));
        using var never = new System.Threading.ManualResetEventSlim();
        var hung = Assert.Throws<BackupException>(() =>
            SystemLog.Write(Failed, _ => never.Wait(), TimeSpan.FromMilliseconds(1))
        );
        never.Set();
        Assert.Equal(FailureKind.TimedOut, hung.Failure.Kind);
        Assert.Contains("\"eventLog\": false", hung.Failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_takes_it()
    {
        // Where nobody listens on Linux, it goes nowhere; Wine's event log is a stub, and its registry is one.
        SystemLog.Write(Failed);
        SystemLog.Write(new LogEvent(EventKind.BackupComplete, "%s%n%s " + new string('ü', 40_000)));
    }

    [Theory]
    [InlineData("Framework64", @"%SystemRoot%\Microsoft.NET\Framework64\v4.0.30319\EventLogMessages.dll")]
    [InlineData("Framework\\", @"%SystemRoot%\Microsoft.NET\Framework\v4.0.30319\EventLogMessages.dll")]
    [InlineData("nothing", null)]
    public void The_texts_of_events_come_from_the_framework_that_is_there(string there, string? file) =>
        Assert.Equal(file, WindowsEventLog.FindMessages(path => path.Contains(there, StringComparison.Ordinal)));
}
