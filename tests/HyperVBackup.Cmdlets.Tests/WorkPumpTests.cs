using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Cmdlets.Pump;
using HyperVBackup.Failures;
using Xunit;

namespace HyperVBackup.Cmdlets.Tests;

public sealed class WorkPumpTests : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly Thread _pipeline = Thread.CurrentThread;

    public void Dispose() => _cancel.Dispose();

    [Fact]
    public void Work_runs_on_a_thread_of_its_own_and_its_result_comes_back()
    {
        var (thread, isOfPool) = NewPump().Run(() => (Thread.CurrentThread, Thread.CurrentThread.IsThreadPoolThread));
        Assert.NotSame(_pipeline, thread);
        Assert.False(isOfPool);
    }

    [Fact]
    public void On_Windows_that_thread_is_in_the_multithreaded_apartment()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "apartments are a thing of Windows");
        Assert.Equal(ApartmentState.MTA, NewPump().Run(() => Thread.CurrentThread.GetApartmentState()));
    }

    [Fact]
    public void What_work_posts_is_written_by_the_pipelines_thread_in_order()
    {
        var written = new List<(int Number, Thread By)>();
        var pump = NewPump();
        pump.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                var number = i;
                pump.Post(() => written.Add((number, Thread.CurrentThread)));
            }

            return 0;
        });
        Assert.Equal(1000, written.Count);
        for (var i = 0; i < 1000; i++)
            Assert.Equal((i, _pipeline), written[i]);
    }

    [Fact]
    public void Progress_is_sampled_by_the_pipelines_thread_while_work_goes_on()
    {
        using var sampled = new ManualResetEventSlim();
        Thread? sampler = null;
        var pump = new WorkPump(
            () =>
            {
                sampler = Thread.CurrentThread;
                sampled.Set();
            },
            _cancel
        );
        Assert.True(pump.Run(() => sampled.Wait(TimeSpan.FromSeconds(30))));
        Assert.Same(_pipeline, sampler);
    }

    [Fact]
    public void An_exception_of_the_work_is_thrown_on_the_pipelines_thread()
    {
        var thrown = Assert.Throws<BackupException>(() =>
            NewPump().Run<int>(() => throw new BackupException(FailureKind.DiskFull, "D:", "write", "it is full"))
        );
        Assert.Equal(FailureKind.DiskFull, thrown.Failure.Kind);
    }

    [Fact]
    public void When_writing_throws_work_is_cancelled_runs_to_its_end_and_only_then_the_pipeline_stops()
    {
        var ended = false;
        var writtenLater = false;
        var pump = NewPump();
        Assert.Throws<StoppedException>(() =>
            pump.Run(() =>
            {
                pump.Post(() => throw new StoppedException());
                Assert.True(_cancel.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
                pump.Post(() => writtenLater = true);
                ended = true;
                return 0;
            })
        );
        Assert.True(ended);
        Assert.False(writtenLater);
    }

    [Fact]
    public void The_reason_writing_stopped_wins_over_what_the_work_says_of_its_cancellation()
    {
        var pump = NewPump();
        Assert.Throws<StoppedException>(() =>
            pump.Run<int>(() =>
            {
                pump.Post(() => throw new StoppedException());
                _cancel.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
                throw new OperationCanceledException(_cancel.Token);
            })
        );
    }

    [Fact]
    public void A_cancellation_from_another_thread_is_waited_for()
    {
        using var started = new ManualResetEventSlim();
        var stopper = new Thread(() =>
        {
            started.Wait(TimeSpan.FromSeconds(30));
            _cancel.Cancel();
        });
        stopper.Start();
        var result = NewPump()
            .Run(() =>
            {
                started.Set();
                Assert.True(_cancel.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
                return "put away";
            });
        stopper.Join();
        Assert.Equal("put away", result);
    }

    [Fact]
    public void Work_that_does_not_end_after_a_cancellation_is_given_up_after_the_deadline()
    {
        using var release = new ManualResetEventSlim();
        _cancel.Cancel();
        var pump = new WorkPump(() => { }, _cancel, TimeSpan.Zero);
        var thrown = Assert.Throws<BackupException>(() => pump.Run(() => release.Wait(TimeSpan.FromSeconds(30))));
        release.Set();
        Assert.Equal(FailureKind.TimedOut, thrown.Failure.Kind);
    }

    [Fact]
    public void What_comes_after_the_end_of_the_work_is_dropped()
    {
        var pump = NewPump();
        pump.Run(() => 0);
        pump.Post(() => Assert.Fail("It was written."));
    }

    private WorkPump NewPump() => new(() => { }, _cancel);

    private sealed class StoppedException : Exception { }
}
