using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>A verification from beginning to end: which set, what is said of it, and who is told.</summary>
public sealed class VerifyRunTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly List<LogEvent> _events = [];
    private readonly List<string> _story = [];
    private BackupException? _refusal;

    public VerifyRunTests() => Platform.NeedsPosix();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Without_a_name_the_newest_complete_set_is_read_and_the_log_is_told()
    {
        _host.Backup();
        _host.Backup();
        var report = Verify();
        Assert.Equal(("SetB", true, 0), (report.Set, report.IsGood, report.ExitCode));
        Assert.Empty(report.Warnings);
        Assert.Equal(EventKind.SetGood, Assert.Single(_events).Kind);
        Assert.Contains("Checking " + Path.Combine(_host.E, "Backup-SetB") + ": ", Assert.Single(_story));
    }

    [Fact]
    public void A_set_that_nobody_can_read_is_doubted_unless_another_one_was_named()
    {
        _host.Backup();
        _host.Backup();
        Spoil("SetA");
        var report = Verify();
        Assert.Equal(("SetB", ExitCodes.Warnings), (report.Set, report.ExitCode));
        Assert.StartsWith("SetA was passed over, because nobody can tell", Assert.Single(report.Warnings));
        Assert.Empty(Verify("SetB").Warnings);
        Assert.Empty(Verify(null, Path.Combine(_host.E, "Backup-SetB")).Warnings);
    }

    [Fact]
    public void That_the_log_could_not_be_told_is_a_warning_and_damage_outweighs_it()
    {
        _host.Backup();
        _refusal = new BackupException(FailureKind.IoError, "the log", "write to it", "it is full");
        var report = Verify();
        Assert.Equal((true, ExitCodes.Warnings), (report.IsGood, report.ExitCode));
        Assert.Contains("the log: cannot write to it: it is full", Assert.Single(report.Warnings));
        MiniatureHost.ChangeQuietly(Path.Combine(_host.E, "Backup-SetA", "VHD", "readme.txt"), 0, (byte)'X');
        Assert.Equal(ExitCodes.Damage, Verify().ExitCode);
    }

    [Fact]
    public void A_path_and_a_name_that_mean_two_sets_are_refused()
    {
        _host.Backup();
        _host.Backup();
        var refused = Assert.Throws<BackupException>(() => Verify("SetA", Path.Combine(_host.E, "Backup-SetB")));
        Assert.Equal((FailureKind.BadPlan, 2), (refused.Failure.Kind, refused.ExitCode));
        Assert.Empty(_events);
    }

    private void Spoil(string set) =>
        File.WriteAllText(Path.Combine(_host.E, "Backup-" + set, ".hvbackup", "set.json"), "{ this is none");

    private VerifyReport Verify(string? set = null, string? path = null) =>
        VerifyRun.Execute(
            new VerifyRequest { Path = path ?? _host.E, Set = set },
            _host.Context with
            {
                Story = _story.Add,
                WriteEvent = told => (_refusal == null ? (Action)(() => _events.Add(told)) : () => throw _refusal)(),
            },
            CancellationToken.None
        );
}
