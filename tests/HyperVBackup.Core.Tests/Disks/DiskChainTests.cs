using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

public class DiskChainTests
{
    private static readonly Guid[] Ids = Enumerable.Range(1, 9).Select(i => new Guid(i, 0, 0, new byte[8])).ToArray();

    [Fact]
    public void A_disk_without_a_parent_needs_none()
    {
        var link = Assert.Single(Resolve(("base.vhdx", VhdxImage.Dynamic())));
        Assert.Equal((null, 0, ChainProblem.None, true), (link.ParentPath, link.Depth, link.Problem, link.IsComplete));
        Assert.Null(link.ToFailure());
    }

    [Fact]
    public void A_chain_of_checkpoints_is_followed_to_its_base()
    {
        var links = Resolve(
            ("VHD/vm_2.avhdx", VhdxImage.Differencing(Ids[2], Ids[1], "D:\\x\\vm_1.avhdx")),
            ("VHD/vm_1.avhdx", VhdxImage.Differencing(Ids[1], Ids[0], "vm.vhdx")),
            ("VHD/vm.vhdx", VhdxImage.Dynamic(Ids[0]))
        );
        Assert.Equal(new[] { "VHD/vm.vhdx", "VHD/vm_1.avhdx", "VHD/vm_2.avhdx" }, links.Select(link => link.Path));
        Assert.Equal(new[] { null, "VHD/vm.vhdx", "VHD/vm_1.avhdx" }, links.Select(link => link.ParentPath));
        Assert.Equal(new[] { 0, 1, 2 }, links.Select(link => link.Depth));
        Assert.All(links, link => Assert.True(link.IsComplete));
    }

    [Fact]
    public void A_parent_in_another_folder_than_on_the_host_is_found_by_its_name()
    {
        var links = Resolve(
            ("SystemVHD/child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])),
            ("DataVHD/PARENT.vhdx", VhdxImage.Dynamic(Ids[0]))
        );
        Assert.Equal("DataVHD/PARENT.vhdx", links[1].ParentPath);
    }

    [Fact]
    public void A_renamed_parent_is_found_by_its_identity()
    {
        var links = Resolve(
            ("child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])),
            ("renamed.vhdx", VhdxImage.Dynamic(Ids[0]))
        );
        Assert.Equal("renamed.vhdx", links[0].ParentPath);
    }

    [Fact]
    public void Of_copies_of_a_parent_the_one_whose_path_is_most_like_the_recorded_one_is_meant()
    {
        var links = Resolve(
            ("a/parent.vhdx", VhdxImage.Dynamic(Ids[0])),
            ("Base/parent.vhdx", VhdxImage.Dynamic(Ids[0])),
            ("c/child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0]))
        );
        Assert.Equal("Base/parent.vhdx", links.Single(link => link.Path == "c/child.avhdx").ParentPath);
    }

    [Fact]
    public void Of_namesakes_the_one_with_the_identity_is_meant()
    {
        var links = Resolve(
            ("Base/parent.vhdx", VhdxImage.Dynamic(Ids[3])),
            ("z/parent.vhdx", VhdxImage.Dynamic(Ids[0])),
            ("child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0]))
        );
        Assert.Equal("z/parent.vhdx", links.Single(link => link.Path == "child.avhdx").ParentPath);
    }

    [Fact]
    public void The_second_identity_counts_while_a_merge_is_under_way()
    {
        var child = VhdxImage.Differencing(Ids[1]);
        child.PutLocator(
            ("parent_linkage", Ids[5].ToString("B")),
            ("parent_linkage2", Ids[0].ToString("B")),
            ("relative_path", "parent.vhdx")
        );
        Assert.Equal(
            "parent.vhdx",
            Resolve(("child.avhdx", child), ("parent.vhdx", VhdxImage.Dynamic(Ids[0])))[0].ParentPath
        );
    }

    [Fact]
    public void A_missing_parent_is_named_with_its_identity()
    {
        var links = Resolve(
            ("child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])),
            ("other.vhdx", VhdxImage.Dynamic(Ids[7]))
        );
        Assert.Equal(ChainProblem.ParentMissing, links[0].Problem);
        Assert.Equal($"its parent, \"parent.vhdx\" with identity {Ids[0]}, is not in the set", links[0].Cause);
        var failure = links[0].ToFailure()!;
        Assert.Equal(("HvBackup.DiskDamaged", "child.avhdx"), (failure.ErrorId, failure.Target));
        Assert.True(links[1].IsComplete);
    }

    [Fact]
    public void A_parent_that_was_written_to_after_its_child_was_made_is_reported_with_both_identities()
    {
        var links = Resolve(
            ("child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])),
            ("parent.vhdx", VhdxImage.Dynamic(Ids[7]))
        );
        Assert.Equal(ChainProblem.ParentChanged, links[0].Problem);
        Assert.Equal(
            $"its parent should be \"parent.vhdx\" with identity {Ids[0]}; parent.vhdx has identity {Ids[7]}",
            links[0].Cause
        );
        Assert.Null(links[0].ParentPath);
    }

    [Fact]
    public void A_parent_too_damaged_to_have_an_identity_is_reported()
    {
        var parent = VhdxImage.Dynamic(Ids[0]);
        Array.Clear(parent.Bytes, 0, 1 << 20);
        Assert.Contains(
            "none that is readable",
            Resolve(("child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])), ("parent.vhdx", parent))[0].Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_differencing_disk_with_an_unreadable_locator_is_reported()
    {
        var child = VhdxImage.Differencing();
        child.Bytes[VhdxImage.LocatorItem] ^= 1;
        Assert.Equal(ChainProblem.ParentUnknown, Resolve(("child.avhdx", child))[0].Problem);
    }

    [Fact]
    public void A_broken_chain_breaks_everything_below_it_and_the_root_of_it_is_named()
    {
        var links = Resolve(
            ("1.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])),
            ("2.avhdx", VhdxImage.Differencing(Ids[2], Ids[1], "1.avhdx")),
            ("3.avhdx", VhdxImage.Differencing(Ids[3], Ids[2], "2.avhdx"))
        );
        Assert.Equal(
            new[] { ChainProblem.ParentMissing, ChainProblem.AncestorBroken, ChainProblem.AncestorBroken },
            links.Select(link => link.Problem)
        );
        Assert.Equal(new[] { 0, 1, 2 }, links.Select(link => link.Depth));
        Assert.StartsWith(
            "its ancestor 1.avhdx cannot be used: its parent, \"parent.vhdx\"",
            links[2].Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_disk_that_is_its_own_parent_is_a_cycle()
    {
        var link = Assert.Single(Resolve(("a.avhdx", VhdxImage.Differencing(Ids[1], Ids[1], "a.avhdx"))));
        Assert.Equal((ChainProblem.Cycle, 0), (link.Problem, link.Depth));
    }

    [Fact]
    public void Disks_that_are_each_others_ancestors_are_a_cycle_and_those_below_are_broken()
    {
        var links = Resolve(
            ("a.avhdx", VhdxImage.Differencing(Ids[1], Ids[3], "c.avhdx")),
            ("b.avhdx", VhdxImage.Differencing(Ids[2], Ids[1], "a.avhdx")),
            ("c.avhdx", VhdxImage.Differencing(Ids[3], Ids[2], "b.avhdx")),
            ("d.avhdx", VhdxImage.Differencing(Ids[4], Ids[3], "c.avhdx"))
        );
        Assert.Equal(
            new[] { ChainProblem.Cycle, ChainProblem.Cycle, ChainProblem.Cycle, ChainProblem.AncestorBroken },
            links.Select(link => link.Problem)
        );
    }

    [Fact]
    public void A_parent_with_sectors_of_another_size_is_reported()
    {
        var parent = VhdxImage.Dynamic(Ids[0]);
        parent.PutLittle(VhdxImage.LogicalItem, 4096, 4);
        var link = Resolve(("child.avhdx", VhdxImage.Differencing(Ids[1], Ids[0])), ("parent.vhdx", parent))[0];
        Assert.Equal((ChainProblem.ParentSectorsDiffer, "parent.vhdx"), (link.Problem, link.ParentPath));
    }

    [Fact]
    public void VHD_chains_go_by_the_unique_id()
    {
        var links = Resolve(
            ("child.avhd", VhdImage.Differencing(Ids[1], VhdImage.Id)),
            ("grandchild.avhd", VhdImage.Differencing(Ids[2], Ids[1], "child.avhd")),
            ("parent.vhd", VhdImage.Fixed())
        );
        Assert.Equal(new[] { 1, 2, 0 }, links.Select(link => link.Depth));
        Assert.All(links, link => Assert.True(link.IsComplete, link.Cause));
    }

    [Fact]
    public void A_disk_of_the_other_format_is_no_parent_even_with_the_identity()
    {
        var links = Resolve(
            ("child.avhd", VhdImage.Differencing(Ids[1], Ids[0], "parent.vhdx")),
            ("parent.vhdx", VhdxImage.Dynamic(Ids[0]))
        );
        Assert.Equal(ChainProblem.ParentChanged, links[0].Problem);
    }

    [Fact]
    public void A_very_long_chain_is_followed_without_recursion()
    {
        const int length = 20_000;
        var disks = Enumerable
            .Range(0, length)
            .Select(i =>
                (
                    $"{i:D5}.avhdx",
                    new DiskReport
                    {
                        Name = $"{i:D5}.avhdx",
                        Format = DiskFormat.Vhdx,
                        Kind = i == 0 ? DiskKind.Dynamic : DiskKind.Differencing,
                        DataWriteGuid = new Guid(i, 1, 0, new byte[8]),
                        Parent =
                            i == 0
                                ? null
                                : new ParentReference([new Guid(i - 1, 1, 0, new byte[8])], [$"{i - 1:D5}.avhdx"]),
                    }
                )
            );
        var links = DiskChain.Resolve(disks.Reverse());
        Assert.Equal(length - 1, links[length - 1].Depth);
        Assert.True(links[length - 1].IsComplete);
    }

    private static IReadOnlyList<ChainLink> Resolve(params (string Path, DiskImage Image)[] disks) =>
        DiskChain.Resolve(
            disks.Select(disk =>
            {
                disk.Image.Name = disk.Path;
                return (disk.Path, disk.Image.Check());
            })
        );
}
