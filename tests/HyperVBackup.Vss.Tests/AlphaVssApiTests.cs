using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using Alphaleonis.Win32.Vss;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class AlphaVssApiTests
{
    private static readonly Guid Id = Guid.NewGuid();
    private static readonly Guid SetId = Guid.NewGuid();
    private static readonly ComponentKey Component = new(
        Guid.NewGuid(),
        Guid.NewGuid(),
        ComponentType.FileGroup,
        "path",
        "name"
    );
    private readonly Fake<IVssBackupComponents> _native = Fake<IVssBackupComponents>.New();

    private IVssApi Api => new AlphaVssApi(_native.Object);

    /// <summary>Each of our members, what it calls, and with which arguments.</summary>
    private static readonly (string Native, Action<IVssApi> Call, object?[] Arguments)[] Members =
    {
        ("InitializeForBackup", api => api.InitializeForBackup(null), new object?[] { null }),
        (
            "SetContext",
            api => api.SetContext(SnapshotContext.AppRollback),
            new object?[] { VssSnapshotContext.AppRollback }
        ),
        (
            "SetBackupState",
            api => api.SetBackupState(true, false, BackupType.Full, true),
            new object?[] { true, false, VssBackupType.Full, true }
        ),
        ("GatherWriterMetadata", api => api.GatherWriterMetadata(), Array.Empty<object?>()),
        ("get_WriterMetadata", api => api.GetWriterMetadata(), Array.Empty<object?>()),
        (
            "AddComponent",
            api => api.AddComponent(Component),
            new object?[] { Component.InstanceId, Component.WriterId, VssComponentType.FileGroup, "path", "name" }
        ),
        ("IsVolumeSupported", api => api.IsVolumeSupported("D:\\"), new object?[] { "D:\\" }),
        ("StartSnapshotSet", api => api.StartSnapshotSet(), Array.Empty<object?>()),
        ("AddToSnapshotSet", api => api.AddToSnapshotSet("D:\\"), new object?[] { "D:\\" }),
        ("PrepareForBackup", api => api.PrepareForBackup(), Array.Empty<object?>()),
        ("GatherWriterStatus", api => api.GatherWriterStatus(), Array.Empty<object?>()),
        ("get_WriterStatus", api => api.GetWriterStatus(), Array.Empty<object?>()),
        ("FreeWriterStatus", api => api.FreeWriterStatus(), Array.Empty<object?>()),
        ("get_WriterComponents", api => api.GetWriterComponents(), Array.Empty<object?>()),
        ("DoSnapshotSet", api => api.DoSnapshotSet(), Array.Empty<object?>()),
        ("GetSnapshotProperties", api => api.GetSnapshotProperties(Id), new object?[] { Id }),
        ("QuerySnapshots", api => api.QuerySnapshots(), Array.Empty<object?>()),
        (
            "ExposeSnapshot",
            api => api.ExposeSnapshot(Id, null, false, "X:"),
            new object?[] { Id, null, VssVolumeSnapshotAttributes.ExposedLocally, "X:" }
        ),
        (
            "ExposeSnapshot",
            api => api.ExposeSnapshot(Id, "\\part", true, "share"),
            new object?[] { Id, "\\part", VssVolumeSnapshotAttributes.ExposedRemotely, "share" }
        ),
        ("UnexposeSnapshot", api => api.UnexposeSnapshot(Id), new object?[] { Id }),
        ("DeleteSnapshot", api => api.DeleteSnapshot(Id, true), new object?[] { Id, true }),
        ("DeleteSnapshotSet", api => api.DeleteSnapshotSet(SetId, false), new object?[] { SetId, false }),
        (
            "SetBackupSucceeded",
            api => api.SetBackupSucceeded(Component, true),
            new object?[] { Component.InstanceId, Component.WriterId, VssComponentType.FileGroup, "path", "name", true }
        ),
        ("BackupComplete", api => api.BackupComplete(), Array.Empty<object?>()),
        ("AbortBackup", api => api.AbortBackup(), Array.Empty<object?>()),
        ("SaveAsXml", api => api.SaveAsXml(), Array.Empty<object?>()),
    };

    public static TheoryData<int> Positions() => new(Enumerable.Range(0, Members.Length));

    [Fact]
    public void Every_member_is_covered_here()
    {
        var ours = typeof(IVssApi).GetMethods().Select(method => method.Name).Order();
        var covered = Members
            .Select(member =>
                member.Native.StartsWith("get_", StringComparison.Ordinal)
                    ? "Get" + member.Native.Substring(4)
                    : member.Native
            )
            .Distinct()
            .Order();
        Assert.Equal(ours, covered);
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void Every_member_makes_one_call_with_its_arguments(int position)
    {
        var (name, call, arguments) = Members[position];
        AnswerAll();
        call(Api);
        var (member, given) = Assert.Single(_native.Calls);
        Assert.Equal(name, member);
        Assert.Equal(arguments, given);
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public void Every_member_names_itself_and_the_code_when_it_fails(int position)
    {
        var (name, call, _) = Members[position];
        var expected = name.StartsWith("get_", StringComparison.Ordinal) ? "Get" + name.Substring(4) : name;
        foreach (var (exception, code) in AlphaVssErrorsTests.Exceptions())
        {
            _native.Before = _ => throw exception;
            var thrown = Assert.Throws<VssCallException>(() => call(Api));
            Assert.Equal(expected, thrown.Call);
            Assert.Equal(code, thrown.HResult);
        }
    }

    [Fact]
    public void Disposing_disposes_the_instance()
    {
        Api.Dispose();
        Assert.Equal("Dispose", Assert.Single(_native.Calls).Member);
    }

    [Fact]
    public void Results_come_back()
    {
        AnswerAll();
        Assert.Equal(SetId, Api.StartSnapshotSet());
        Assert.Equal(Id, Api.AddToSnapshotSet("D:\\"));
        Assert.True(Api.IsVolumeSupported("D:\\"));
        Assert.Equal("X:", Api.ExposeSnapshot(Id, null, false, "X:"));
        Assert.Equal(3, Api.DeleteSnapshotSet(SetId, true));
        Assert.Equal("<xml/>", Api.SaveAsXml());
    }

    [Fact]
    public void Writers_come_back_with_their_components_and_files_and_are_disposed()
    {
        var component = Fake<IVssWMComponent>
            .New()
            .Answer("get_Type", VssComponentType.FileGroup)
            .Answer("get_LogicalPath", (object?)null)
            .Answer("get_ComponentName", "id")
            .Answer("get_Caption", @"Online\web01")
            .Answer("get_Selectable", true)
            .Answer(
                "get_Files",
                new List<VssWMFileDescriptor>
                {
                    new("", VssFileSpecificationBackupType.Unknown, "*.vhdx", @"D:\web01", true),
                    new(@"E:\x", VssFileSpecificationBackupType.Unknown, "a", @"D:\", false),
                }
            );
        var (writerId, instanceId) = (Guid.NewGuid(), Guid.NewGuid());
        var writer = Fake<IVssExamineWriterMetadata>
            .New()
            .Answer("get_WriterId", writerId)
            .Answer("get_InstanceId", instanceId)
            .Answer("get_WriterName", "Writer")
            .Answer("SaveAsXml", "<w/>")
            .Answer("get_Components", new List<IVssWMComponent> { component.Object });
        _native.Answer("get_WriterMetadata", new List<IVssExamineWriterMetadata> { writer.Object });

        var metadata = Assert.Single(Api.GetWriterMetadata());
        Assert.Equal(
            (writerId, instanceId, "Writer", "<w/>"),
            (metadata.WriterId, metadata.InstanceId, metadata.Name, metadata.Xml)
        );
        var mapped = Assert.Single(metadata.Components);
        Assert.Equal(
            (ComponentType.FileGroup, (string?)null, "id", @"Online\web01", true),
            (mapped.Type, mapped.LogicalPath, mapped.Name, mapped.Caption, mapped.Selectable)
        );
        Assert.Equal(
            new[] { new WriterFile(@"D:\web01", "*.vhdx", true), new WriterFile(@"D:\", "a", false, @"E:\x") },
            mapped.Files
        );
        Assert.Equal("Dispose", writer.Calls[^1].Member);
        Assert.Equal("Dispose", component.Calls[^1].Member);
    }

    [Fact]
    public void Every_state_of_a_writer_comes_back_as_itself()
    {
        foreach (var state in Enum.GetValues<VssWriterState>())
        {
            var native = new VssWriterStatusInfo(Id, SetId, "Writer", state, (VssError)0x800423F3, 5, "words");
            _native.Answer("get_WriterStatus", new List<VssWriterStatusInfo> { native });
            var status = Assert.Single(Api.GetWriterStatus());
            Assert.Equal(state.ToString(), status.State.ToString());
            Assert.Equal(
                new WriterStatus(Id, SetId, "Writer", status.State, VssHResult.WriterRetryable, 5, "words"),
                status
            );
        }
    }

    [Fact]
    public void What_writers_noted_on_components_comes_back_by_whatever_way_they_noted_it()
    {
        Fake<IVssComponent> Noting(VssComponentFailure? failure, string? prepare, string? post) =>
            Fake<IVssComponent>
                .New()
                .Answer("get_ComponentType", VssComponentType.FileGroup)
                .Answer("get_ComponentName", "id")
                .Answer("get_LogicalPath", "path")
                .Answer("get_Failure", failure)
                .Answer("get_PrepareForBackupFailureMsg", prepare)
                .Answer("get_PostSnapshotFailureMsg", post);
        var components = new[]
        {
            Noting(new VssComponentFailure(VssHResult.WriterNonRetryable, 7, "failure"), "prepare", "post"),
            Noting(new VssComponentFailure(0, 0, ""), "prepare", null),
            Noting(null, null, "post"),
            Noting(null, null, null),
        };
        var writer = Fake<IVssWriterComponents>
            .New()
            .Answer("get_WriterId", SetId)
            .Answer("get_InstanceId", Id)
            .Answer("get_Components", components.Select(one => one.Object).ToList());
        _native.Answer("get_WriterComponents", new List<IVssWriterComponents> { writer.Object });

        var key = new ComponentKey(Id, SetId, ComponentType.FileGroup, "path", "id");
        Assert.Equal(
            new[]
            {
                new ComponentOutcome(key, VssHResult.WriterNonRetryable, 7, "failure"),
                new ComponentOutcome(key, 0, 0, "prepare"),
                new ComponentOutcome(key, 0, 0, "post"),
                new ComponentOutcome(key, 0, 0, null),
            },
            Api.GetWriterComponents()
        );
        Assert.All(components, component => Assert.Equal("Dispose", component.Calls[^1].Member));
    }

    [Fact]
    public void A_shadow_copy_comes_back_with_its_time_in_UTC_and_nothing_for_empty_names()
    {
        var local = new DateTime(2025, 3, 1, 23, 0, 0, DateTimeKind.Local);
        _native.Answer("GetSnapshotProperties", Native(local, "", ""));
        Assert.Equal(
            new SnapshotProperties
            {
                SnapshotId = Id,
                SnapshotSetId = SetId,
                DeviceObject = "device",
                OriginalVolume = "volume",
                Attributes = 0x9,
                Created = local.ToUniversalTime(),
            },
            Api.GetSnapshotProperties(Id)
        );
        Assert.True(Api.GetSnapshotProperties(Id).IsPersistent);

        _native.Answer("QuerySnapshots", new[] { Native(local, "share", @"\part") });
        var exposed = Assert.Single(Api.QuerySnapshots());
        Assert.Equal(
            ("share", @"\part", DateTimeKind.Utc),
            (exposed.ExposedName, exposed.ExposedPath, exposed.Created.Kind)
        );
    }

    [Fact]
    public void A_list_that_fails_while_it_is_read_fails_as_the_call()
    {
        static IEnumerable<VssSnapshotProperties> Failing()
        {
            yield return Native(DateTime.Now, "", "");
            throw new COMException("", VssHResult.Unexpected);
        }

        _native.Answer("QuerySnapshots", Failing());
        Assert.Equal("QuerySnapshots", Assert.Throws<VssCallException>(() => Api.QuerySnapshots()).Call);
    }

    [Fact]
    public void The_values_of_our_enumerations_are_those_of_AlphaVSS()
    {
        Same<SnapshotContext, VssSnapshotContext>();
        Same<BackupType, VssBackupType>();
        Same<ComponentType, VssComponentType>();
        Same<WriterState, VssWriterState>();

        static void Same<TOurs, TTheirs>()
            where TOurs : struct, Enum
            where TTheirs : struct, Enum
        {
            foreach (var value in Enum.GetValues<TOurs>())
                Assert.Equal(Convert.ToInt64(value), Convert.ToInt64(Enum.Parse<TTheirs>(value.ToString())));
        }
    }

    private void AnswerAll() =>
        _native
            .Answer("get_WriterMetadata", new List<IVssExamineWriterMetadata>())
            .Answer("get_WriterStatus", new List<VssWriterStatusInfo>())
            .Answer("get_WriterComponents", new List<IVssWriterComponents>())
            .Answer("QuerySnapshots", Array.Empty<VssSnapshotProperties>())
            .Answer("GetSnapshotProperties", Native(DateTime.Now, null, null))
            .Answer("StartSnapshotSet", SetId)
            .Answer("AddToSnapshotSet", Id)
            .Answer("IsVolumeSupported", true)
            .Answer("ExposeSnapshot", "X:")
            .Answer("DeleteSnapshotSet", 3)
            .Answer("SaveAsXml", "<xml/>");

    private static VssSnapshotProperties Native(DateTime created, string? exposedName, string? exposedPath) =>
        new(
            Id,
            SetId,
            1,
            "device",
            "volume",
            "machine",
            "machine",
            exposedName!,
            exposedPath!,
            Guid.Empty,
            VssVolumeSnapshotAttributes.Persistent | VssVolumeSnapshotAttributes.NoAutoRelease,
            created,
            VssSnapshotState.Created
        );
}
