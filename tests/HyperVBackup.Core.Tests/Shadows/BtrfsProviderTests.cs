using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// Snapshots of real subvolumes: which are made, where, for whom, and how they go. The program btrfs is the judge.
/// </summary>
public sealed class BtrfsProviderTests : IDisposable
{
    private const string Leaf = "/snapshot";
    private readonly ShadowHost _host = new();
    private readonly LoopVolume _volume = LoopVolume.Mount("btrfs", 256);

    public void Dispose()
    {
        _volume.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void One_read_only_snapshot_is_made_of_each_subvolume_however_many_sources_lie_in_it()
    {
        var (vms, data) = (_volume.Subvolume("vms"), _volume.Subvolume("data"));
        foreach (var file in new[] { vms + "/web/a.vhdx", vms + "/db/b.vhdx", data + "/c.vhdx" })
            Put(file, "before");
        using (
            var session = _host.Btrfs.Create(
                ShadowHost.Request(vms + "/web", vms + "/db", data),
                CancellationToken.None
            )
        )
        {
            foreach (var file in new[] { vms + "/web/a.vhdx", vms + "/db/b.vhdx", data + "/c.vhdx" })
                Put(file, "after");
            Assert.Equal([vms, data], session.Set.Shadows.Select(shadow => shadow.Volume));
            Assert.Equal(
                2,
                _volume.Subvolumes().Split(',').Count(path => path.EndsWith(Leaf, StringComparison.Ordinal))
            );
            var map = new PathMap(session.Set.Shadows);
            foreach (var file in new[] { vms + "/web/a.vhdx", vms + "/db/b.vhdx", data + "/c.vhdx" })
                Assert.Equal("before", File.ReadAllText(map.Map(file)));
            foreach (var shadow in session.Set.Shadows)
            {
                Assert.Equal("ro=true", LoopVolume.Must("btrfs", "property", "get", shadow.Root, "ro").Trim());
                Assert.Equal("700", FileTools.Mode(Path.GetDirectoryName(shadow.Root)!));
                Assert.InRange(shadow.Created, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5));
            }

            Assert.Equal(Consistency.Crash, session.Set.Consistency);
            Assert.Empty(session.Release());
        }

        Assert.Equal("vms,data", _volume.Subvolumes());
        Assert.Equal(["web", "db"], Directory.GetFileSystemEntries(vms).Select(Path.GetFileName).OrderDescending());
        Assert.Empty(_host.Journaled);
    }

    [Fact]
    public void A_subvolume_that_is_a_source_itself_is_backed_up_without_its_own_snapshot()
    {
        var vms = _volume.Subvolume("vms");
        Put(vms + "/a.vhd.txt", "a");
        var result = _host.Backup("btrfs", vms);
        Assert.Equal((RunOutcome.Complete, Consistency.Crash), (result.Outcome, result.Consistency));
        Assert.Equal(
            ["a.vhd.txt"],
            Directory.GetFileSystemEntries(_host.InSet("SetA", "vms")).Select(Path.GetFileName)
        );
        Assert.Equal("vms", _volume.Subvolumes());
    }

    [Fact]
    public void The_outermost_subvolume_is_one_like_any_other()
    {
        Put(_volume["web/a.txt"], "a");
        Assert.Equal(RunOutcome.Complete, _host.Backup("btrfs", _volume["web"]).Outcome);
        Assert.Equal("a", File.ReadAllText(Path.Combine(_host.InSet("SetA", "web"), "a.txt")));
        Assert.Equal("", _volume.Subvolumes());
    }

    [Fact]
    public void Sources_are_found_by_links_other_mounts_of_the_subvolume_and_folders_of_it_bound_elsewhere()
    {
        var vms = _volume.Subvolume("vms");
        Put(vms + "/web/disks/a.txt", "a");
        Put(vms + "/db/b.txt", "b");
        Put(vms + "/app/c.txt", "c");
        File.CreateSymbolicLink(_volume.Beside("link"), vms + "/web");
        var mounted = _volume.MountAgain("mounted", "subvol=vms");
        var bound = _volume.Bind(vms + "/app", _volume.Beside("bound"));
        var sources = new[] { _volume.Beside("link"), mounted + "/db", bound };
        var result = _host.Backup("btrfs", sources);
        Assert.Equal(RunOutcome.Complete, result.Outcome);
        Assert.Equal("a", File.ReadAllText(_host.InSet("SetA", "link/disks/a.txt")));
        Assert.Equal("b", File.ReadAllText(_host.InSet("SetA", "db/b.txt")));
        Assert.Equal("c", File.ReadAllText(_host.InSet("SetA", "bound/c.txt")));
        Assert.Single(result.Shadows);
        Assert.Equal("vms", _volume.Subvolumes());
    }

    [Fact]
    public void A_bound_folder_whose_subvolume_is_mounted_nowhere_else_is_refused_with_the_way_out()
    {
        var vms = _volume.Subvolume("vms");
        Put(vms + "/app/c.txt", "c");
        var bound = _volume.Bind(vms + "/app", _volume.Beside("bound"));
        _volume.Unmount(_volume.Path);
        var failure = Assert.Single(_host.Backup("btrfs", bound).Failures);
        Assert.Equal(FailureKind.ProviderUnavailable, failure.Kind);
        Assert.Contains("its root is mounted nowhere", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("mount -o subvolid=", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_is_mounted_read_only_is_frozen_by_a_mount_that_is_not()
    {
        var vms = _volume.Subvolume("vms");
        Put(vms + "/a.txt", "a");
        var readOnly = _volume.Bind(vms, _volume.Beside("ro"));
        LoopVolume.Must("mount", "-o", "remount,bind,ro", readOnly);
        Assert.Equal(RunOutcome.Complete, _host.Backup("btrfs", readOnly).Outcome);
        Assert.Equal("a", File.ReadAllText(_host.InSet("SetA", "ro/a.txt")));
        Assert.Equal("vms", _volume.Subvolumes());
    }

    [Fact]
    public void A_read_only_subvolume_is_frozen_from_the_folder_above_it()
    {
        var vms = _volume.Subvolume("vms");
        Put(vms + "/a.txt", "a");
        LoopVolume.Must("btrfs", "property", "set", vms, "ro", "true");
        Assert.Equal(RunOutcome.Complete, _host.Backup("btrfs", vms).Outcome);
        Assert.Equal("a", File.ReadAllText(_host.InSet("SetA", "vms/a.txt")));
        Assert.Equal("vms", _volume.Subvolumes());
    }

    [Fact]
    public void Two_file_systems_are_frozen_in_one_set()
    {
        using var other = LoopVolume.Mount("btrfs", 256);
        Put(_volume["web/a.txt"], "a");
        Put(other["db/b.txt"], "b");
        var result = _host.Backup("auto", _volume["web"], other["db"]);
        Assert.Equal((RunOutcome.Complete, "btrfs"), (result.Outcome, result.Provider));
        Assert.Equal([_volume.Path, other.Path], result.Shadows.Select(shadow => shadow.Volume));
        Assert.Equal("", _volume.Subvolumes() + other.Subvolumes());
    }

    [Fact]
    public void A_set_that_stays_is_listed_exposed_read_by_a_later_process_and_removed()
    {
        var vms = _volume.Subvolume("vms");
        Put(vms + "/a.txt", "before");
        var set = new ShadowStore(_host.Context).Create(
            [vms],
            new() { Provider = "btrfs" },
            out var warnings,
            CancellationToken.None
        );
        Put(vms + "/a.txt", "after");
        Assert.Empty(warnings);
        // Everything is looked up anew, as another process would.
        var store = new ShadowStore(_host.Context);
        var found = Assert.Single(store.Sets());
        Assert.Equal((set.Id, Consistency.Crash, true), (found.Id, found.Consistency, found.IsPersistent));
        var exposed = store.Expose(found.Shadows[0], Path.Combine(_host.Mounts, "vms"));
        Assert.Equal("before", File.ReadAllText(exposed.ExposedAt + "/a.txt"));
        Assert.Equal(RunOutcome.Complete, _host.Backup("btrfs", vms).Outcome);
        Assert.Equal("before", File.ReadAllText(exposed.ExposedAt + "/a.txt"));
        store.Delete(store.List()[0]);
        Assert.Empty(store.List());
        Assert.Empty(Directory.GetFileSystemEntries(_host.Mounts));
        Assert.Equal("vms", _volume.Subvolumes());
    }

    [Fact]
    public void No_data_is_copied()
    {
        var vms = _volume.Subvolume("vms");
        File.WriteAllBytes(vms + "/a.vhdx", Mirroring.Tree.Noise(1, 64 << 20));
        FileSystems.Current.TryFlushVolume(vms);
        var before = FileSystems.Current.GetVolume(vms).FreeBytes;
        using var session = _host.Btrfs.Create(ShadowHost.Request(vms), CancellationToken.None);
        Assert.InRange(before - FileSystems.Current.GetVolume(vms).FreeBytes, 0, 1 << 20);
    }

    private static void Put(string path, string content) => Mirroring.Tree.Write(path, content);
}
