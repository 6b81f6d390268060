using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>Where folders lie, by a table of mounts alone.</summary>
public sealed class MountedPlacesTests
{
    private static readonly MountedPlaces Places = new([
        Mount("8:1", "/", "/"),
        Mount("8:16", "/", "/disk"),
        Mount("8:16", "/data/inner", "/m"),
        Mount("8:16", "/data", "/srv/tree/deep"),
        Mount("0:40", "/@home", "/home"),
        Mount("0:40", "/", "/pool"),
        Mount("8:32", "/", "/over"),
        Mount("8:48", "/", "/over"),
        Mount("8:32", "/", "/seen"),
    ]);

    public MountedPlacesTests() => Platform.NeedsPosix();

    [Theory]
    [InlineData("/disk/data", "/m", "inner")]
    [InlineData("/disk/data", "/m/below", "inner/below")]
    [InlineData("/disk/data/inner", "/m", "")]
    [InlineData("/m", "/disk/data/inner/x", "x")]
    [InlineData("/home", "/pool/@home/anna", "anna")]
    [InlineData("/pool", "/home", "@home")]
    public void One_disk_mounted_at_two_folders_is_one_tree(string folder, string path, string way) =>
        Assert.Contains(way, Places.Ways(folder, path, _ => true));

    [Theory]
    [InlineData("/m", "/disk/data")]
    [InlineData("/m", "/disk/data/innermost")]
    [InlineData("/disk/data", "/disk/other")]
    [InlineData("/home", "/pool/@homes")]
    [InlineData("/over", "/seen")]
    public void What_only_looks_alike_is_not(string folder, string path) =>
        Assert.Empty(Places.Ways(folder, path, _ => true));

    [Fact]
    public void What_is_mounted_inside_a_folder_lies_in_it_if_the_walk_comes_there()
    {
        Assert.Equal(["tree/deep/x"], Places.Ways("/srv", "/disk/data/x", _ => true));
        Assert.Empty(Places.Ways("/srv", "/disk/data/x", to => to != "tree/deep"));
    }

    [Fact]
    public void The_other_paths_of_a_folder_are_those_that_can_be_seen()
    {
        Assert.Equal(["/disk/data/inner/x", "/srv/tree/deep/inner/x"], Places.OtherPaths("/m/x").ToArray());
        Assert.Empty(Places.OtherPaths("/etc"));
        // Another disk is mounted over the first.
        Assert.Empty(Places.OtherPaths("/seen"));
    }

    private static PosixMount Mount(string device, string root, string path) => new(0, device, root, path, "ext4", "");
}
