using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class VssRetryTests
{
    private readonly VssFixture _fixture = new();

    [Fact]
    public void While_another_set_is_created_the_same_request_is_made_again()
    {
        _fixture.Host.Faults.Add(
            new FakeFault(nameof(IVssApi.StartSnapshotSet), VssHResult.SnapshotSetInProgress, 1, 7)
        );
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Web));

        Assert.Equal(1, _fixture.Host.Instances);
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(5), 7), _fixture.Clock.Waits);
    }

    [Fact]
    public void When_the_other_set_does_not_end_the_deadline_does()
    {
        var begin = _fixture.Clock.UtcNow;
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.StartSnapshotSet), VssHResult.SnapshotSetInProgress));
        var thrown = Assert.Throws<VssCallException>(() => _fixture.Create(_fixture.ForMachines(_fixture.Web)));

        Assert.Equal(FailureKind.ShadowSetInProgress, thrown.Failure.Kind);
        Assert.Equal(TimeSpan.FromMinutes(10), _fixture.Clock.UtcNow - begin);
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Theory]
    [InlineData(nameof(IVssApi.DoSnapshotSet), VssHResult.FlushWritesTimeout)]
    [InlineData(nameof(IVssApi.DoSnapshotSet), VssHResult.HoldWritesTimeout)]
    [InlineData(nameof(IVssApi.AddToSnapshotSet), VssHResult.ProviderVeto)]
    [InlineData(nameof(IVssApi.DoSnapshotSet), VssHResult.SnapshotSetInProgress)]
    public void What_may_pass_is_tried_again_on_a_new_instance_after_the_delay(string call, int code)
    {
        _fixture.Host.Faults.Add(new FakeFault(call, code, 1, 1, IsBare: true));
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Web));

        Assert.Equal(TimeSpan.FromSeconds(30), Assert.Single(_fixture.Clock.Waits));
        Assert.Contains(
            session.Warnings,
            warning =>
                warning.Contains("tried again", StringComparison.Ordinal)
                && warning.Contains(VssHResult.Of(code).Name, StringComparison.Ordinal)
        );
        Assert.Equal(session.Set.Id, Assert.Single(_fixture.Journal.Entries()).SetId);
    }

    [Theory]
    [InlineData(VssHResult.WriterTimeout)]
    [InlineData(VssHResult.WriterRetryable)]
    [InlineData(VssHResult.WriterOutOfResources)]
    public void A_writer_whose_failure_may_pass_is_tried_again_on_a_new_instance(int code)
    {
        _fixture.Host.WriterFaults.Add(new FakeWriterFault(nameof(IVssApi.DoSnapshotSet), code) { Times = 2 });
        using var session = _fixture.Create(
            _fixture.ForMachines(_fixture.Web) with
            {
                Options = new ShadowOptions { RetryDelay = TimeSpan.FromMinutes(1) },
            }
        );
        Assert.Equal(new[] { TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1) }, _fixture.Clock.Waits);
        Assert.Equal(2, _fixture.Host.Calls.Count(call => call == nameof(IVssApi.AbortBackup)));
    }

    [Theory]
    [InlineData(VssHResult.WriterNonRetryable)]
    [InlineData(VssHResult.WriterInconsistentSnapshot)]
    public void A_writer_whose_failure_will_not_pass_is_not_tried_again(int code)
    {
        _fixture.Host.WriterFaults.Add(new FakeWriterFault(nameof(IVssApi.PrepareForBackup), code));
        var thrown = Assert.Throws<VssWriterException>(() => _fixture.Create(_fixture.ForMachines(_fixture.Web)));
        Assert.False(thrown.IsRetryable);
        Assert.Empty(_fixture.Clock.Waits);
    }

    [Theory]
    [InlineData(VssHResult.BadState)]
    [InlineData(VssHResult.NestedVolumeLimit)]
    [InlineData(VssHResult.VolumeNotSupported)]
    [InlineData(VssHResult.AccessDenied)]
    public void What_would_fail_again_is_not_tried_again(int code)
    {
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.AddToSnapshotSet), code));
        Assert.Throws<VssCallException>(() => _fixture.Create(_fixture.ForMachines(_fixture.Web)));
        Assert.Empty(_fixture.Clock.Waits);
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void It_is_tried_again_as_often_as_the_plan_says(int retries)
    {
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DoSnapshotSet), VssHResult.ProviderVeto));
        var request = _fixture.ForMachines(_fixture.Web) with
        {
            Options = new ShadowOptions { Retries = retries, RetryDelay = TimeSpan.FromSeconds(1) },
        };
        Assert.Throws<VssCallException>(() => _fixture.Create(request));
        Assert.Equal(retries, _fixture.Clock.Waits.Count);
        Assert.Equal(retries + 1, _fixture.Host.Calls.Count(call => call == nameof(IVssApi.DoSnapshotSet)));
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void A_wait_that_would_pass_the_deadline_is_not_begun()
    {
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DoSnapshotSet), VssHResult.ProviderVeto));
        var request = _fixture.ForMachines(_fixture.Web) with
        {
            Options = new ShadowOptions { Retries = 3, RetryDelay = TimeSpan.FromMinutes(4) },
        };
        var thrown = Assert.Throws<VssCallException>(() => _fixture.Create(request));
        Assert.Equal(VssHResult.ProviderVeto, thrown.HResult);
        Assert.Equal(2, _fixture.Clock.Waits.Count);
    }

    [Fact]
    public void Cancelling_ends_a_wait_and_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DoSnapshotSet), VssHResult.ProviderVeto));
        _fixture.Clock.OnWait = cancel.Cancel;
        Assert.ThrowsAny<OperationCanceledException>(() =>
            _fixture.Provider.Create(_fixture.ForMachines(_fixture.Web), cancel.Token)
        );
        Assert.Empty(_fixture.Host.Leftovers());
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Theory]
    [InlineData(VssHResult.InsufficientStorage)]
    [InlineData(VssHResult.MaximumNumberOfSnapshotsReached)]
    public void Without_room_the_holders_are_named(int code)
    {
        for (var day = 1; day <= 3; day++)
            _fixture.Host.AddForeignShadow(_fixture.Data, new DateTime(2025, 2, day, 3, 0, 0, DateTimeKind.Utc));
        _fixture.Host.AddForeignShadow(_fixture.System, new DateTime(2025, 2, 9, 3, 0, 0, DateTimeKind.Utc));
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DoSnapshotSet), code));

        var failure = Assert.Throws<BackupException>(() => _fixture.Create(_fixture.ForMachines(_fixture.Web))).Failure;
        Assert.Equal(FailureKind.ShadowStorageFull, failure.Kind);
        Assert.Contains(
            "/hv/E has 3, the oldest of 2025-02-01 03:00 UTC; /hv/C has 1",
            failure.Cause,
            StringComparison.Ordinal
        );
        Assert.Contains(VssHResult.Of(code).Text, failure.Cause, StringComparison.Ordinal);
        Assert.Equal(4, _fixture.Host.Shadows.Count);
    }

    [Fact]
    public void Without_room_our_own_orphans_go_first_and_only_those()
    {
        var orphan = Entry(kept: false);
        var kept = Entry(kept: true);
        var others = Entry(kept: false) with { Provider = "btrfs" };
        foreach (var entry in new[] { orphan, kept, others })
            _fixture.Journal.Intend(entry);
        _fixture.Services = _fixture.Services with { IsGone = _ => true };
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DoSnapshotSet), VssHResult.InsufficientStorage, 1, 1));

        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Web));
        Assert.DoesNotContain(orphan.Snapshots[0].Id, _fixture.Host.Shadows.Keys);
        Assert.Contains(kept.Snapshots[0].Id, _fixture.Host.Shadows.Keys);
        Assert.Contains(others.Snapshots[0].Id, _fixture.Host.Shadows.Keys);
        Assert.DoesNotContain(_fixture.Journal.Entries(), entry => entry.Id == orphan.Id);
    }

    [Fact]
    public void Without_room_the_set_of_a_living_process_is_not_touched()
    {
        var entry = Entry(kept: false);
        _fixture.Journal.Intend(entry);
        _fixture.Services = _fixture.Services with { IsGone = _ => false };
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DoSnapshotSet), VssHResult.InsufficientStorage));

        Assert.Throws<BackupException>(() => _fixture.Create(_fixture.ForMachines(_fixture.Web)));
        Assert.Contains(entry.Snapshots[0].Id, _fixture.Host.Shadows.Keys);
    }

    private JournalEntry Entry(bool kept)
    {
        var shadow = _fixture.Host.AddForeignShadow(_fixture.Data, new DateTime(2025, 2, 1, 3, 0, 0, DateTimeKind.Utc));
        return new JournalEntry
        {
            Id = Guid.NewGuid(),
            Provider = VssProvider.ProviderName,
            SetId = shadow.SetId,
            Persistent = true,
            Kept = kept,
            Snapshots = new[] { new JournalSnapshot(shadow.Id, shadow.Volume.Name, shadow.DeviceObject) },
            Owner = new JournalOwner(1, DateTime.UnixEpoch, "host"),
        };
    }
}
