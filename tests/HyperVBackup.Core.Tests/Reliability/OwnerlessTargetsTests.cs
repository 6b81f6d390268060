using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Targets whose file system keeps no owners, permissions or links: what is said of them leads somewhere. Needs root on
/// Linux, ntfs-3g and exfat-fuse.
/// </summary>
public sealed class OwnerlessTargetsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Source => _folder["C/VHD"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ntfs")]
    [InlineData("exfat")]
    public void The_advice_for_a_target_that_everybody_may_write_to_is_to_mount_it_otherwise_and_that_ends_it(
        string fileSystem
    )
    {
        using var volume = Mount(fileSystem);
        volume.Remake(fileSystem == "exfat" ? "umask=0" : "");
        var problem = Permissions.Problem(FileSystems.Current, volume.Path)!;
        Assert.Equal("everybody may write to it", problem.Cause);
        Assert.Contains(
            "umount '" + volume.Path + "' && mount -o uid=0,gid=0,umask=077 ",
            problem.Advice,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("chmod go-w", problem.Advice, StringComparison.Ordinal);

        volume.Remake("uid=0,gid=0,umask=077");
        Assert.Null(Permissions.Problem(FileSystems.Current, volume.Path));
    }

    [Fact]
    public void Where_ntfs_is_mounted_to_keep_permissions_chmod_is_the_advice()
    {
        using var volume = Mount("ntfs");
        volume.Remake("permissions");
        FileTools.SetMode(volume.Path, "777");
        var advice = Permissions.Problem(FileSystems.Current, volume.Path)!.Advice;
        Assert.Contains("chmod go-w '" + volume.Path + "'", advice, StringComparison.Ordinal);
        FileTools.SetMode(volume.Path, "700");
        Assert.Null(Permissions.Problem(FileSystems.Current, volume.Path));
    }

    [Fact]
    public void Links_that_a_target_cannot_hold_are_one_failure_that_names_them_and_the_set_is_partial()
    {
        using var disk = SmallDisk.Mount("exfat", 100);
        Tree.Write(Path.Combine(Source, "file"), "content");
        for (var i = 0; i < 15; i++)
            File.CreateSymbolicLink(Path.Combine(Source, "link" + (char)('a' + i)), "file");

        var result = disk.Backup(Source, new StateFolder(_folder["state"]), new FakeClock());

        var failure = Assert.Single(result.Failures);
        Assert.Equal(("create the 15 links of the source", 1), (failure.Operation, result.ExitCode));
        Assert.Equal(
            "this file system has no symbolic links: linka, linkb, linkc, linkd, linke, linkf, linkg, linkh, "
                + "linki, linkj and 5 more",
            failure.Cause
        );
        Assert.StartsWith("Exclude the links", failure.Advice, StringComparison.Ordinal);
        var set = SetCatalogue.Choose(FileSystems.Current, disk.Path, "SetA");
        Assert.Equal(SetCondition.Partial, set.State);
        Assert.Contains("15 links", Assert.Single(set.Content!.Missing).Problem, StringComparison.Ordinal);
        Assert.Equal("content", File.ReadAllText(Path.Combine(set.Path, "VHD", "file")));
    }

    [Fact]
    public void Without_the_links_the_set_is_complete()
    {
        using var disk = SmallDisk.Mount("exfat", 100);
        Tree.Write(Path.Combine(Source, "file"), "content");
        File.CreateSymbolicLink(Path.Combine(Source, "link"), "file");
        var result = disk.Backup(
            Source,
            new StateFolder(_folder["state"]),
            new FakeClock(),
            change: plan => plan with { Jobs = plan.Jobs.Select(job => job with { Exclude = ["link"] }).ToArray() }
        );
        Assert.Equal((RunOutcome.Complete, 0), (result.Outcome, result.ExitCode));
    }

    private static LoopVolume Mount(string fileSystem) =>
        LoopVolume.Mount(fileSystem, 100, fileSystem == "ntfs" ? ["-F", "-Q"] : []);
}
