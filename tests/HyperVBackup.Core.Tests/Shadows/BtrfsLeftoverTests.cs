using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Reliability;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// What a run that died left is removed by the next: exactly its snapshots, whatever else has come to stand where they
/// were.
/// </summary>
public sealed class BtrfsLeftoverTests : IDisposable
{
    private readonly ShadowHost _host = new();
    private readonly LoopVolume _volume = LoopVolume.Mount("btrfs", 256);
    private readonly string _vms;

    public BtrfsLeftoverTests()
    {
        _vms = _volume.Subvolume("vms");
        Mirroring.Tree.Write(_vms + "/a.txt", "a");
    }

    public void Dispose()
    {
        _volume.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_snapshot_of_a_run_that_died_is_removed_and_nobody_elses()
    {
        LoopVolume.Must("btrfs", "subvolume", "snapshot", "-r", _vms, _volume["of-the-admin"]);
        Die();
        Assert.Contains(".hvbackup-shadow-", _volume.Subvolumes(), StringComparison.Ordinal);
        Assert.Empty(Leftovers.Remove(Later()));
        Assert.Equal("vms,of-the-admin", _volume.Subvolumes());
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(_vms).Select(Path.GetFileName));
        Assert.Empty(_host.Journaled);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void So_is_one_of_a_run_that_died_while_it_was_made(bool hasFolder, bool hasSnapshot)
    {
        Die();
        var entry = _host.Journal.Entries()[0];
        var folder = Path.GetDirectoryName(entry.Snapshots[0].Root)!;
        _host.Journal.Update(entry with { Snapshots = [entry.Snapshots[0] with { Uuid = null, Taken = null }] });
        if (!hasSnapshot)
            LoopVolume.Must("btrfs", "subvolume", "delete", entry.Snapshots[0].Root);
        if (!hasFolder)
            Directory.Delete(folder);
        Assert.Empty(Leftovers.Remove(Later()));
        Assert.Equal("vms", _volume.Subvolumes());
        Assert.False(Directory.Exists(folder));
        Assert.Empty(_host.Journaled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_live_subvolume_in_its_place_is_left_alone_and_reported(bool wasKnown)
    {
        Die();
        var entry = _host.Journal.Entries()[0];
        var root = entry.Snapshots[0].Root;
        if (!wasKnown)
            _host.Journal.Update(entry with { Snapshots = [entry.Snapshots[0] with { Uuid = null, Taken = null }] });
        LoopVolume.Must("btrfs", "subvolume", "delete", root);
        LoopVolume.Must("btrfs", "subvolume", "snapshot", _vms, root);
        var failure = Assert.Single(Leftovers.Remove(Later()));
        Assert.Equal((FailureKind.LeftoverRemains, root), (failure.Kind, failure.Target));
        Assert.Contains("not the snapshot that was made there", failure.Cause, StringComparison.Ordinal);
        Assert.Equal("a", File.ReadAllText(root + "/a.txt"));
        Assert.Single(_host.Journaled);
    }

    [Fact]
    public void A_link_in_place_of_its_folder_leads_nowhere()
    {
        Die();
        var folder = Path.GetDirectoryName(_host.Journaled[0].Root)!;
        Directory.Move(folder, _vms + "/moved");
        File.CreateSymbolicLink(folder, _vms + "/moved");
        Assert.Empty(Leftovers.Remove(Later()));
        Assert.True(File.Exists(_vms + "/moved/snapshot/a.txt"));
    }

    [Fact]
    public void While_its_file_system_is_not_mounted_it_is_not_forgotten()
    {
        Die();
        _volume.Unmount(_volume.Path);
        var failure = Assert.Single(Leftovers.Remove(Later()));
        Assert.Contains("is not mounted there", failure.Cause, StringComparison.Ordinal);
        Assert.Single(_host.Journaled);
    }

    [Fact]
    public void A_set_that_was_kept_is_no_leftover()
    {
        new ShadowStore(_host.Context).Create([_vms], new() { Provider = "btrfs" }, out _, CancellationToken.None);
        Assert.Empty(Leftovers.Remove(Later()));
        Assert.Single(_host.Journaled);
        Assert.Contains(".hvbackup-shadow-", _volume.Subvolumes(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_made_for_all_is_left_for_none()
    {
        var data = _volume.Subvolume("data");
        using var session = _host.Btrfs.Create(ShadowHost.Request(_vms), CancellationToken.None);
        var before = _volume.Subvolumes();
        // A swap file that is in use forbids snapshots of its subvolume: the second of the two fails.
        LoopVolume.Must("btrfs", "filesystem", "sync", data);
        var (made, output) = LoopVolume.Run(
            "sh",
            "-c",
            "truncate -s 0 '"
                + data
                + "/swap' && chattr +C '"
                + data
                + "/swap' && fallocate -l 16M '"
                + data
                + "/swap' && chmod 600 '"
                + data
                + "/swap' && mkswap '"
                + data
                + "/swap' && swapon '"
                + data
                + "/swap'"
        );
        Assert.SkipUnless(made == 0, "needs to be allowed to swap to a file (" + output.Trim() + ")");
        try
        {
            var failure = Assert
                .Throws<BackupException>(() =>
                    _host.Btrfs.Create(ShadowHost.Request(_vms, data), CancellationToken.None)
                )
                .Failure;
            Assert.Equal(
                (FailureKind.ShadowFailed, data, "it holds a swap file that is in use"),
                (failure.Kind, failure.Target, failure.Cause)
            );
            Assert.Equal(before, _volume.Subvolumes());
            Assert.Single(_host.Journaled);
        }
        finally
        {
            LoopVolume.Run("swapoff", data + "/swap");
        }
    }

    // A session that nobody ends, as if its process were gone.
    private void Die() => _host.Btrfs.Create(ShadowHost.Request(_vms), CancellationToken.None);

    private RunContext Later()
    {
        var journal = new OneProcessJournal(_host.Journal);
        return _host.Context with
        {
            Journal = journal,
            Providers = ShadowProviders.OfThisHost(_host.Files, journal, SystemClock.Instance),
        };
    }
}
