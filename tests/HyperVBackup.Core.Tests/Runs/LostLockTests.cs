using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// Somebody removes the lock file of a run under way, and another run takes the lock: the first must not say that
/// what it wrote is whole.
/// </summary>
public sealed class LostLockTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("Copying", false)]
    [InlineData("Copying", true)]
    [InlineData("Made the shadow set", true)]
    public void A_run_whose_lock_is_gone_does_not_commit(string when, bool isTaken)
    {
        _host.Backup();
        var path = RunLock.OnTarget(_host.E);
        IDisposable? other = null;
        var context = _host.Context with
        {
            Story = sentence =>
            {
                if (other != null || !sentence.StartsWith(when, StringComparison.Ordinal) || !File.Exists(path)) return;
                File.Delete(path);
                if (isTaken) other = RunLock.Take(FileSystems.Current, path, "weekly", _host.Clock.UtcNow);
            },
        };
        _host.Clock.UtcNow += TimeSpan.FromHours(1);

        var result = BackupRun.Execute(_host.Plan, context, CancellationToken.None);

        Assert.Equal((RunOutcome.Failed, FailureKind.LockLost, path, 1), (result.Outcome, result.Failures[0].Kind, result.Failures[0].Target, result.ExitCode));
        Assert.Contains(isTaken ? "'weekly'" : "removed", result.Failures[0].Cause, StringComparison.Ordinal);
        Assert.Equal(SetCondition.Complete, _host.Sets(_host.E)["SetA"].State);
        Assert.NotEqual(SetCondition.Complete, _host.Sets(_host.E).GetValueOrDefault("SetB")?.State);
        // The other run's lock is not removed by the one that lost it.
        Assert.Equal(isTaken, File.Exists(path));
        other?.Dispose();
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
    }

    [Fact]
    public void A_lock_that_is_held_is_found_held()
    {
        var path = RunLock.OnTarget(_host.E);
        using var held = RunLock.Take(FileSystems.Current, path, "nightly", _host.Clock.UtcNow);
        held.RequireHeld();
        File.Delete(path);
        Assert.Equal(FailureKind.LockLost, Assert.Throws<BackupException>(held.RequireHeld).Failure.Kind);
        File.WriteAllText(path, "{ \"token\": \"of another\" }");
        Assert.Equal(FailureKind.LockLost, Assert.Throws<BackupException>(held.RequireHeld).Failure.Kind);
    }
}
