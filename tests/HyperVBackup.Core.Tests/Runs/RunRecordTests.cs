using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Reliability;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>What is written down of runs: a log and a result each, and the last log under its own name.</summary>
public sealed class RunRecordTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_log_tells_the_story_with_the_time_of_each_line()
    {
        var result = _host.Backup();
        var name = "20260129T020000Z-" + result.RunId.ToString("N");
        Assert.Equal(Path.Combine(_host.State.Logs, name + ".log"), result.Log);
        var lines = File.ReadAllLines(result.Log);
        Assert.All(lines, line => Assert.StartsWith("2026-01-29 02:00:00Z  ", line, StringComparison.Ordinal));
        Assert.Contains(
            "Run " + result.RunId.ToString("D") + " of the plan 'nightly' on HV1, process " + Environment.ProcessId,
            lines[0],
            StringComparison.Ordinal
        );
        Assert.Contains(
            lines,
            line => line.EndsWith("Writing SetA on " + _host.D + ", " + _host.E + ".", StringComparison.Ordinal)
        );
        Assert.Contains(
            lines,
            line =>
                line.Contains(
                    _host.SystemDisks
                        + " -> "
                        + Path.Combine(_host.E, "Backup-SetA", "VHD")
                        + ": 2 files, 8.6 MB; 2 copied, 0 unchanged, 0 deleted",
                    StringComparison.Ordinal
                )
        );
        Assert.Contains(
            "Complete: there is a new set SetA. Exit code 0 after 0.0 s; ",
            lines[^1],
            StringComparison.Ordinal
        );
        Assert.Equal(File.ReadAllText(result.Log), File.ReadAllText(_host.State.LastLog));
    }

    [Fact]
    public void Failures_are_in_it_with_their_advice_and_warnings_too()
    {
        _host.Backup();
        Directory.CreateDirectory(Path.Combine(_host.E, "Backup-SetB", "VHD"));
        File.WriteAllText(Path.Combine(_host.E, "Backup-SetB", "VHD", "precious.doc"), "mine");
        var failed = _host.Backup();
        Assert.Contains(
            "Failure: " + failed.Failures[0].Message + ". " + failed.Failures[0].Advice,
            File.ReadAllText(failed.Log),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Failed: there is no new set. Exit code 1",
            File.ReadAllLines(_host.State.LastLog)[^1],
            StringComparison.Ordinal
        );
        var warned = _host.Backup(
            _host.Plan with
            {
                Jobs = _host.Plan.Jobs.Take(1).ToArray(),
                Sets = ["SetA", "SetC"],
            }
        );
        Assert.Equal(RunOutcome.Complete, warned.Outcome);
        var again = _host.Backup(_host.Plan with { Jobs = _host.Plan.Jobs.Take(1).ToArray(), Sets = ["SetA", "SetC"] });
        Assert.Contains("Warning: " + again.Warnings[0], File.ReadAllText(again.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_killed_leaves_the_log_of_what_it_did()
    {
        var host = MemoryHost.New();
        host.KilledAfter(60, () => host.Backup());
        var log = Assert.Single(host.Files.List(MemoryHost.State.Logs));
        Assert.Contains(
            "Copying " + MemoryHost.Disks,
            System.Text.Encoding.UTF8.GetString(host.Files.Get(PathOf.Join(MemoryHost.State.Logs, log.Name))),
            StringComparison.Ordinal
        );
        Assert.Empty(RunHistory.List(host.Files, MemoryHost.State));
    }

    [Fact]
    public void A_name_with_line_breaks_in_it_does_not_pass_for_a_line()
    {
        using var log = RunLog.Begin(_host.Context.Files, new StateFolder(_host.Root), _host.Context.Clock, "test");
        log.Write("before\n2026-01-29 02:00:00Z  Complete\u001b[0m");
        log.End(1);
        Assert.Equal(
            "2026-01-29 01:00:00Z  before\n    2026-01-29 02:00:00Z  Complete\\u001b[0m\n",
            File.ReadAllText(log.Path)
        );
    }

    [Fact]
    public void The_newest_logs_are_kept_and_files_of_others_are_left_alone()
    {
        _host.Backup();
        File.WriteAllText(Path.Combine(_host.State.Logs, "notes.log"), "mine");
        for (var run = 0; run < 4; run++)
            _host.Backup(_host.Plan with { KeepLogs = 3 });
        Assert.Equal(
            ["20260129T040000Z", "20260129T050000Z", "20260129T060000Z", "last.log", "notes.log"],
            Names(_host.State.Logs)
        );
        // A clock that went backwards makes the new log the oldest; it is kept all the same.
        _host.Clock.UtcNow = _host.Clock.UtcNow.AddYears(-3);
        _host.Backup(_host.Plan with { KeepLogs = 1 });
        Assert.Equal(["20230129T070000Z", "last.log", "notes.log"], Names(_host.State.Logs));
    }

    [Fact]
    public void The_history_gives_back_the_results_newest_first()
    {
        var first = _host.Backup();
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
                operation == "OpenRead" && path.EndsWith("web.vhdx", StringComparison.Ordinal)
                    ? FailureKind.FileLocked
                    : null,
        };
        var second = _host.Backup();
        File.WriteAllText(
            Path.Combine(_host.State.Runs, "20260129T000000Z-" + Guid.Empty.ToString("N") + ".json"),
            "{ torn"
        );
        File.WriteAllText(
            Path.Combine(_host.State.Runs, "20260129T000001Z-" + Guid.Empty.ToString("N") + ".json"),
            "{ \"schema\": 1, \"plan\": null }"
        );

        var history = RunHistory.List(FileSystems.Current, _host.State);

        Assert.Equal([Text(second), Text(first)], history.Select(Text));
        Assert.Equal(FailureKind.FileLocked, history[0].Failures[0].Kind);
        Assert.Equal(second.Failures[0].Advice, history[0].Failures[0].Advice);
        Assert.Equal(first.Duration, history[1].Duration);
        Assert.Single(RunHistory.List(FileSystems.Current, _host.State, 1));
    }

    [Fact]
    public void The_history_keeps_the_newest_results()
    {
        var result = _host.Backup();
        for (var i = 1; i <= 5; i++)
            RunHistory.Add(
                FileSystems.Current,
                _host.State,
                result with
                {
                    RunId = Guid.NewGuid(),
                    Started = result.Started.AddDays(i),
                    Sequence = i,
                },
                keep: 3
            );
        Assert.Equal([5L, 4L, 3L], RunHistory.List(FileSystems.Current, _host.State).Select(run => run.Sequence));
        Assert.Empty(RunHistory.List(FileSystems.Current, new StateFolder(Path.Combine(_host.Root, "none"))));
    }

    [Theory]
    [InlineData("logs", "CreateFolder")]
    [InlineData("logs", "Create")]
    [InlineData("logs", "Write")]
    [InlineData("logs", "Flush")]
    [InlineData("logs", "List")]
    [InlineData("logs", "Rename")]
    [InlineData("runs", "CreateFolder")]
    [InlineData("runs", "Create")]
    [InlineData("runs", "Rename")]
    public void What_cannot_be_written_down_is_a_warning_and_the_set_is_complete(string folder, string operation)
    {
        var place = Path.Combine(_host.State.Path, folder);
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (done, path) =>
                done == operation && path.StartsWith(place, StringComparison.Ordinal) ? FailureKind.DiskFull : null,
        };
        var result = _host.Backup();
        Assert.Equal((RunOutcome.CompleteWithWarnings, 3, 0L), (result.Outcome, result.ExitCode, result.FailureCount));
        // What cannot be listed is met by the removal of leftovers first.
        Assert.Contains(
            result.Warnings,
            warning =>
                warning.Contains(place, StringComparison.Ordinal)
                && warning.Contains("injected", StringComparison.Ordinal)
        );
        Assert.Equal(folder == "runs", File.Exists(_host.State.LastLog) && result.Log.Length > 0);
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
    }

    [Fact]
    public void A_run_that_finds_the_lock_taken_is_written_down_as_well()
    {
        _host.Backup();
        using (RunLock.Take(_host.Files, RunLock.OnTarget(_host.E), "weekly", _host.Clock.UtcNow))
            Assert.Equal(4, _host.Backup().ExitCode);
        Assert.Equal([4, 0], RunHistory.List(FileSystems.Current, _host.State).Select(run => run.ExitCode));
    }

    [Fact]
    public void What_a_plans_command_says_and_how_it_fails_is_in_the_log_and_the_history()
    {
        File.WriteAllText(Path.Combine(_host.Root, "program"), "");
        var plan = _host.Plan with { OnSuccess = new PlanCommand { Command = Path.Combine(_host.Root, "program") } };
        var log = "";
        var result = BackupRun.Execute(
            plan,
            _host.Context with
            {
                CallProgram = call =>
                {
                    log = File.ReadAllText(call.Environment["HVBACKUP_LOG"]);
                    return ("it ended with exit code 7", "no mail today");
                },
            },
            CancellationToken.None
        );
        Assert.Contains("Complete: there is a new set SetA. Exit code 0", log, StringComparison.Ordinal);
        var lines = File.ReadAllLines(result.Log);
        Assert.EndsWith("  no mail today", lines[^2], StringComparison.Ordinal);
        Assert.Contains("Warning: The plan's onSuccess", lines[^1], StringComparison.Ordinal);
        Assert.Equal(
            RunOutcome.CompleteWithWarnings,
            Assert.Single(RunHistory.List(FileSystems.Current, _host.State)).Outcome
        );
    }

    private static string Text(RunResult result) => RunJson.OfResult(result).ToString();

    private static string[] Names(string folder) =>
        Directory
            .GetFiles(folder)
            .Select(path => Path.GetFileName(path).Split('-')[0])
            .Order(StringComparer.Ordinal)
            .ToArray();
}
