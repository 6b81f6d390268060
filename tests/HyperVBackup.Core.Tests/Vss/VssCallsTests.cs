using System;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public sealed class VssCallsTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private readonly VssFixture _fixture = new();
    private readonly VssThread _thread = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly VssCalls _calls;

    public VssCallsTests() => _calls = new VssCalls(_fixture.Clock, _thread, Timeout, _cancel.Token);

    public void Dispose()
    {
        _thread.Dispose();
        _cancel.Dispose();
    }

    [Fact]
    public void A_call_is_over_when_its_caller_cancels()
    {
        Assert.False(Make(() => _calls.IsOver));
        Assert.Throws<OperationCanceledException>(() =>
            Make(() =>
            {
                _cancel.Cancel();
                Assert.True(_calls.IsOver);
                throw new VssCallException("DoSnapshotSet", VssHResult.AsyncCancelled);
            })
        );
    }

    [Fact]
    public void A_call_is_over_when_the_deadline_passes_and_says_so()
    {
        var failure = Assert
            .Throws<BackupException>(() =>
                Make(() =>
                {
                    _fixture.Clock.Advance(Timeout + TimeSpan.FromSeconds(1));
                    Assert.True(_calls.IsOver);
                    throw new VssCallException("DoSnapshotSet", VssHResult.AsyncCancelled);
                })
            )
            .Failure;
        Assert.Equal((FailureKind.TimedOut, "DoSnapshotSet"), (failure.Kind, failure.Operation));
        Assert.Contains(
            "the deadline of 10 minutes passed, and was cancelled",
            failure.Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_call_that_must_be_made_goes_on_whatever_the_clock_says_and_whoever_cancels()
    {
        _cancel.Cancel();
        _fixture.Clock.Advance(Timeout + Timeout);
        Assert.False(_calls.Unchecked("BackupComplete", "VSS", () => _calls.IsOver));
    }

    [Fact]
    public void A_call_that_nobody_waits_for_any_longer_is_over()
    {
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var wasOver = false;
        var thread = new VssThread { BeforeGivingUp = entered.Wait };
        var calls = new VssCalls(_fixture.Clock, thread, Timeout, CancellationToken.None);
        Assert.Throws<BackupException>(() =>
            thread.Run(
                () =>
                    calls.Unchecked(
                        "BackupComplete",
                        "VSS",
                        () =>
                        {
                            entered.Set();
                            go.Wait();
                            return wasOver = calls.IsOver;
                        }
                    ),
                TimeSpan.Zero
            )
        );
        thread.Dispose();
        go.Set();
        thread.Join();
        Assert.True(wasOver);
    }

    [Fact]
    public void Cancelling_that_was_not_ours_stays_what_it_is()
    {
        var thrown = Assert.Throws<VssCallException>(() =>
            Make(() => throw new VssCallException("DoSnapshotSet", VssHResult.AsyncCancelled))
        );
        Assert.Equal(VssHResult.AsyncCancelled, thrown.HResult);
    }

    private bool Make(Func<bool> make) => _calls.Make("DoSnapshotSet", "VSS", make);
}
