using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
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
        Platform.NeedsPosix();
        _host.Backup();
        var path = RunLock.OnTarget(_host.E);
        IDisposable? other = null;
        var context = _host.Context with
        {
            Story = sentence =>
            {
                if (other != null || !sentence.StartsWith(when, StringComparison.Ordinal) || !File.Exists(path))
                    return;
                File.Delete(path);
                if (isTaken)
                    other = RunLock.Take(FileSystems.Current, path, "weekly", _host.Clock.UtcNow);
            },
        };
        _host.Clock.UtcNow += TimeSpan.FromHours(1);

        var result = BackupRun.Execute(_host.Plan, context, CancellationToken.None);

        Assert.Equal(
            (RunOutcome.Failed, FailureKind.LockLost, path, 1),
            (result.Outcome, result.Failures[0].Kind, result.Failures[0].Target, result.ExitCode)
        );
        Assert.Contains(isTaken ? "'weekly'" : "removed", result.Failures[0].Cause, StringComparison.Ordinal);
        Assert.Equal(SetCondition.Complete, _host.Sets(_host.E)["SetA"].State);
        Assert.NotEqual(SetCondition.Complete, _host.Sets(_host.E).GetValueOrDefault("SetB")?.State);
        // The other run's lock is not removed by the one that lost it.
        Assert.Equal(isTaken, File.Exists(path));
        other?.Dispose();
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
    }

    /// <summary>As a share shows it whose server has restarted, on Windows too.</summary>
    [Theory]
    [InlineData("Copying")]
    [InlineData("Made the shadow set")]
    public void A_run_whose_target_no_longer_shows_its_lock_does_not_commit(string when)
    {
        _host.Backup();
        var path = RunLock.OnTarget(_host.E);
        var isGone = false;
        _host.Files = new FaultyFiles(_host.Files) { Found = (asked, there) => isGone && asked == path ? null : there };
        var context = _host.Context with
        {
            Story = sentence => isGone |= sentence.StartsWith(when, StringComparison.Ordinal),
        };
        _host.Clock.UtcNow += TimeSpan.FromHours(1);

        var result = BackupRun.Execute(_host.Plan, context, CancellationToken.None);

        var failure = result.Failures[0];
        Assert.Equal((RunOutcome.Failed, FailureKind.LockLost, path), (result.Outcome, failure.Kind, failure.Target));
        Assert.Equal(SetCondition.Complete, _host.Sets(_host.E)["SetA"].State);
        Assert.NotEqual(SetCondition.Complete, _host.Sets(_host.E).GetValueOrDefault("SetB")?.State);
    }

    [Fact]
    public void A_lock_that_is_held_is_found_held()
    {
        var path = RunLock.OnTarget(_host.E);
        using var held = RunLock.Take(FileSystems.Current, path, "nightly", _host.Clock.UtcNow);
        held.RequireHeld();
    }

    [Fact]
    public void A_lock_whose_file_is_removed_or_is_anothers_is_found_lost()
    {
        Platform.NeedsPosix();
        var path = RunLock.OnTarget(_host.E);
        using var held = RunLock.Take(FileSystems.Current, path, "nightly", _host.Clock.UtcNow);
        File.Delete(path);
        Assert.Equal(FailureKind.LockLost, Assert.Throws<BackupException>(held.RequireHeld).Failure.Kind);
        File.WriteAllText(path, "{ \"token\": \"of another\" }");
        Assert.Equal(FailureKind.LockLost, Assert.Throws<BackupException>(held.RequireHeld).Failure.Kind);
    }

    /// <summary>
    /// Windows keeps the lock's file for the run: who would take it away is refused, and the run is whole.
    /// </summary>
    [Theory]
    [InlineData("Copying")]
    [InlineData("Made the shadow set")]
    public void On_Windows_the_lock_of_a_run_can_neither_be_removed_nor_replaced(string when)
    {
        Platform.NeedsWindowsOrWine();
        var path = RunLock.OnTarget(_host.E);
        var other = Path.Combine(_host.Root, "other.lock");
        File.WriteAllText(other, "{ \"token\": \"of another\" }");
        var attempts = 0;
        var context = _host.Context with
        {
            Story = sentence =>
            {
                if (attempts > 0 || !sentence.StartsWith(when, StringComparison.Ordinal))
                    return;
                attempts++;
                Assert.True(File.Exists(path));
                Refused(() => File.Delete(path));
                Refused(() => File.Move(path, path + ".aside"));
                Refused(() => File.Move(other, path, true));
                Refused(() => File.WriteAllText(path, ""));
            },
        };

        var result = BackupRun.Execute(_host.Plan, context, CancellationToken.None);

        Assert.Equal((1, RunOutcome.Complete), (attempts, result.Outcome));
        Assert.False(File.Exists(path));
    }

    private static void Refused(Action change) =>
        Assert.True(Record.Exception(change) is IOException or UnauthorizedAccessException);
}
