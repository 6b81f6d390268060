using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>Being told: the commands that a plan names for success and failure.</summary>
public sealed class RunHookTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly List<ChildCall> _calls = [];
    private readonly BackupPlan _plan;

    public RunHookTests()
    {
        var programs = new[] { "good", "bad" };
        foreach (var program in programs)
            File.WriteAllText(Path.Combine(_host.Root, program), "");
        _plan = _host.Plan with
        {
            OnSuccess = new PlanCommand { Command = Path.Combine(_host.Root, "good"), Arguments = ["a", "b"] },
            OnFailure = new PlanCommand
            {
                Command = Path.Combine(_host.Root, "bad"),
                Timeout = TimeSpan.FromSeconds(9),
            },
        };
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Success_calls_the_one_and_gives_it_the_result()
    {
        var result = Run();
        Assert.Equal(RunOutcome.Complete, result.Outcome);
        var call = Assert.Single(_calls);
        Assert.Equal(_plan.OnSuccess!.Command, call.Command);
        Assert.Equal(["a", "b"], call.Arguments);
        Assert.Equal(TimeSpan.FromMinutes(1), call.Timeout);
        Assert.Equal(
            ("complete", "0", "nightly", "SetA", result.RunId.ToString("D")),
            (
                call.Environment["HVBACKUP_OUTCOME"],
                call.Environment["HVBACKUP_EXITCODE"],
                call.Environment["HVBACKUP_PLAN"],
                call.Environment["HVBACKUP_SET"],
                call.Environment["HVBACKUP_RUN"]
            )
        );
        var json = JObject.Parse(call.Input);
        Assert.Equal(
            ("complete", "SetA", 4),
            ((string?)json["outcome"], (string?)json["set"], ((JArray)json["jobs"]!).Count)
        );
    }

    [Fact]
    public void Failure_and_cancelling_call_the_other()
    {
        Directory.Move(_host.E, _host.E + "-unplugged");
        Run(_plan with { Jobs = [new BackupJob { Source = _host.Config, Targets = [_host.D, _host.E] }] });
        Directory.Move(_host.E + "-unplugged", _host.E);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Run(cancel: cancel.Token);
        Assert.Equal(
            [("failed", "bad"), ("cancelled", "bad")],
            _calls.ConvertAll(call => (call.Environment["HVBACKUP_OUTCOME"], Path.GetFileName(call.Command)))
        );
        Assert.Equal("targetMissing", (string?)JObject.Parse(_calls[0].Input)["failures"]![0]!["kind"]);
    }

    [Fact]
    public void It_is_called_when_the_locks_are_free()
    {
        var free = false;
        Run(then: _ => free = !File.Exists(_host.State.Lock) && !File.Exists(RunLock.OnTarget(_host.E)));
        Assert.True(free);
    }

    [Fact]
    public void A_command_that_fails_is_a_warning_and_the_set_stays_what_it_is()
    {
        var result = Run(problem: "it ended with exit code 7");
        Assert.Equal((RunOutcome.CompleteWithWarnings, 3), (result.Outcome, result.ExitCode));
        Assert.Contains(
            "onSuccess (" + _plan.OnSuccess!.Command + ") failed: it ended with exit code 7",
            Assert.Single(result.Warnings),
            StringComparison.Ordinal
        );
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
        var worse = Run(then: _ => throw new InvalidOperationException("something else."));
        Assert.Contains("failed: something else. The backup", Assert.Single(worse.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_others_got_hold_of_while_the_run_was_under_way_is_not_called()
    {
        Platform.NeedsPosix();
        var files = new FaultyFiles(HyperVBackup.Files.FileSystems.Current);
        files.Fail = (operation, _) =>
        {
            if (operation == "Rename")
                FileTools.SetMode(_host.Root, "777");
            return null;
        };
        _host.Files = files;
        var result = Run();
        Assert.Empty(_calls);
        Assert.Equal(RunOutcome.CompleteWithWarnings, result.Outcome);
        Assert.Contains(
            result.Warnings,
            warning =>
                warning.Contains("was not called", StringComparison.Ordinal)
                && warning.Contains("everybody may write to it", StringComparison.Ordinal)
        );
        FileTools.SetMode(_host.Root, "755");
    }

    [Fact]
    public void A_plan_that_others_could_change_is_refused_before_anything_happens()
    {
        Platform.NeedsPosix();
        var file = Path.Combine(_host.Root, "plan.json");
        File.WriteAllText(file, "{}");
        FileTools.SetMode(file, "666");
        var refused = Assert.Throws<PlanException>(() => Run(_plan with { File = file }));
        Assert.Equal(FailureKind.BadPlan, refused.Failure.Kind);
        Assert.Empty(_calls);
        Assert.False(Directory.Exists(_host.State.Path));
    }

    private RunResult Run(
        BackupPlan? plan = null,
        string? problem = null,
        Action<ChildCall>? then = null,
        CancellationToken cancel = default
    )
    {
        var context = _host.Context with
        {
            CallProgram = call =>
            {
                _calls.Add(call);
                then?.Invoke(call);
                return (problem, "");
            },
        };
        return BackupRun.Execute(plan ?? _plan, context, cancel);
    }
}
