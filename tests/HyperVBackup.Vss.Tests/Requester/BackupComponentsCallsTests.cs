using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Shadows.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

/// <summary>
/// Every member of the requester against the native library: its call, its arguments, and every code that it may end
/// with.
/// </summary>
[Collection(nameof(NativeVss))]
public sealed class BackupComponentsCallsTests
{
    private static readonly Guid Id = new("aaaaaaaa-bbbb-cccc-dddd-eeeeffff0001");
    private const string Key = "{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE} 2";

    // Each member, in what phase it belongs, what it calls, and what the library is to have seen.
    private static readonly (string Native, string Phase, Action<IVssApi> Call, string Seen)[] Members =
    {
        ("InitializeForBackup", "created", api => api.InitializeForBackup(null), "(null)"),
        ("InitializeForBackup", "created", api => api.InitializeForBackup("<dökument/>"), "<dökument/>"),
        ("SetContext", "initialized", api => api.SetContext(SnapshotContext.AppRollback), "0x9"),
        ("SetContext", "initialized", api => api.SetContext(SnapshotContext.All), "0xffffffff"),
        ("SetBackupState", "context", api => api.SetBackupState(true, false, BackupType.Full, false), "1 0 1 0"),
        ("SetBackupState", "context", api => api.SetBackupState(false, true, BackupType.Copy, true), "0 1 5 1"),
        ("GatherWriterMetadata", "state", api => api.GatherWriterMetadata(), ""),
        ("GetWriterMetadataCount", "gathered", api => api.GetWriterMetadata(), ""),
        ("GetWriterMetadata", "gathered", api => api.GetWriterMetadata(), "0"),
        (
            "AddComponent",
            "gathered",
            api => api.AddComponent(NativeVss.Component),
            "{11111111-2222-3333-4444-555566667777} " + Key + " (null) " + NativeVss.Machine
        ),
        (
            "AddComponent",
            "gathered",
            api => api.AddComponent(NativeVss.OtherComponent),
            "{11111111-2222-3333-4444-555566667777} " + Key + " the path " + NativeVss.Other
        ),
        (
            "IsVolumeSupported",
            "context",
            api => api.IsVolumeSupported(NativeVss.Volume),
            NativeVss.Volume + " by {00000000-0000-0000-0000-000000000000}"
        ),
        ("StartSnapshotSet", "added", api => api.StartSnapshotSet(), ""),
        (
            "AddToSnapshotSet",
            "started",
            api => api.AddToSnapshotSet(NativeVss.Volume),
            NativeVss.Volume + " by {00000000-0000-0000-0000-000000000000}"
        ),
        ("PrepareForBackup", "volume", api => api.PrepareForBackup(), ""),
        ("GatherWriterStatus", "prepared", api => api.GatherWriterStatus(), ""),
        ("GetWriterStatusCount", "status", api => api.GetWriterStatus(), ""),
        ("GetWriterStatusEx", "status", api => api.GetWriterStatus(), "0"),
        ("FreeWriterStatus", "status", api => api.FreeWriterStatus(), ""),
        ("GetWriterComponentsCount", "prepared", api => api.GetWriterComponents(), ""),
        ("DoSnapshotSet", "freed", api => api.DoSnapshotSet(), ""),
        ("GetSnapshotProperties", "done", api => api.GetSnapshotProperties(api.QuerySnapshots()[0].SnapshotId), ""),
        ("Query", "all", api => api.QuerySnapshots(), "1 3"),
        ("Next", "done", api => api.QuerySnapshots(), ""),
        (
            "ExposeSnapshot",
            "done",
            api => api.ExposeSnapshot(api.QuerySnapshots()[0].SnapshotId, null, false, "X:"),
            "* from (null) attributes 0x100000 at X:"
        ),
        (
            "ExposeSnapshot",
            "done",
            api => api.ExposeSnapshot(api.QuerySnapshots()[0].SnapshotId, @"\part", true, "share"),
            @"* from \part attributes 0x200000 at share"
        ),
        ("UnexposeSnapshot", "done", api => Unexpose(api), "*"),
        ("DeleteSnapshot", "done", api => api.DeleteSnapshot(api.QuerySnapshots()[0].SnapshotId, true), "* force 1"),
        (
            "DeleteSnapshotSet",
            "done",
            api => api.DeleteSnapshotSet(api.QuerySnapshots()[0].SnapshotSetId, false),
            "* force 0"
        ),
        (
            "SetBackupSucceeded",
            "done",
            api => api.SetBackupSucceeded(NativeVss.Component, true),
            Key + " (null) " + NativeVss.Machine + " 1"
        ),
        (
            "SetBackupSucceeded",
            "done",
            api => api.SetBackupSucceeded(NativeVss.OtherComponent, false),
            Key + " the path " + NativeVss.Other + " 0"
        ),
        ("BackupComplete", "done", api => api.BackupComplete(), ""),
        ("AbortBackup", "volume", api => api.AbortBackup(), ""),
        ("SaveAsXML", "initialized", api => api.SaveAsXml(), ""),
    };

    private static readonly string[] Asynchronous =
    {
        "GatherWriterMetadata",
        "PrepareForBackup",
        "GatherWriterStatus",
        "DoSnapshotSet",
        "BackupComplete",
    };

    public static TheoryData<int> Positions() => new(Enumerable.Range(0, Members.Length));

    public static TheoryData<int> AsynchronousPositions() =>
        new(Enumerable.Range(0, Members.Length).Where(position => Asynchronous.Contains(Members[position].Native)));

    [Fact]
    public void Every_member_is_covered_here()
    {
        var native = new Dictionary<string, string>
        {
            ["GetWriterMetadata"] = "GetWriterMetadata",
            ["GetWriterStatus"] = "GetWriterStatusEx",
            ["GetWriterComponents"] = "GetWriterComponentsCount",
            ["QuerySnapshots"] = "Query",
            ["SaveAsXml"] = "SaveAsXML",
        };
        foreach (var member in typeof(IVssApi).GetMethods().Select(method => method.Name))
            Assert.Contains(native.GetValueOrDefault(member, member), Members.Select(one => one.Native));
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void A_member_makes_its_call_with_its_arguments(int position)
    {
        using var vss = NativeVss.Begin();
        var (name, phase, call, seen) = Members[position];
        using var api = NativeVss.At(phase);
        NativeVss.Calls();
        call(api);
        var given = NativeVss
            .Calls()
            .First(line => line == name || line.StartsWith(name + " ", StringComparison.Ordinal));
        var expected = (name + " " + seen).TrimEnd();
        if (seen.StartsWith('*'))
            Assert.EndsWith(seen[1..], given, StringComparison.Ordinal);
        else
            Assert.Equal(expected, given);
        NativeVss.OnlyTheInstanceLives();
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void Every_code_that_a_call_gives_at_once_is_that_members_failure_and_nothing_is_left_of_it(int position)
    {
        using var vss = NativeVss.Begin();
        var (name, phase, call, _) = Members[position];
        foreach (var code in Codes())
        {
            NativeVss.Script();
            using var api = NativeVss.At(phase);
            NativeVss.Script("fail|" + name + "|" + code.ToString("X8", null));
            var thrown = Assert.Throws<VssCallException>(() => call(api));
            Assert.Equal(code, thrown.HResult);
            Assert.Equal(Ours(name), thrown.Call, ignoreCase: true);
            NativeVss.OnlyTheInstanceLives();
            NativeVss.Script();
        }
    }

    [Theory]
    [MemberData(nameof(AsynchronousPositions))]
    public void Every_code_that_an_operation_ends_with_is_the_failure_of_the_call_that_began_it(int position)
    {
        using var vss = NativeVss.Begin();
        var (name, phase, call, _) = Members[position];
        foreach (var kind in new[] { "async", "wait", "query" })
        {
            foreach (var code in Codes())
            {
                NativeVss.Script();
                using var api = NativeVss.At(phase);
                NativeVss.Script(kind + "|" + name + "|" + code.ToString("X8", null));
                var thrown = Assert.Throws<VssCallException>(() => call(api));
                Assert.Equal((name, code), (thrown.Call, thrown.HResult));
                NativeVss.OnlyTheInstanceLives();
                NativeVss.Script();
            }
        }
    }

    [Theory]
    [MemberData(nameof(AsynchronousPositions))]
    public void An_operation_that_does_not_end_is_cancelled_when_its_time_is_over(int position)
    {
        using var vss = NativeVss.Begin();
        var (name, phase, call, _) = Members[position];
        var limit = new Limit();
        using var api = NativeVss.At(phase, limit);
        NativeVss.Script("pending|" + name);
        limit.Asked = 0;
        limit.Over = 3;
        Assert.Equal(VssHResult.AsyncCancelled, Assert.Throws<VssCallException>(() => call(api)).HResult);
        Assert.Equal(3, limit.Asked);
        Assert.Single(NativeVss.Calls(), "IVssAsync::Cancel (" + name + ")");
        NativeVss.OnlyTheInstanceLives();
    }

    [Theory]
    [MemberData(nameof(AsynchronousPositions))]
    public void A_call_that_succeeds_and_gives_no_operation_is_a_failure(int position)
    {
        using var vss = NativeVss.Begin();
        var (name, phase, call, _) = Members[position];
        using var api = NativeVss.At(phase);
        NativeVss.Script("null|" + name);
        Assert.Equal(name, Assert.Throws<VssCallException>(() => call(api)).Call);
    }

    [Fact]
    public void No_operation_is_waited_for_without_an_end()
    {
        using var vss = NativeVss.Begin();
        using var api = NativeVss.At("done");
        api.BackupComplete();
        Assert.DoesNotContain(NativeVss.Calls(), line => line.Contains("without an end", StringComparison.Ordinal));
    }

    [Fact]
    public void An_instance_that_cannot_be_made_names_the_native_call()
    {
        using var vss = NativeVss.Begin("fail|CreateVssBackupComponents|80070005");
        var thrown = Assert.Throws<VssCallException>(() => NativeVss.At("created"));
        Assert.Equal(("CreateVssBackupComponents", VssHResult.AccessDenied), (thrown.Call, thrown.HResult));
        NativeVss.Script("null|CreateVssBackupComponents");
        Assert.Equal(VssHResult.Unexpected, Assert.Throws<VssCallException>(() => NativeVss.At("created")).HResult);
    }

    [Fact]
    public void An_instance_is_released_once()
    {
        using var vss = NativeVss.Begin();
        var api = NativeVss.At("initialized");
        api.Dispose();
        api.Dispose();
        Assert.Single(NativeVss.Calls(), "Release; still living: nothing");
    }

    private static IEnumerable<int> Codes() => VssHResult.All.Select(row => row.Code).Where(code => code < 0);

    // What failures name: our member, where several native calls make one.
    private static string Ours(string native) =>
        native switch
        {
            "GetWriterStatusEx" => "GetWriterStatus",
            "Query" or "Next" => "QuerySnapshots",
            _ => native,
        };

    private static void Unexpose(IVssApi api)
    {
        var id = api.QuerySnapshots()[0].SnapshotId;
        if (api.QuerySnapshots()[0].ExposedName == null)
            api.ExposeSnapshot(id, null, false, "X:");
        api.UnexposeSnapshot(id);
    }

    private sealed class Limit : IAsyncLimit
    {
        public int Over { get; set; } = int.MaxValue;

        public int Asked { get; set; }

        public bool IsOver => ++Asked >= Over;
    }
}
