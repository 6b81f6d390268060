using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

/// <summary>The fake is as strict as VSS: whatever passes here was in order.</summary>
public class StrictVssTests
{
    private readonly VssFixture _fixture = new();

    private static readonly (string Name, Action<IVssApi, State> Make)[] Sequence =
    {
        (nameof(IVssApi.InitializeForBackup), (api, _) => api.InitializeForBackup(null)),
        (nameof(IVssApi.SetContext), (api, _) => api.SetContext(SnapshotContext.AppRollback)),
        (nameof(IVssApi.SetBackupState), (api, _) => api.SetBackupState(true, false, BackupType.Full, false)),
        (nameof(IVssApi.GatherWriterMetadata), (api, _) => api.GatherWriterMetadata()),
        (nameof(IVssApi.GetWriterMetadata), (api, state) => state.Read(api.GetWriterMetadata())),
        (nameof(IVssApi.AddComponent), (api, state) => api.AddComponent(state.Component)),
        (nameof(IVssApi.StartSnapshotSet), (api, _) => api.StartSnapshotSet()),
        (nameof(IVssApi.AddToSnapshotSet), (api, state) => state.Snapshot = api.AddToSnapshotSet(state.Volume)),
        (nameof(IVssApi.PrepareForBackup), (api, _) => api.PrepareForBackup()),
        (nameof(IVssApi.GatherWriterStatus), (api, _) => api.GatherWriterStatus()),
        (nameof(IVssApi.GetWriterStatus), (api, _) => api.GetWriterStatus()),
        (nameof(IVssApi.FreeWriterStatus), (api, _) => api.FreeWriterStatus()),
        (nameof(IVssApi.DoSnapshotSet), (api, _) => api.DoSnapshotSet()),
        (nameof(IVssApi.GetSnapshotProperties), (api, state) => api.GetSnapshotProperties(state.Snapshot)),
        (nameof(IVssApi.SetBackupSucceeded), (api, state) => api.SetBackupSucceeded(state.Component, true)),
        (nameof(IVssApi.BackupComplete), (api, _) => api.BackupComplete()),
    };

    public static TheoryData<int> Positions() => new(Enumerable.Range(0, Sequence.Length));

    [Fact]
    public void The_whole_sequence_in_order_is_accepted()
    {
        _fixture.Host.Journal = null;
        var (api, state) = Begin();
        foreach (var call in Sequence)
            call.Make(api, state);
        api.Dispose();
        Assert.Empty(_fixture.Host.Violations);
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void Leaving_out_a_call_is_refused_sooner_or_later(int position)
    {
        // Reading the status is followed by freeing it, and properties are nobody's condition.
        if (Sequence[position].Name is nameof(IVssApi.GetSnapshotProperties) or nameof(IVssApi.AddComponent))
            return;
        _fixture.Host.Journal = null;
        var (api, state) = Begin();
        var refused = Record.Exception(() =>
        {
            for (var i = 0; i < Sequence.Length; i++)
                if (i != position)
                    Sequence[i].Make(api, state);
        });
        api.Dispose();
        Assert.True(
            refused is VssCallException || _fixture.Host.Violations.Count > 0,
            "went through without " + Sequence[position].Name
        );
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void A_call_made_a_call_too_early_is_refused(int position)
    {
        var name = Sequence[position].Name;
        if (position == 0 || name is nameof(IVssApi.GetSnapshotProperties) or nameof(IVssApi.StartSnapshotSet))
            return;
        if (name is nameof(IVssApi.SetBackupSucceeded) or nameof(IVssApi.FreeWriterStatus))
            return;
        _fixture.Host.Journal = null;
        var (api, state) = Begin();
        for (var i = 0; i < position - 1; i++)
            Sequence[i].Make(api, state);
        var thrown = Record.Exception(() => Sequence[position].Make(api, state));
        Assert.True(thrown != null, name + " was accepted before " + Sequence[position - 1].Name);
        api.Dispose();
    }

    [Fact]
    public void A_second_set_is_refused_while_one_is_being_created()
    {
        _fixture.Host.Journal = null;
        var (one, state) = Begin();
        var (other, otherState) = Begin();
        foreach (var call in Sequence.Take(7))
            call.Make(one, state);
        foreach (var call in Sequence.Take(6))
            call.Make(other, otherState);
        var refused = Assert.Throws<VssCallException>(() => other.StartSnapshotSet());
        Assert.Equal(VssHResult.SnapshotSetInProgress, refused.HResult);
    }

    [Fact]
    public void Going_on_after_a_failed_Prepare_with_anything_but_AbortBackup_is_refused()
    {
        _fixture.Host.Journal = null;
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.PrepareForBackup), VssHResult.Unexpected, 1, 1));
        var (api, state) = Begin();
        foreach (var call in Sequence.Take(8))
            call.Make(api, state);
        Assert.Throws<VssCallException>(() => api.PrepareForBackup());
        Assert.Throws<VssCallException>(() => api.PrepareForBackup());
        api.AbortBackup();
        Assert.Throws<VssCallException>(() => api.PrepareForBackup());
    }

    [Fact]
    public void Disposing_in_the_middle_without_AbortBackup_is_noticed()
    {
        _fixture.Host.Journal = null;
        var (api, state) = Begin();
        foreach (var call in Sequence.Take(9))
            call.Make(api, state);
        api.Dispose();
        Assert.Contains(
            _fixture.Host.Violations,
            violation => violation.Contains("AbortBackup", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_set_that_the_journal_does_not_name_is_noticed()
    {
        var (api, state) = Begin();
        foreach (var call in Sequence.Take(7))
            call.Make(api, state);
        Assert.Contains(_fixture.Host.Violations, violation => violation.Contains("journal", StringComparison.Ordinal));
    }

    private (IVssApi Api, State State) Begin() =>
        (_fixture.Host.Create(null), new State { Volume = _fixture.Disks.Name });

    private sealed class State
    {
        public required string Volume { get; init; }

        public Guid Snapshot { get; set; }

        public ComponentKey Component { get; private set; } =
            new(Guid.Empty, Guid.Empty, ComponentType.FileGroup, null, "not read");

        public void Read(IReadOnlyList<WriterMetadata> writers)
        {
            var writer = HyperVWriter.Find(writers)!;
            var first = writer.Components[0];
            Component = new ComponentKey(writer.InstanceId, writer.WriterId, first.Type, first.LogicalPath, first.Name);
        }
    }
}
