using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>A restore from beginning to end: what is decided before it begins, what is said, and who is told.</summary>
public sealed class RestoreRunTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly List<LogEvent> _events = [];

    public RestoreRunTests()
    {
        Platform.NeedsPosix();
        _host.Backup();
        _host.Backup();
    }

    public void Dispose() => _host.Dispose();

    private string To => Path.Combine(_host.Root, "back");

    [Fact]
    public void What_will_happen_is_said_before_anything_is_touched()
    {
        var prepared = Prepare(new RestoreWishes { Destination = To, Paths = ["VHD"] });
        Assert.Equal("Restore VHD of " + Path.Combine(_host.E, "Backup-SetB") + " to " + To, prepared.What);
        Assert.Matches(
            "^The set holds \\d+ files \\(.*\\), of just now\\. Nothing that is there would be replaced\\.$",
            prepared.Details(_host.Clock.UtcNow)
        );
        Assert.False(Directory.Exists(To));
        Assert.Empty(_events);
    }

    [Fact]
    public void A_set_that_nobody_can_read_is_doubted_and_the_log_is_told_of_the_end()
    {
        File.WriteAllText(Path.Combine(_host.E, "Backup-SetA", ".hvbackup", "set.json"), "{ this is none");
        var prepared = Prepare(new RestoreWishes { Destination = To });
        Assert.StartsWith("SetA was passed over, because nobody can tell", Assert.Single(prepared.Warnings));
        var report = RestoreRun.Execute(prepared, Context, CancellationToken.None);
        Assert.Equal((0L, ExitCodes.Warnings), (report.FailureCount, report.ExitCode));
        Assert.Equal(prepared.Warnings, report.Warnings);
        Assert.Equal(EventKind.RestoreComplete, Assert.Single(_events).Kind);
    }

    [Fact]
    public void Wishes_that_can_mean_nothing_are_all_named_before_a_set_is_looked_for()
    {
        var wishes = new RestoreWishes
        {
            Destination = To,
            Machines = [" "],
            Paths = ["../x"],
        };
        var refused = Assert.Throws<PlanException>(() =>
            RestoreRun.Prepare(Path.Combine(_host.Root, "gone"), null, wishes, Context)
        );
        Assert.Equal(["--path", "--vm"], refused.Problems.Select(problem => problem.Property));
    }

    [Fact]
    public void A_machine_that_is_not_there_and_a_destination_in_a_set_are_known_before_the_restore()
    {
        var none = Prepare(new RestoreWishes { Destination = To, Machines = ["web01"] });
        Assert.Equal(
            FailureKind.VirtualMachine,
            Assert.Throws<BackupException>(() => RestoreRun.Require(none, Context)).Failure.Kind
        );
        var inside = Prepare(new RestoreWishes { Destination = Path.Combine(_host.D, "Backup-SetA", "VHD") });
        Assert.Equal(
            FailureKind.BadPlan,
            Assert.Throws<BackupException>(() => RestoreRun.Require(inside, Context)).Failure.Kind
        );
        RestoreRun.Require(Prepare(new RestoreWishes { Destination = To }), Context);
    }

    [Fact]
    public void Two_runs_do_not_come_over_one_another_and_a_set_that_is_named_twice_comes_once()
    {
        var wishes = new RestoreWishes { Destination = To };
        var sets = new[] { "SetA", "SetB" }.Select(set => ChosenSet.Of(_host.Files, _host.E, set)).ToArray();
        var refused = Assert.Throws<BackupException>(() => RestoreRun.Prepare(sets, wishes));
        Assert.Contains("are of two runs", refused.Message, StringComparison.Ordinal);
        Assert.Single(RestoreRun.Prepare([sets[0], ChosenSet.Of(_host.Files, _host.E, "seta")], wishes));
    }

    private RunContext Context => _host.Context with { WriteEvent = _events.Add };

    private PreparedRestore Prepare(RestoreWishes wishes) => RestoreRun.Prepare(_host.E, null, wishes, Context);
}
