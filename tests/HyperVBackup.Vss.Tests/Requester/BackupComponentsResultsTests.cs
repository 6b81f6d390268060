using System;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

/// <summary>
/// What the native library gives, as data; what it may leave out; and that everything it gives is given back.
/// </summary>
[Collection(nameof(NativeVss))]
public sealed class BackupComponentsResultsTests
{
    private const string Failed = "component|" + NativeVss.Machine + "|800423F4|8000000A|The güest said no";

    [Fact]
    public void Metadata_is_every_writer_with_its_components_and_files()
    {
        using var vss = NativeVss.Begin();
        using var api = NativeVss.At("gathered");
        var writers = api.GetWriterMetadata();
        Assert.Equal(new[] { "System Writer", "Microsoft Hyper-V VSS Writer" }, writers.Select(writer => writer.Name));
        Assert.Equal((HyperVWriter.ClassId, NativeVss.Instance), (writers[1].WriterId, writers[1].InstanceId));
        Assert.Equal("<WRITER_METADATA of=\"Hyper-V\"/>", writers[1].Xml);
        Assert.Empty(writers[0].Components);
        var web = writers[1].Components[0];
        Assert.Equal(
            (ComponentType.FileGroup, null, NativeVss.Machine, @"Online\web01", true),
            (web.Type, web.LogicalPath, web.Name, web.Caption, web.Selectable)
        );
        Assert.Equal(
            new[]
            {
                new WriterFile(@"T:\VMs\web01\Virtual Hard Disks", "web01.vhdx", false),
                new WriterFile(@"T:\VMs\web01\Virtual Machines", "*", true),
            },
            web.Files
        );
        Assert.Null(writers[1].Components[1].Caption);
    }

    [Fact]
    public void Metadata_that_is_optional_is_read_where_it_is_there()
    {
        using var vss = NativeVss.Begin("alternate", "logicalpath");
        using var api = NativeVss.At("gathered");
        var web = api.GetWriterMetadata()[1].Components[0];
        Assert.Equal("the path", web.LogicalPath);
        Assert.Equal(@"C:\elsewhere", web.Files[0].AlternateLocation);
    }

    [Theory]
    [InlineData("fail|GetIdentity", "GetIdentity")]
    [InlineData("fail|GetFileCounts", "GetFileCounts")]
    [InlineData("fail|GetComponentInfo", "GetComponentInfo")]
    [InlineData("fail|GetAlternateLocation", "GetAlternateLocation")]
    [InlineData("fail|WriterSaveAsXML", "SaveAsXml")]
    public void Metadata_that_cannot_be_read_names_the_call_and_leaves_nothing(string script, string call)
    {
        using var vss = NativeVss.Begin();
        using var api = NativeVss.At("gathered");
        NativeVss.Script(script + "|80042310");
        Assert.Equal(call, Assert.Throws<VssCallException>(() => api.GetWriterMetadata()).Call);
        NativeVss.OnlyTheInstanceLives();
    }

    [Fact]
    public void A_writer_that_is_not_given_is_a_failure()
    {
        using var vss = NativeVss.Begin();
        using var api = NativeVss.At("gathered");
        NativeVss.Script("null|GetWriterMetadata");
        Assert.Equal("GetWriterMetadata", Assert.Throws<VssCallException>(() => api.GetWriterMetadata()).Call);
    }

    [Fact]
    public void A_writers_status_has_its_state_its_codes_and_its_words()
    {
        using var vss = NativeVss.Begin("writer|PrepareForBackup|7|800423F3|8000000A|The güest said no");
        using var api = NativeVss.At("status");
        var statuses = api.GetWriterStatus();
        Assert.Equal(
            new WriterStatus(
                NativeVss.Instance,
                HyperVWriter.ClassId,
                "Microsoft Hyper-V VSS Writer",
                WriterState.FailedAtPrepareBackup,
                VssHResult.WriterRetryable,
                unchecked((int)0x8000000A),
                "The güest said no"
            ),
            statuses[1]
        );
        Assert.Equal(
            (WriterState.Stable, 0, 0, null),
            (statuses[0].State, statuses[0].Failure, statuses[0].ApplicationCode, statuses[0].ApplicationMessage)
        );
    }

    [Fact]
    public void Without_the_newer_interface_a_status_has_no_words()
    {
        using var vss = NativeVss.Begin(
            "lacks|IVssBackupComponentsEx3",
            "writer|PrepareForBackup|7|800423F3|8000000A|words"
        );
        using var api = NativeVss.At("status");
        var status = api.GetWriterStatus()[1];
        Assert.Equal(
            (WriterState.FailedAtPrepareBackup, VssHResult.WriterRetryable, null, null),
            (status.State, status.Failure, status.ApplicationCode, status.ApplicationMessage)
        );
        Assert.Contains("GetWriterStatus 1", NativeVss.Calls());
    }

    [Fact]
    public void What_a_writer_noted_on_a_component_comes_with_its_words()
    {
        using var vss = NativeVss.Begin(Failed);
        using var api = NativeVss.At("prepared");
        var outcomes = api.GetWriterComponents();
        Assert.Equal(
            new ComponentOutcome(
                NativeVss.Component,
                VssHResult.WriterNonRetryable,
                unchecked((int)0x8000000A),
                "The güest said no"
            ),
            outcomes[0]
        );
        Assert.Equal(new ComponentOutcome(NativeVss.OtherComponent, 0, 0, null), outcomes[1]);
    }

    [Theory]
    [InlineData("oldwords|PostSnapshot", "The güest said no")]
    [InlineData("oldwords|PrepareForBackup", "The güest said no")]
    [InlineData("lacks|IVssComponentEx", null)]
    public void Without_a_failures_words_those_of_older_writers_are_taken(string script, string? words)
    {
        using var vss = NativeVss.Begin(Failed, "lacks|IVssComponentEx2", script);
        using var api = NativeVss.At("prepared");
        Assert.Equal(new ComponentOutcome(NativeVss.Component, 0, 0, words), api.GetWriterComponents()[0]);
    }

    [Theory]
    [InlineData("fail|GetFailure|80042308|1|1", 2)]
    [InlineData("fail|GetComponentName|80042308|1|1", 1)]
    public void A_component_that_cannot_be_asked_hides_no_other(string script, int left)
    {
        using var vss = NativeVss.Begin(script, "component|" + NativeVss.Other + "|800423F4|0|The other said no");
        using var api = NativeVss.At("prepared");
        var outcomes = api.GetWriterComponents();
        Assert.Equal(left, outcomes.Count);
        Assert.Equal("The other said no", outcomes[^1].Message);
    }

    [Fact]
    public void A_shadow_copy_is_known_with_everything_that_is_said_of_it()
    {
        using var vss = NativeVss.Begin();
        using var api = NativeVss.At("done");
        var before = DateTime.UtcNow.AddMinutes(-10);
        var found = Assert.Single(api.QuerySnapshots());
        Assert.Equal(found, api.GetSnapshotProperties(found.SnapshotId));
        Assert.Equal(
            (@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1", NativeVss.Volume, true),
            (found.DeviceObject, found.OriginalVolume, found.IsPersistent)
        );
        Assert.Equal((null, null), (found.ExposedName, found.ExposedPath));
        Assert.InRange(found.Created, before, DateTime.UtcNow.AddMinutes(10));
        Assert.Equal(DateTimeKind.Utc, found.Created.Kind);

        Assert.Equal("share", api.ExposeSnapshot(found.SnapshotId, @"\part", true, "share"));
        found = Assert.Single(api.QuerySnapshots());
        Assert.Equal(("share", @"\part"), (found.ExposedName, found.ExposedPath));
        Assert.Equal(1, api.DeleteSnapshotSet(found.SnapshotSetId, true));
        Assert.Empty(api.QuerySnapshots());
    }

    [Fact]
    public void No_shadow_copies_are_an_empty_list_or_none()
    {
        using var vss = NativeVss.Begin("null|Query");
        using var api = NativeVss.At("all");
        Assert.Empty(api.QuerySnapshots());
        NativeVss.Script();
        Assert.Empty(api.QuerySnapshots());
    }

    [Fact]
    public void A_volume_is_supported_for_any_value_but_zero()
    {
        using var vss = NativeVss.Begin();
        using var api = NativeVss.At("context");
        Assert.True(api.IsVolumeSupported(NativeVss.Volume));
        NativeVss.Script("unsupported");
        Assert.False(api.IsVolumeSupported(NativeVss.Volume));
    }

    [Fact]
    public void Without_the_interface_for_it_nothing_is_unexposed_and_that_is_said()
    {
        using var vss = NativeVss.Begin("lacks|IVssBackupComponentsEx2");
        using var api = NativeVss.At("all");
        var thrown = Assert.Throws<VssCallException>(() => api.UnexposeSnapshot(Guid.NewGuid()));
        Assert.Equal(("UnexposeSnapshot", VssHResult.NotImplemented), (thrown.Call, thrown.HResult));
    }

    [Fact]
    public void COM_is_prepared_for_writers_that_call_back()
    {
        using var vss = NativeVss.Begin();
        using var thread = new VssThread();
        Assert.Null(thread.Run(ComSecurity.Initialize, TimeSpan.FromMinutes(1)));
    }
}
