using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Somebody mounts a disk, or binds a folder, inside of what a run writes: nothing on it is changed or deleted.
/// </summary>
public sealed class MountedInsideTests
{
    [Theory]
    [InlineData(true, "gone/inner", false)]
    [InlineData(true, "kept", false)]
    [InlineData(true, "kept", true)]
    [InlineData(true, "gone", true)]
    [InlineData(false, "gone/inner", false)]
    [InlineData(false, "gone", true)]
    [InlineData(false, "kept", true)]
    public void What_is_mounted_inside_a_copy_is_neither_emptied_nor_written_into(
        bool inSet,
        string at,
        bool isOfSameDevice
    )
    {
        using var volume = LoopVolume.Mount("ext4", 20);
        using var bench = new MirrorBench();
        using var beside = new TempFolder();
        Tree.Write(Path.Combine(bench.Source, "kept", "file"), "one");
        Tree.Write(Path.Combine(bench.Source, "other"), "two");
        Copy(bench, inSet);
        var precious = isOfSameDevice ? beside.Path : volume.Path;
        Tree.Write(Path.Combine(precious, "file"), "precious");
        Tree.Write(Path.Combine(precious, "more", "file"), "precious");
        volume.Bind(precious, Path.Combine(bench.Target(), at));

        Copy(bench, inSet);

        Assert.Contains(
            bench.Log.Failures,
            failure => failure.Kind == FailureKind.LinkRefused && failure.Cause == "another volume is mounted there"
        );
        Assert.Equal("precious", File.ReadAllText(Path.Combine(precious, "file")));
        Assert.Equal("precious", File.ReadAllText(Path.Combine(precious, "more", "file")));
        volume.Unmount(Path.Combine(bench.Target(), at));
        Copy(bench, inSet);
        Assert.Empty(bench.Log.Failures);
        Tree.AssertEqual(bench.Source, bench.Target());
    }

    [Fact]
    public void A_tree_that_is_the_root_of_another_volume_is_not_deleted()
    {
        using var volume = LoopVolume.Mount("ext4", 20);
        Tree.Write(volume["file"], "precious");
        var failure = Assert.Throws<BackupException>(() => Trees.Delete(FileSystems.Current, volume.Path)).Failure;
        Assert.Equal("another volume is mounted there", failure.Cause);
        Assert.True(File.Exists(volume["file"]));
    }

    [Theory]
    [InlineData("ext4", true)]
    [InlineData("xfs", true)]
    [InlineData("btrfs", true)]
    public void File_systems_with_a_device_of_their_own_are_flushed_as_a_whole(string fileSystem, bool expected)
    {
        using var volume = LoopVolume.Mount(fileSystem, fileSystem == "xfs" ? 320 : 120);
        Assert.Equal(expected, FileSystems.Current.TryFlushVolume(volume.Path));
    }

    [Fact]
    public void Behind_a_program_in_user_space_each_file_is_flushed_since_nobody_passes_on_the_flush_of_the_whole()
    {
        using var volume = LoopVolume.Mount("ext4", 20);
        var pool = volume.Beside("pool");
        Directory.CreateDirectory(pool);
        Assert.SkipUnless(LoopVolume.Run("bindfs", volume.Path, pool).ExitCode == 0, "needs bindfs and FUSE");
        try
        {
            Assert.False(FileSystems.Current.TryFlushVolume(pool));
            Assert.True(FileSystems.Current.GetVolume(pool).IsBehindAnother);
            Assert.False(FileSystems.Current.GetVolume(volume.Path).IsBehindAnother);
        }
        finally
        {
            LoopVolume.Must("umount", pool);
        }
    }

    private static void Copy(MirrorBench bench, bool inSet)
    {
        if (inSet)
            bench.Backup();
        else
            bench.Mirror();
    }
}
