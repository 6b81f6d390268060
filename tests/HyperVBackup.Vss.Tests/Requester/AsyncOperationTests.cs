using System;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

public class AsyncOperationTests
{
    private const string Call = "DoSnapshotSet";

    [Fact]
    public void It_waits_until_the_operation_has_ended_and_releases_it()
    {
        var waits = 0;
        var operation = new FakeAsync(self => self.Status = ++waits == 3 ? FakeAsync.Finished : FakeAsync.Pending);
        Finish(operation);
        Assert.Equal(3, waits);
        Assert.Equal(new[] { "Wait", "Release" }, operation.Calls);
    }

    [Fact]
    public void How_it_ended_is_the_failure_of_the_call_that_began_it()
    {
        var operation = new FakeAsync(self => self.Status = VssHResult.HoldWritesTimeout);
        var thrown = Assert.Throws<VssCallException>(() => Finish(operation));
        Assert.Equal((Call, VssHResult.HoldWritesTimeout), (thrown.Call, thrown.HResult));
        Assert.Equal(new[] { "Wait", "Release" }, operation.Calls);
    }

    [Fact]
    public void Once_its_time_is_over_it_is_cancelled_and_its_end_waited_for()
    {
        var limit = new Limit();
        var waits = 0;
        var operation = new FakeAsync(self =>
        {
            waits++;
            limit.IsOver = waits >= 2;
            if (waits == 4)
                self.Status = VssHResult.AsyncCancelled;
        });
        var thrown = Assert.Throws<VssCallException>(() => Finish(operation, limit));
        Assert.Equal(VssHResult.AsyncCancelled, thrown.HResult);
        Assert.Equal(new[] { "Wait", "Cancel", "Wait", "Release" }, operation.Calls);
    }

    [Fact]
    public void One_that_ends_well_although_it_was_cancelled_has_ended_well()
    {
        var waits = 0;
        var operation = new FakeAsync(self => self.Status = ++waits == 2 ? FakeAsync.Finished : FakeAsync.Pending);
        Finish(operation, new Limit { IsOver = true });
        Assert.Equal(new[] { "Wait", "Cancel", "Wait", "Release" }, operation.Calls);
    }

    [Fact]
    public void Somebody_elses_cancelling_is_a_failure()
    {
        var operation = new FakeAsync(self => self.Status = VssHResult.AsyncCancelled);
        Assert.Equal(VssHResult.AsyncCancelled, Assert.Throws<VssCallException>(() => Finish(operation)).HResult);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_cannot_be_waited_for_is_cancelled_and_released(bool isWait)
    {
        const int gone = unchecked((int)0x800706BE);
        var operation = new FakeAsync { WaitResult = isWait ? gone : 0, QueryResult = isWait ? 0 : gone };
        Assert.Equal(gone, Assert.Throws<VssCallException>(() => Finish(operation)).HResult);
        Assert.Equal(new[] { "Wait", "Cancel", "Release" }, operation.Calls);
    }

    private static void Finish(FakeAsync operation, IAsyncLimit? limit = null) =>
        AsyncOperation.Finish(ComObject.Of(operation.Pointer, Call), Call, limit);

    private sealed class Limit : IAsyncLimit
    {
        public bool IsOver { get; set; }
    }
}
