using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>What the system's log is told, and when.</summary>
public sealed class RunEventsTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly List<LogEvent> _events = [];
    private BackupException? _refusal;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_complete_backup()
    {
        var result = Backup();
        var told = Assert.Single(_events);
        Assert.Equal((EventKind.BackupComplete, EventLevel.Information), (told.Kind, told.Level));
        Assert.StartsWith(
            "The backup 'nightly': Complete: there is a new set SetA.\nRun "
                + result.RunId.ToString("D")
                + ", exit code 0, ",
            told.Text,
            StringComparison.Ordinal
        );
        Assert.Contains("\nLog: " + result.Log, told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_with_warnings_names_them_the_plans_command_among_them()
    {
        var program = Path.Combine(_host.Root, "program");
        File.WriteAllText(program, "");
        Backup(
            _host.Plan with
            {
                OnSuccess = new PlanCommand { Command = program },
            },
            call: _ => ("it ended with exit code 7", "")
        );
        Assert.Equal(EventKind.BackupWarnings, Assert.Single(_events).Kind);
        Assert.Contains("Warnings:\n- The plan's onSuccess", _events[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_one_names_what_failed_and_what_to_do()
    {
        Directory.Delete(_host.E, true);
        var result = Backup(_host.Plan with { Jobs = [_host.Plan.Jobs[0]] });
        Assert.Equal(EventKind.BackupFailed, Assert.Single(_events).Kind);
        Assert.Contains(
            "Failures:\n- " + result.Failures[0].Message + ". " + result.Failures[0].Advice,
            _events[0].Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_cancelled_one_and_one_that_found_the_lock_taken()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Backup(cancel: cancel.Token);
        using (RunLock.Take(_host.Files, RunLock.OnTarget(_host.E), "weekly", _host.Clock.UtcNow))
            Backup();
        Assert.Equal([EventKind.BackupCancelled, EventKind.LockHeld], _events.Select(told => told.Kind));
    }

    [Fact]
    public void A_plan_that_says_no_is_not_told_of()
    {
        Backup(_host.Plan with { EventLog = false });
        Assert.Empty(_events);
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_a_warning_and_the_set_is_complete()
    {
        _refusal = new BackupException(
            new Failure(FailureKind.IoError, "The event log Application", "write to it", "the service is stopped")
            {
                Advice = "Start it.",
            }
        );
        var result = Backup();
        Assert.Equal((RunOutcome.CompleteWithWarnings, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(
            "How the run ended is not in the system's log: The event log Application: cannot write to it: the "
                + "service is stopped. Start it.",
            Assert.Single(result.Warnings)
        );
        Assert.Contains(result.Warnings[0], File.ReadAllText(result.Log), StringComparison.Ordinal);
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
    }

    [Fact]
    public void Of_very_many_failures_it_names_the_first()
    {
        var failures = Enumerable
            .Range(0, 1000)
            .Select(i => new Failure(FailureKind.FileLocked, "file" + i, "read it", "it is locked"))
            .ToArray();
        var text = RunEvents
            .Of(
                _host.Plan,
                new RunResult
                {
                    Outcome = RunOutcome.Failed,
                    RunId = Guid.Empty,
                    Plan = "p",
                    Host = "h",
                    Started = default,
                    Ended = default,
                    Failures = failures,
                    FailureCount = 1000,
                }
            )
            .Text;
        Assert.Contains("- file19: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("file20", text, StringComparison.Ordinal);
        Assert.EndsWith("... and 980 more.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_run_left_and_the_next_one_removed()
    {
        var context = Context();
        _host.State.Create(_host.Files);
        var id = Guid.NewGuid();
        context.Journal.Intend(
            new JournalEntry
            {
                Id = id,
                Provider = "copy",
                Owner = new JournalOwner(0x7fffff00, DateTime.UnixEpoch, Environment.MachineName),
                Created = _host.Clock.UtcNow,
            }
        );
        Backup();
        Assert.Equal([EventKind.LeftoversRemoved, EventKind.BackupComplete], _events.Select(told => told.Kind));
        Assert.Contains(id.ToString("D"), _events[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_plan_with_all_that_is_wrong()
    {
        var refused = Assert.Throws<PlanException>(() => Backup(_host.Plan with { Sets = ["SetA"], Name = "" }));
        RunEvents.TellRefused(Context(), refused);
        Assert.Equal(EventKind.PlanRefused, Assert.Single(_events).Kind);
        Assert.Equal(refused.Problems.Count, _events[0].Text.Split("\n- ").Length - 1);
        _refusal = new BackupException(FailureKind.IoError, "a", "b", "c");
        RunEvents.TellRefused(Context(), refused);
    }

    [Fact]
    public void A_set_that_was_verified_and_a_restore()
    {
        _host.Backup();
        RunEvents.Tell(Context(), _host.Verify(_host.E));
        RunEvents.Tell(Context(), _host.Restore(_host.E, Path.Combine(_host.Root, "restored")));
        MiniatureHost.ChangeQuietly(Path.Combine(_host.E, "Backup-SetA", "VHD", "web.vhdx"), 1000, 7);
        RunEvents.Tell(Context(), _host.Verify(_host.E));
        RunEvents.Tell(Context(), _host.Restore(_host.E, Path.Combine(_host.Root, "again")));
        Assert.Equal(
            [EventKind.SetGood, EventKind.RestoreComplete, EventKind.SetDamaged, EventKind.RestoreFailed],
            _events.Select(told => told.Kind)
        );
        Assert.Contains("web.vhdx", _events[2].Text, StringComparison.Ordinal);
        Assert.Contains("web.vhdx", _events[3].Text, StringComparison.Ordinal);
        _refusal = new BackupException(FailureKind.IoError, "a", "b", "c");
        Assert.Equal(FailureKind.IoError, RunEvents.Tell(Context(), _host.Verify(_host.E))!.Kind);
    }

    private RunContext Context() => _host.Context with { WriteEvent = Write };

    private RunResult Backup(
        BackupPlan? plan = null,
        Func<ChildCall, (string?, string)>? call = null,
        CancellationToken cancel = default
    ) => BackupRun.Execute(plan ?? _host.Plan, Context() with { CallProgram = call ?? (_ => (null, "")) }, cancel);

    private void Write(LogEvent told)
    {
        if (_refusal != null)
            throw _refusal;
        _events.Add(told);
    }
}
