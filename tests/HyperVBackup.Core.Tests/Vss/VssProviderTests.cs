using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class VssProviderTests
{
    private static readonly string Here = PathOf.Full("/mnt/shadow");
    private static readonly string Mine = PathOf.Full("/mnt/mine");
    private static readonly string Theirs = PathOf.Full("/mnt/theirs");
    private readonly VssFixture _fixture = new();

    [Fact]
    public void Every_shadow_copy_of_the_host_is_shown_ours_and_others()
    {
        var foreign = _fixture.Host.AddForeignShadow(
            _fixture.System,
            new DateTime(2025, 2, 1, 3, 0, 0, DateTimeKind.Utc),
            persistent: false
        );
        var set = Keep("/hv/D");

        var shown = _fixture.Provider.Query();
        var theirs = shown.Single(shadow => shadow.Id == foreign.Id);
        Assert.Equal(
            ("/hv/C", foreign.DeviceObject, foreign.Created, false, false),
            (theirs.Volume, theirs.Root, theirs.Created, theirs.IsPersistent, theirs.IsOurs)
        );
        var ours = shown.Single(shadow => shadow.SetId == set.Id);
        Assert.True(ours.IsOurs && ours.IsPersistent);
        Assert.Null(ours.ExposedAt);
    }

    [Fact]
    public void A_shadow_copy_is_exposed_in_a_folder_that_is_created_and_removed_again()
    {
        var shadow = _fixture.Provider.Expose(Keep("/hv/D").Shadows[0], Here);
        Assert.Equal(Here, shadow.ExposedAt);
        Assert.Equal(shadow.Id, _fixture.Host.Mounts[Here]);
        Assert.Equal(Here, _fixture.Provider.Query().Single().ExposedAt);

        _fixture.Provider.Unexpose(shadow);
        Assert.Empty(_fixture.Host.Mounts);
        Assert.Empty(_fixture.Host.EmptyFolders);
        Assert.Single(_fixture.Host.Shadows);
        Assert.Empty(_fixture.Host.Violations);
    }

    [Fact]
    public void A_folder_that_was_there_stays()
    {
        _fixture.Host.EmptyFolders.Add(Mine);
        var shadow = _fixture.Provider.Expose(Keep("/hv/D").Shadows[0], Mine);
        _fixture.Provider.Unexpose(shadow);
        Assert.Contains(Mine, _fixture.Host.EmptyFolders);
        Assert.Empty(_fixture.Host.Mounts);
    }

    [Theory]
    [InlineData("x:", "X:")]
    [InlineData("X:\\", "X:")]
    public void A_shadow_copy_is_exposed_at_a_drive_letter(string where, string letter)
    {
        var shadow = _fixture.Provider.Expose(Keep("/hv/D").Shadows[0], where);
        Assert.Equal(letter, shadow.ExposedAt);
        _fixture.Provider.Unexpose(shadow);
        Assert.Empty(_fixture.Host.Mounts);
    }

    [Fact]
    public void A_shadow_copy_is_exposed_as_a_share_whole_or_in_part()
    {
        foreach (
            var (where, part) in new[]
            {
                (@"\\localhost\Backup$", (string?)null),
                (@"\\" + Environment.MachineName + @"\Backup$\web01\disks", @"\web01\disks"),
            }
        )
        {
            Assert.Equal(new VssExposure("Backup$", true, part, false), VssExposure.Of(where));
            var shadow = _fixture.Provider.Expose(Keep("/hv/D").Shadows[0], where);
            Assert.Equal(@"\\" + Environment.MachineName + @"\Backup$", shadow.ExposedAt);
            _fixture.Provider.Unexpose(shadow);
            Assert.All(_fixture.Host.Shadows.Values, one => Assert.Null(one.ExposedName));
        }
    }

    [Theory]
    [InlineData(@"\\localhost")]
    [InlineData(@"\\elsewhere\share")]
    [InlineData(" ")]
    public void Where_it_cannot_be_exposed_is_said_before_anything_is_done(string where)
    {
        var shadow = Keep("/hv/D").Shadows[0];
        Assert.Equal(
            FailureKind.ExposeFailed,
            Assert.Throws<BackupException>(() => _fixture.Provider.Expose(shadow, where)).Failure.Kind
        );
        Assert.DoesNotContain(nameof(IVssApi.ExposeSnapshot), _fixture.Host.Calls);
    }

    [Fact]
    public void A_place_that_is_taken_is_left_alone()
    {
        var shadow = Keep("/hv/D").Shadows[0];
        _fixture.Host.Mounts["X:"] = null;
        _fixture.Host.Mounts[Theirs] = null;
        foreach (var where in new[] { "X:", Theirs, "/hv/E" })
            Assert.Equal(
                FailureKind.ExposeFailed,
                Assert.Throws<BackupException>(() => _fixture.Provider.Expose(shadow, where)).Failure.Kind
            );
        Assert.Equal(2, _fixture.Host.Mounts.Count);
        Assert.Empty(_fixture.Host.Violations);
    }

    [Fact]
    public void Only_persistent_shadow_copies_can_be_exposed_and_only_once()
    {
        using var session = _fixture.Create(_fixture.ForFolders("/hv/D"));
        Assert.Equal(
            FailureKind.ExposeFailed,
            Assert
                .Throws<BackupException>(() => _fixture.Provider.Expose(session.Set.Shadows[0], PathOf.Full("/mnt/a")))
                .Failure.Kind
        );

        var exposed = _fixture.Provider.Expose(Keep("/hv/E").Shadows[0], PathOf.Full("/mnt/a"));
        Assert.Equal(
            FailureKind.ExposeFailed,
            Assert.Throws<BackupException>(() => _fixture.Provider.Expose(exposed, PathOf.Full("/mnt/b"))).Failure.Kind
        );
    }

    [Fact]
    public void A_failed_exposure_leaves_no_folder_and_no_note()
    {
        var shadow = Keep("/hv/D").Shadows[0];
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.ExposeSnapshot), VssHResult.ProviderVeto));
        var failure = Assert.Throws<BackupException>(() => _fixture.Provider.Expose(shadow, Here)).Failure;
        Assert.Contains("VSS_E_PROVIDER_VETO (0x80042306)", failure.Cause, StringComparison.Ordinal);
        Assert.Empty(_fixture.Host.EmptyFolders);
        Assert.Empty(_fixture.Journal.Entries().Single().Exposures);
    }

    [Fact]
    public void A_foreign_shadow_copy_that_we_exposed_is_never_deleted_with_our_leftovers()
    {
        var foreign = _fixture.Host.AddForeignShadow(_fixture.Data, DateTime.UnixEpoch);
        _fixture.Provider.Expose(_fixture.Provider.Query().Single(), Here);
        Assert.False(_fixture.Provider.Query().Single().IsOurs);

        Assert.Empty(_fixture.Provider.Clean(Assert.Single(_fixture.Journal.Entries())));
        Assert.Equal(foreign.Id, Assert.Single(_fixture.Host.Shadows).Key);
        Assert.Empty(_fixture.Host.Mounts);
        Assert.Empty(_fixture.Host.EmptyFolders);
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Fact]
    public void Deleting_unexposes_first_and_forgets_the_set_with_its_last_shadow_copy()
    {
        var set = Keep("/hv/D", "/hv/E");
        _fixture.Provider.Expose(set.Shadows[0], Here);
        _fixture.Provider.Delete(set.Shadows[0]);
        Assert.Empty(_fixture.Host.Mounts);
        Assert.Single(_fixture.Journal.Entries());

        _fixture.Provider.Delete(set.Shadows[1]);
        Assert.Empty(_fixture.Journal.Entries());
        Assert.Empty(_fixture.Host.Leftovers());
    }

    [Fact]
    public void Deleting_what_is_not_there_says_so_and_forgets_it()
    {
        var set = Keep("/hv/D");
        _fixture.Host.Shadows.Clear();
        Assert.Equal(
            FailureKind.ShadowMissing,
            Assert.Throws<VssCallException>(() => _fixture.Provider.Delete(set.Shadows[0])).Failure.Kind
        );
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Fact]
    public void What_a_crash_left_is_taken_down_by_its_journal_entry()
    {
        var set = Keep("/hv/D", "/hv/E");
        _fixture.Provider.Expose(set.Shadows[0], Here);
        Assert.Empty(_fixture.Provider.Clean(Assert.Single(_fixture.Journal.Entries())));
        Assert.Empty(_fixture.Host.Leftovers());
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Fact]
    public void A_crash_before_or_after_any_step_is_nothing_to_complain_about()
    {
        // Named in the journal, but never made: by now there is neither the set nor the mount, only, at most, the
        // folder.
        var id = Guid.NewGuid();
        _fixture.Host.CreateFolder(Here);
        var entry = new JournalEntry
        {
            Id = Guid.NewGuid(),
            Provider = "vss",
            SetId = Guid.NewGuid(),
            Snapshots = new[] { new JournalSnapshot(id, _fixture.Disks.Name, "") },
            Exposures = new[] { new JournalExposure(id, Here, true), new JournalExposure(id, "X:", false) },
            Owner = JournalOwner.Current,
        };
        _fixture.Journal.Intend(entry);
        _fixture.Host.Mounts["X:"] = null;

        Assert.Empty(_fixture.Provider.Clean(entry));
        Assert.Empty(_fixture.Host.EmptyFolders);
        Assert.Contains("X:", _fixture.Host.Mounts.Keys);
        Assert.Empty(_fixture.Journal.Entries());
    }

    [Fact]
    public void A_share_that_cannot_be_taken_away_is_reported_and_stays_in_the_journal()
    {
        _fixture.Provider.Expose(Keep("/hv/D").Shadows[0], @"\\localhost\Backup$");
        _fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.UnexposeSnapshot), VssHResult.Unexpected));
        var left = Assert.Single(_fixture.Provider.Clean(Assert.Single(_fixture.Journal.Entries())));
        Assert.Equal(FailureKind.LeftoverRemains, left.Kind);
        Assert.Contains("UnexposeSnapshot", left.Cause, StringComparison.Ordinal);
        Assert.Single(_fixture.Journal.Entries());
        Assert.Single(_fixture.Host.Shadows);
    }

    [Fact]
    public void With_folders_as_device_objects_a_shadow_copy_keeps_what_was_there()
    {
        var root = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        try
        {
            var (disk, mounted, shadows) = (
                Path.Combine(root, "D"),
                Path.Combine(root, "D", "mount"),
                Path.Combine(root, "shadows")
            );
            Directory.CreateDirectory(mounted);
            Directory.CreateDirectory(shadows);
            File.WriteAllText(Path.Combine(disk, "a.vhdx"), "before");
            File.WriteAllText(Path.Combine(mounted, "b.vhdx"), "before");
            _fixture.Host.ShadowFolder = shadows;
            _fixture.Host.Volumes.Clear();
            _fixture.Host.Volumes.AddRange(new[] { FakeVolume.At(disk), FakeVolume.At(mounted) });

            using (var session = _fixture.Create(_fixture.ForFolders(disk, mounted)))
            {
                File.WriteAllText(Path.Combine(disk, "a.vhdx"), "after");
                var map = new PathMap(session.Set.Shadows);
                Assert.Equal("before", File.ReadAllText(map.Map(Path.Combine(disk, "a.vhdx"))));
                Assert.Equal("before", File.ReadAllText(map.Map(Path.Combine(mounted, "b.vhdx"))));
                Assert.Empty(Directory.EnumerateFileSystemEntries(map.Map(disk) + "/mount"));
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(shadows));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void A_host_on_folders_can_be_backed_up_machine_by_machine()
    {
        var root = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        try
        {
            var fixture = VssFixture.OnFolders(root);
            using (var session = fixture.Create(fixture.ForMachines(fixture.Database, fixture.Old)))
            {
                var map = new PathMap(session.Set.Shadows);
                foreach (var file in session.Machines.SelectMany(machine => machine.Files))
                {
                    Directory.Delete(file.Path, recursive: true);
                    var frozen = Assert.Single(Directory.GetFiles(map.Map(file.Path), file.Specification));
                    Assert.Equal("content of " + file.Path, File.ReadAllText(frozen));
                }

                session.Complete();
            }

            Assert.Empty(fixture.Host.Leftovers());
            Assert.Empty(Directory.EnumerateFileSystemEntries(fixture.Host.ShadowFolder!));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void This_process_is_not_gone_and_an_earlier_one_with_its_number_is()
    {
        var me = JournalOwner.Current;
        Assert.False(me.IsGone());
        Assert.True((me with { Started = me.Started.AddHours(-1) }).IsGone());
        Assert.True((me with { ProcessId = int.MaxValue }).IsGone());
        Assert.False((me with { ProcessId = int.MaxValue, Host = "another-host" }).IsGone());
    }

    private ShadowSet Keep(params string[] folders)
    {
        using var session = _fixture.Create(
            _fixture.ForFolders(folders) with
            {
                Persistent = true,
                Options = new ShadowOptions(),
            }
        );
        session.Complete();
        return session.Set;
    }
}
