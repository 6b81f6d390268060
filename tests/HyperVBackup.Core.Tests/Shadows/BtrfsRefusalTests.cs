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
using HyperVBackup.Tests.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// Where a snapshot cannot be made, or could not be deleted again: said before anything is made, with what would help.
/// </summary>
public sealed class BtrfsRefusalTests : IDisposable
{
    private readonly ShadowHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("ext4", 48)]
    [InlineData("xfs", 320)]
    public void Another_file_system(string fileSystem, int megabytes)
    {
        using var volume = LoopVolume.Mount(fileSystem, megabytes);
        Refuse(
            volume["vms"],
            FailureKind.ProviderUnavailable,
            "it lies on " + fileSystem + " (" + volume.Path + "), which has none"
        );
    }

    [Fact]
    public void A_file_system_that_is_mounted_read_only()
    {
        using var volume = LoopVolume.Mount("btrfs", 256);
        Directory.CreateDirectory(volume["vms"]);
        volume.Remount("ro");
        var failure = Refuse(volume["vms"], FailureKind.ReadOnlyVolume, "the file system is read-only");
        Assert.Contains("mount it for writing as well", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quota_that_is_used_up()
    {
        using var volume = LoopVolume.Mount("btrfs", 256);
        var vms = volume.Subvolume("vms");
        LoopVolume.Must("btrfs", "quota", "enable", volume.Path);
        File.WriteAllBytes(vms + "/a.vhdx", Mirroring.Tree.Noise(1, 8 << 20));
        LoopVolume.Must("btrfs", "filesystem", "sync", volume.Path);
        LoopVolume.Must("btrfs", "qgroup", "limit", "4M", vms);
        var failure = Refuse(vms, FailureKind.DiskFull, "the disk quota is used up");
        Assert.Contains("raise the quota of the subvolume", failure.Advice, StringComparison.Ordinal);
        // By its number and from outside: through itself, the full subvolume refuses even this.
        LoopVolume.Must(
            "btrfs",
            "qgroup",
            "limit",
            "none",
            "0/" + LoopVolume.Must("btrfs", "inspect-internal", "rootid", vms).Trim(),
            volume.Path
        );
        Assert.Equal(RunOutcome.Complete, _host.Backup("btrfs", ["*.vhdx"], vms).Outcome);
    }

    [Fact]
    public void A_file_system_without_space()
    {
        // Data and metadata in one: else the last is not used up by files.
        using var volume = LoopVolume.Mount("btrfs", 64, "--mixed");
        Directory.CreateDirectory(volume["vms"]);
        Fill(volume["vms"]);
        var failure = Refuse(volume["vms"], FailureKind.DiskFull, "no space left on the volume");
        Assert.Contains("Free space on the file system", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Somebody_who_is_neither_root_nor_the_owner_of_the_subvolume()
    {
        using var volume = LoopVolume.Mount("btrfs", 256);
        var vms = volume.Subvolume("vms");
        var failure = OtherUser.Do(() =>
            Assert.Throws<BackupException>(() => Providers().Choose("btrfs", [ShadowHost.Whole(vms)], out _)).Failure
        );
        Assert.Equal((FailureKind.AccessDenied, vms), (failure.Kind, failure.Target));
        Assert.Contains(
            "belongs to the user 0, and only root or its owner may",
            failure.Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_owner_who_could_make_a_snapshot_and_not_delete_it()
    {
        using var volume = LoopVolume.Mount("btrfs", 256);
        var vms = OwnedByNobody(volume);
        var failure = OtherUser.Do(() =>
            Assert.Throws<BackupException>(() => Providers().Choose("btrfs", [ShadowHost.Whole(vms)], out _)).Failure
        );
        Assert.Equal((FailureKind.AccessDenied, vms), (failure.Kind, failure.Target));
        Assert.Contains("user_subvol_rm_allowed", failure.Advice, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(vms));
        Assert.Equal("vms", volume.Subvolumes());
    }

    [Fact]
    public void But_not_an_owner_who_may_do_both()
    {
        using var volume = LoopVolume.Mount("btrfs", 256);
        volume.Remount("user_subvol_rm_allowed");
        var vms = OwnedByNobody(volume);
        var content = OtherUser.Do(() =>
        {
            File.WriteAllText(vms + "/a.txt", "before");
            var provider = Providers().Choose("btrfs", [ShadowHost.Whole(vms)], out _);
            using var session = provider.Create(ShadowHost.Request(vms), CancellationToken.None);
            File.WriteAllText(vms + "/a.txt", "after");
            var frozen = File.ReadAllText(session.Set.Shadows[0].Root + "/a.txt");
            Assert.Empty(session.Release());
            return frozen;
        });
        Assert.Equal("before", content);
        Assert.Equal("vms", volume.Subvolumes());
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(vms).Select(Path.GetFileName));
    }

    private static ShadowProviders Providers() =>
        ShadowProviders.OfThisHost(FileSystems.Current, new MemoryJournal(), new FakeClock());

    private static string OwnedByNobody(LoopVolume volume)
    {
        var vms = volume.Subvolume("vms");
        LoopVolume.Must("chown", OtherUser.Nobody.ToString(null, null), vms);
        return vms;
    }

    // Files of one page, until nothing more goes in, not even the smallest.
    private static void Fill(string folder)
    {
        try
        {
            for (var i = 0; ; i++)
                File.WriteAllBytes(Path.Combine(folder, "fill" + i), new byte[i < 60 ? 1 << 20 : 4096]);
        }
        catch (IOException)
        {
            LoopVolume.Run("sync", "-f", folder);
        }

        try
        {
            for (var i = 0; ; i++)
                Directory.CreateDirectory(Path.Combine(folder, "folder" + i));
        }
        catch (IOException) { }
    }

    // Named, it fails the run; among others, auto goes on to the next and says why.
    private Failure Refuse(string source, FailureKind kind, string cause)
    {
        if (!Directory.Exists(source))
            Directory.CreateDirectory(source);
        var result = _host.Backup("btrfs", source);
        Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        var failure = Assert.Single(result.Failures);
        Assert.Equal((kind, cause), (failure.Kind, failure.Cause));
        Assert.Empty(_host.Journaled);
        Assert.Null(_host.Btrfs.WhyNot([_host.Target]) is null ? "The system's own disk is btrfs" : null);
        Assert.Contains(cause, _host.Btrfs.WhyNot([source]), StringComparison.Ordinal);
        return failure;
    }
}
