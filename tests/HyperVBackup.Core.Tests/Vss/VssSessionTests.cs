using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class VssSessionTests
{
    private readonly VssFixture _fixture = new();

    [Fact]
    public void A_backup_makes_the_native_calls_in_their_order()
    {
        using (var session = _fixture.Create(_fixture.ForMachines(_fixture.Web)))
            session.Complete();

        Assert.Equal(
            new[]
            {
                "CreateVssBackupComponents",
                "InitializeForBackup",
                "SetContext",
                "SetBackupState",
                "GatherWriterMetadata",
                "GetWriterMetadata",
                "IsVolumeSupported",
                "IsVolumeSupported",
                "AddComponent",
                "StartSnapshotSet",
                "AddToSnapshotSet",
                "AddToSnapshotSet",
                "PrepareForBackup",
                "GatherWriterStatus",
                "GetWriterStatus",
                "FreeWriterStatus",
                "DoSnapshotSet",
                "GatherWriterStatus",
                "GetWriterStatus",
                "FreeWriterStatus",
                "GetSnapshotProperties",
                "GetSnapshotProperties",
                "SaveAsXml",
                "SetBackupSucceeded",
                "SaveAsXml",
                "BackupComplete",
                "GatherWriterStatus",
                "GetWriterStatus",
                "FreeWriterStatus",
                "DeleteSnapshotSet",
                "Dispose",
            },
            _fixture.Host.Calls.Take(31)
        );
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void The_set_of_one_run_is_read_through_its_device_objects_and_gone_with_the_session()
    {
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Database));

        Assert.Equal(new[] { "/hv/C", "/hv/D", "/hv/E" }, session.Set.Shadows.Select(shadow => shadow.Volume).Order());
        Assert.All(
            session.Set.Shadows,
            shadow =>
                Assert.StartsWith(
                    @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy",
                    shadow.Root,
                    StringComparison.Ordinal
                )
        );
        Assert.All(
            session.Set.Shadows,
            shadow => Assert.True(shadow.IsOurs && !shadow.IsPersistent && shadow.SetId == session.Set.Id)
        );
        Assert.Equal(Consistency.Application, session.Set.Consistency);
        Assert.Single(_fixture.Journal.Entries());

        session.Complete();
        Assert.Empty(session.Release());
        Assert.Empty(_fixture.Host.Leftovers());
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Fact]
    public void A_persistent_set_that_was_completed_outlives_its_session_and_is_kept_in_the_journal()
    {
        using (var session = _fixture.Create(_fixture.ForFolders("/hv/D") with { Persistent = true }))
            session.Complete();

        Assert.Single(_fixture.Host.Shadows);
        var entry = Assert.Single(_fixture.Journal.Entries());
        Assert.True(entry.Kept);
        Assert.Equal(_fixture.Host.Shadows.Values.Single().DeviceObject, entry.Snapshots.Single().Root);
    }

    [Fact]
    public void A_persistent_set_that_was_not_completed_is_aborted_and_deleted_with_its_session()
    {
        _fixture.Create(_fixture.ForFolders("/hv/D") with { Persistent = true }).Dispose();

        Assert.Contains(nameof(IVssApi.AbortBackup), _fixture.Host.Calls);
        Assert.Empty(_fixture.Host.Leftovers());
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Fact]
    public void An_exposure_of_a_persistent_set_that_was_not_completed_goes_before_the_set()
    {
        using var session = _fixture.Create(_fixture.ForFolders("/hv/D") with { Persistent = true });
        _fixture.Provider.Expose(session.Set.Shadows[0], "/mnt/shadow");

        Assert.Empty(session.Release());
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void A_volume_that_is_reached_by_two_paths_is_added_once_and_found_by_both()
    {
        using var session = _fixture.Create(_fixture.ForFolders("/hv/E/one", "/hv/C/mount/data/two"));

        Assert.Equal(1, _fixture.Host.Calls.Count(call => call == nameof(IVssApi.AddToSnapshotSet)));
        var map = new PathMap(session.Set.Shadows);
        var root = session.Set.Shadows[0].Root;
        Assert.StartsWith(root, map.Map("/hv/E/one/a.vhdx"), StringComparison.Ordinal);
        Assert.StartsWith(root, map.Map("/hv/C/mount/data/two/b.vhdx"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_mounted_in_a_folder_is_not_taken_for_the_volume_around_it()
    {
        using var session = _fixture.Create(_fixture.ForFolders("/hv/C/config", "/hv/C/mount/data"));

        var map = new PathMap(session.Set.Shadows);
        Assert.Equal(2, session.Set.Shadows.Select(shadow => shadow.Id).Distinct().Count());
        Assert.Equal(
            session.Set.Shadows.First(shadow => shadow.VolumeName == _fixture.Data.Name).Root,
            map.Map("/hv/C/mount/data")
        );
        Assert.StartsWith(
            session.Set.Shadows.Single(shadow => shadow.VolumeName == _fixture.System.Name).Root,
            map.Map("/hv/C/mount"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Two_paths_on_one_Cluster_Shared_Volume_are_one_volume()
    {
        var cluster = FakeVolume.At("/hv/C/ClusterStorage/Volume1");
        _fixture.Host.Volumes.Add(cluster);
        using var session = _fixture.Create(
            _fixture.ForFolders("/hv/C/ClusterStorage/Volume1/a", "/hv/C/ClusterStorage/Volume1/b")
        );

        var shadow = Assert.Single(session.Set.Shadows);
        Assert.Equal("/hv/C/ClusterStorage/Volume1", shadow.Volume);
        Assert.Equal(cluster.Name, shadow.VolumeName);
    }

    [Fact]
    public void Sixty_four_volumes_are_taken_and_one_more_is_refused_before_anything_is_made()
    {
        var volumes = Enumerable.Range(0, 65).Select(i => FakeVolume.At("/many/" + i)).ToList();
        _fixture.Host.Volumes.AddRange(volumes);
        using (
            var session = _fixture.Create(
                _fixture.ForFolders(volumes.Take(64).Select(volume => volume.MountPoints[0]).ToArray())
            )
        )
            Assert.Equal(64, session.Set.Shadows.Count);

        var failure = Assert
            .Throws<VssCallException>(() =>
                _fixture.Create(_fixture.ForFolders(volumes.Select(volume => volume.MountPoints[0]).ToArray()))
            )
            .Failure;
        Assert.Contains("65", failure.Cause, StringComparison.Ordinal);
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void A_volume_that_cannot_be_frozen_is_named_before_anything_is_made()
    {
        _fixture.Host.Volumes.Add(FakeVolume.At("/usb") with { IsSupported = false });
        var failure = Assert
            .Throws<VssCallException>(() => _fixture.Create(_fixture.ForFolders("/hv/D", "/usb/stick")))
            .Failure;

        Assert.Equal("/usb", failure.Target);
        Assert.Contains("VSS_E_VOLUME_NOT_SUPPORTED", failure.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(IVssApi.StartSnapshotSet), _fixture.Host.Calls);
    }

    [Fact]
    public void A_request_for_nothing_is_refused() =>
        Assert.Equal(
            FailureKind.BadPlan,
            Assert.Throws<BackupException>(() => _fixture.Create(_fixture.ForFolders())).Failure.Kind
        );

    [Fact]
    public void Virtual_machines_in_the_folders_of_a_backup_are_captured_by_their_writer()
    {
        using var session = _fixture.Create(_fixture.ForFolders("/hv/C/config", "/hv/D"));

        Assert.Equal(new[] { "web01" }, session.Machines.Select(machine => machine.Name));
        Assert.Equal(new[] { "/hv/C", "/hv/D" }, session.Machines[0].Volumes.Order());
        Assert.Contains(
            session.Warnings,
            warning =>
                warning.Contains("db01", StringComparison.Ordinal)
                && warning.Contains("/hv/E", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(session.Warnings, warning => warning.Contains("old01", StringComparison.Ordinal));
    }

    [Fact]
    public void A_machine_that_would_be_paused_is_warned_about()
    {
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Old));
        Assert.Contains(
            session.Warnings,
            warning =>
                warning.Contains("old01", StringComparison.Ordinal)
                && warning.Contains("paused", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_machine_that_would_be_paused_is_refused_when_only_running_captures_are_allowed()
    {
        var failure = Assert
            .Throws<MachinesRefusedException>(() =>
                _fixture.Create(_fixture.ForMachines(_fixture.Web, _fixture.Old) with { OnlineOnly = true })
            )
            .Failure;
        Assert.Equal(FailureKind.VirtualMachine, failure.Kind);
        Assert.Contains("old01", failure.Target, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(IVssApi.StartSnapshotSet), _fixture.Host.Calls);
    }

    [Fact]
    public void A_machine_without_a_virtual_disk_is_warned_about()
    {
        var bare = new FakeMachine
        {
            Name = "iscsi01",
            Files = new[] { new WriterFile("/hv/C/config", "iscsi01.vmcx", false) },
        };
        var plain = new FakeMachine
        {
            Name = "plain01",
            Files = new[] { new WriterFile("/hv/D/plain01", "disk.VHDX", false) },
        };
        _fixture.Host.Machines.AddRange(new[] { bare, plain });
        using var session = _fixture.Create(_fixture.ForMachines(bare, plain));
        Assert.Contains("iscsi01", Assert.Single(session.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_known_to_be_off_is_no_pause()
    {
        _fixture.Services = _fixture.Services with { IsRunning = id => id == _fixture.Old.Id ? false : null };
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Old) with { OnlineOnly = true });
        Assert.Equal(MachineCapture.Off, session.Machines[0].Capture);
        Assert.Empty(session.Warnings);
    }

    [Fact]
    public void A_machine_that_would_be_paused_is_left_out_of_a_folder_backup_that_allows_no_pause()
    {
        using var session = _fixture.Create(_fixture.ForFolders("/hv/E/old01") with { OnlineOnly = true });
        Assert.Empty(session.Machines);
        Assert.Contains(session.Warnings, warning => warning.Contains("old01", StringComparison.Ordinal));
    }

    [Fact]
    public void A_machine_that_is_not_there_is_named_with_those_that_are()
    {
        var id = Guid.NewGuid();
        var failure = Assert
            .Throws<MachinesRefusedException>(() =>
                _fixture.Create(_fixture.ForMachines() with { VirtualMachines = new[] { id } })
            )
            .Failure;
        Assert.Equal(FailureKind.VirtualMachine, failure.Kind);
        Assert.Contains(id.ToString(), failure.Target, StringComparison.Ordinal);
        Assert.Contains("web01", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_with_files_on_no_volume_of_the_host_is_named()
    {
        var remote = FakeMachine.At("nas01", "/nas/nas01");
        _fixture.Host.Machines.Add(remote);
        var failure = Assert
            .Throws<MachinesRefusedException>(() => _fixture.Create(_fixture.ForMachines(remote)))
            .Failure;
        Assert.Contains("nas01", failure.Target, StringComparison.Ordinal);
        Assert.Contains("/nas/nas01", failure.Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "client editions")]
    [InlineData(false, "this host has no")]
    public void A_host_without_the_writer_says_so_plainly(bool client, string words)
    {
        _fixture.Host.HasHyperVWriter = false;
        _fixture.Host.Host = new FakeHostFacts { IsClientWindows = client };
        var failure = Assert.Throws<BackupException>(() => _fixture.Create(_fixture.ForMachines(_fixture.Web))).Failure;
        Assert.Equal(FailureKind.ProviderUnavailable, failure.Kind);
        Assert.Contains(words, failure.Cause, StringComparison.Ordinal);
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void Folders_alone_need_no_writer_of_virtual_machines()
    {
        _fixture.Host.HasHyperVWriter = false;
        using var session = _fixture.Create(_fixture.ForFolders("/hv/D"));
        Assert.Equal(Consistency.Application, session.Set.Consistency);
    }

    [Fact]
    public void A_writer_the_backup_does_not_need_only_earns_a_warning()
    {
        _fixture.Host.WriterFaults.Add(
            new FakeWriterFault(nameof(IVssApi.DoSnapshotSet), VssHResult.WriterTimeout)
            {
                WriterId = StrictVss.SystemWriter,
            }
        );
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Web));
        Assert.Contains(
            session.Warnings,
            warning =>
                warning.Contains("System Writer", StringComparison.Ordinal)
                && warning.Contains("VSS_E_WRITERERROR_TIMEOUT", StringComparison.Ordinal)
        );
        Assert.Equal(Consistency.Application, session.Set.Consistency);
    }

    [Fact]
    public void Folders_are_only_as_after_a_power_cut_when_a_writer_failed()
    {
        _fixture.Host.Machines.Clear();
        _fixture.Host.WriterFaults.Add(
            new FakeWriterFault(nameof(IVssApi.DoSnapshotSet), VssHResult.WriterTimeout)
            {
                WriterId = StrictVss.SystemWriter,
            }
        );
        using var session = _fixture.Create(_fixture.ForFolders("/hv/D"));
        Assert.Equal(Consistency.Crash, session.Set.Consistency);
        Assert.NotEmpty(session.Warnings);
    }

    [Fact]
    public void The_machine_that_spoils_a_set_is_told_apart_from_the_others()
    {
        var failing = FakeMachine.At("bad01", "/hv/D/bad01") with { Failure = VssHResult.WriterNonRetryable };
        _fixture.Host.Machines.Add(failing);
        var thrown = Assert.Throws<VssWriterException>(() =>
            _fixture.Create(_fixture.ForMachines(_fixture.Web, failing))
        );
        Assert.False(thrown.IsRetryable);
        Assert.Equal(new[] { failing.Id }, thrown.Machines);
        Assert.Contains("The guest did not answer", thrown.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Host.Leftovers());
        using var rest = _fixture.Create(_fixture.ForMachines(_fixture.Web));
        Assert.Equal("web01", Assert.Single(rest.Machines).Name);
    }

    [Fact]
    public void A_writer_that_vanishes_is_a_failure_too()
    {
        _fixture.Host.OnCall = (call, time) =>
        {
            if (call == nameof(IVssApi.GatherWriterStatus) && time == 2)
                _fixture.Host.HasHyperVWriter = false;
            if (call == VssAttempt.CreateCall)
                _fixture.Host.HasHyperVWriter = true;
        };
        var request = _fixture.ForMachines(_fixture.Web) with { Options = new ShadowOptions { Retries = 0 } };
        var thrown = Assert.Throws<VssWriterException>(() => _fixture.Create(request));
        Assert.Equal(VssHResult.WriterNotResponding, thrown.HResult);
        Assert.Equal("DoSnapshotSet", thrown.Failure.Operation);
    }

    [Fact]
    public void The_writers_are_told_which_machines_were_copied_and_which_were_not()
    {
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Web, _fixture.Database));
        session.Complete(new[] { _fixture.Web.Id });
        Assert.Contains("succeeded=\"1\"", session.Documents.BackupComponents, StringComparison.Ordinal);
    }

    [Fact]
    public void The_documents_that_restoring_needs_are_there_from_the_beginning_and_brought_up_to_date_at_the_end()
    {
        using var session = _fixture.Create(_fixture.ForMachines(_fixture.Web));
        Assert.Contains("succeeded=\"0\"", session.Documents.BackupComponents, StringComparison.Ordinal);
        Assert.Equal(new[] { "<system/>", "<hyperv/>" }, session.Documents.Writers.Select(writer => writer.Xml));
        session.Complete();
        Assert.Contains("succeeded=\"1\"", session.Documents.BackupComponents, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_is_completed_once_and_not_after_its_end()
    {
        var session = _fixture.Create(_fixture.ForMachines(_fixture.Web));
        session.Complete();
        session.Complete();
        Assert.Equal(1, _fixture.Host.Calls.Count(call => call == nameof(IVssApi.BackupComplete)));
        session.Dispose();
        session.Dispose();

        var other = _fixture.Create(_fixture.ForMachines(_fixture.Web));
        other.Dispose();
        Assert.Throws<BackupException>(other.Complete);
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void A_call_that_never_returns_is_given_up_and_cleans_up_after_itself()
    {
        // Given: preparing hangs.
        using var blocked = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        VssThread? thread = null;
        _fixture.Services = _fixture.Services with
        {
            Patience = TimeSpan.Zero,
            NewThread = () => thread = new VssThread { BeforeGivingUp = entered.Wait },
        };
        _fixture.Host.OnCall = (call, _) =>
        {
            if (call != nameof(IVssApi.PrepareForBackup))
                return;
            entered.Set();
            blocked.Wait();
        };

        // When: the wait for it is over.
        var request = _fixture.ForMachines(_fixture.Web) with
        {
            Persistent = true,
            Options = new ShadowOptions { Timeout = TimeSpan.Zero },
        };
        var failure = Assert.Throws<BackupException>(() => _fixture.Create(request)).Failure;

        // Then: the caller learns which call it is, and what it left goes as soon as it returns.
        Assert.Equal(FailureKind.TimedOut, failure.Kind);
        Assert.Equal(nameof(IVssApi.PrepareForBackup), failure.Operation);
        Assert.Single(_fixture.Journal.Entries());
        blocked.Set();
        thread!.Join();
        Assert.DoesNotContain(nameof(IVssApi.DoSnapshotSet), _fixture.Host.Calls);
        Assert.Empty(_fixture.Host.Leftovers());
        Assert.Empty(_fixture.Journal.Entries());
    }
}
