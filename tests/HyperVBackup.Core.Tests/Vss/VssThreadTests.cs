using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class VssThreadTests
{
    [Fact]
    public void All_work_runs_on_one_thread_that_is_not_the_callers()
    {
        using var thread = new VssThread();
        var ids = Enumerable
            .Range(0, 20)
            .Select(_ => thread.Run(() => Environment.CurrentManagedThreadId, Timeout.InfiniteTimeSpan))
            .Distinct()
            .ToList();
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(ids));
    }

    [Fact]
    public void The_thread_does_not_keep_the_process_from_ending_and_is_no_single_threaded_apartment()
    {
        using var thread = new VssThread();
        Assert.True(thread.Run(() => Thread.CurrentThread.IsBackground, Timeout.InfiniteTimeSpan));
        Assert.NotEqual(
            ApartmentState.STA,
            thread.Run(() => Thread.CurrentThread.GetApartmentState(), Timeout.InfiniteTimeSpan)
        );
    }

    [Fact]
    public void What_work_throws_is_thrown_to_its_caller_and_the_thread_goes_on()
    {
        using var thread = new VssThread();
        Assert.Throws<FormatException>(() =>
            thread.Run<int>(() => throw new FormatException(), Timeout.InfiniteTimeSpan)
        );
        Assert.Equal(7, thread.Run(() => 7, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void Work_of_the_thread_itself_runs_at_once()
    {
        using var thread = new VssThread();
        Assert.Equal(3, thread.Run(() => thread.Run(() => 3, Timeout.InfiniteTimeSpan), Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void Disposing_waits_for_the_thread_to_end()
    {
        Thread? inner = null;
        var thread = new VssThread();
        thread.Run(() => inner = Thread.CurrentThread, Timeout.InfiniteTimeSpan);
        thread.Dispose();
        thread.Dispose();
        Assert.False(inner!.IsAlive);
    }

    [Fact]
    public void A_result_that_comes_too_late_is_handed_to_whoever_removes_it()
    {
        using var blocked = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var orphans = new List<string>();
        var told = false;
        var thread = new VssThread { BeforeGivingUp = entered.Wait };
        var failure = Assert
            .Throws<BackupException>(() =>
                thread.Run(
                    () =>
                    {
                        thread.Current = "DoSnapshotSet";
                        entered.Set();
                        blocked.Wait();
                        return "a shadow set";
                    },
                    TimeSpan.Zero,
                    () => told = true,
                    orphans.Add
                )
            )
            .Failure;

        Assert.Equal(FailureKind.TimedOut, failure.Kind);
        Assert.Equal("DoSnapshotSet", failure.Operation);
        Assert.True(told);
        thread.Dispose();
        blocked.Set();
        thread.Join();
        Assert.Equal("a shadow set", Assert.Single(orphans));
    }
}
