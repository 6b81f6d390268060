using System;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>What the owning group of a file with an access list may do with it.</summary>
public class PosixAclTests
{
    private const ushort Owner = 1,
        User = 2,
        Group = 4,
        NamedGroup = 8,
        Mask = 16,
        Others = 32;

    // 660: with a list, the group's 6 is its mask.
    private const uint Mode = 0x1B0,
        Closed = 0x180;

    private static IFileSystem Files => FileSystems.Current;

    [Theory]
    [InlineData(0, 6, 0x180)] // the owning group has nothing, whatever others have
    [InlineData(4, 6, 0x1A0)]
    [InlineData(6, 4, 0x1A0)] // the mask is below it
    [InlineData(7, 7, 0x1B8)]
    [InlineData(7, 0, 0x180)]
    public void The_group_has_what_its_entry_and_the_mask_allow(ushort group, ushort mask, uint expected) =>
        Assert.Equal(expected, Applied(2, (Owner, 6), (User, 6), (Group, group), (Mask, mask), (Others, 0)));

    [Fact]
    public void A_list_without_a_mask_gives_the_group_what_its_entry_says() =>
        Assert.Equal(0x1A0u, Applied(2, (Owner, 6), (Group, 4), (Others, 0)));

    [Fact]
    public void The_other_bits_are_the_modes_own()
    {
        var list = List(2, (Owner, 7), (Group, 0), (NamedGroup, 7), (Mask, 7), (Others, 5));
        Assert.Equal(0xDC5u, PosixAcl.Apply(list, list.Length, 0xDFD)); // 6775 to 6705
    }

    [Fact]
    public void A_list_that_cannot_be_understood_gives_the_group_nothing()
    {
        Assert.Equal(Closed, Applied(1, (Owner, 6), (Group, 6), (Others, 0))); // another version
        Assert.Equal(Closed, Applied(2, (Owner, 6), (Group, 8), (Others, 0))); // no such permission
        Assert.Equal(Closed, Applied(2, (Owner, 6), (Group, 6), (Others, 0), (64, 0))); // no such entry
        Assert.Equal(Closed, Applied(2));
        Assert.Equal(Closed, PosixAcl.Apply([2, 0, 0], 3, Mode));
        Assert.Equal(Closed, PosixAcl.Apply([], 0, Mode));
    }

    [Fact]
    public void A_list_that_lacks_an_entry_or_has_it_twice_gives_the_group_nothing()
    {
        Assert.Equal(Closed, Applied(2, (Group, 6), (Others, 0)));
        Assert.Equal(Closed, Applied(2, (Owner, 6), (Others, 0)));
        Assert.Equal(Closed, Applied(2, (Owner, 6), (Group, 6)));
        Assert.Equal(Closed, Applied(2, (Owner, 6), (User, 6), (Group, 6), (Others, 0))); // somebody named, and no mask
        foreach (var twice in new[] { Owner, Group, Mask, Others })
            Assert.Equal(Closed, Applied(2, (Owner, 6), (Group, 6), (Mask, 6), (Others, 0), (twice, 6)));
    }

    [Fact]
    public void A_list_of_an_odd_length_gives_the_group_nothing()
    {
        var list = List(2, (Owner, 6), (Group, 6), (Mask, 6), (Others, 0));
        for (var length = 0; length < list.Length; length++)
            Assert.Equal(Closed, PosixAcl.Apply(list, length, Mode));
        Assert.Equal(Mode, PosixAcl.Apply(list, list.Length, Mode));
        Assert.Equal(Closed, PosixAcl.Apply(list, list.Length + 8, Mode));
    }

    [Fact]
    public void Every_way_to_look_at_a_file_tells_the_groups_own_permission_and_the_mask()
    {
        using var folder = new TempFolder();
        var path = folder["file"];
        Tree.Write(path, "secret");
        FileTools.SetMode(path, "600");
        AccessLists.Set(path, "-m", "u:2:rw");
        Assert.Equal("660", FileTools.Mode(path));
        using var opened = Files.OpenRead(path, false);
        foreach (var entry in new[] { Files.Find(path)!, Files.List(folder).Single(), opened.Stat() })
            Assert.Equal((0x180u, (uint?)0x1B0u), (entry.Attributes, entry.RawMode));
    }

    [Fact]
    public void A_file_without_a_list_has_no_mask()
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        Tree.Write(folder["file"], "plain");
        FileTools.SetMode(folder["file"], "664");
        foreach (var entry in new[] { Files.Find(folder["file"])!, Files.List(folder).Single() })
            Assert.Equal((0x1B4u, (uint?)null), (entry.Attributes, entry.RawMode));
    }

    [Fact]
    public void A_link_to_a_file_with_a_list_is_not_followed()
    {
        using var folder = new TempFolder();
        var inside = folder.Folder("inside");
        Tree.Write(folder["file"], "secret");
        AccessLists.Set(folder["file"], "-m", "u:2:rw,g::-");
        File.CreateSymbolicLink(Path.Combine(inside, "link"), folder["file"]);
        foreach (var entry in new[] { Files.Find(Path.Combine(inside, "link"))!, Files.List(inside).Single() })
            Assert.Equal((EntryKind.Link, (uint?)null), (entry.Kind, entry.RawMode));
    }

    [Fact]
    public void A_long_list_is_read_whole()
    {
        using var folder = new TempFolder();
        var path = folder["file"];
        Tree.Write(path, "secret");
        FileTools.SetMode(path, "640");
        AccessLists.Set(path, "-m", string.Join(",", Enumerable.Range(1000, 100).Select(user => "u:" + user + ":rwx")));
        Assert.Equal(0x1A0u, Files.Find(path)!.Attributes);
    }

    [Fact]
    public void Who_may_write_by_a_list_is_somebody_else()
    {
        using var folder = new TempFolder();
        AccessLists.Set(folder, "-m", "u:2:rwx");
        Assert.Equal("its access list may let others write to it", Files.WhoElseMayWrite(folder));
        AccessLists.Set(folder, "-m", "m::r-x");
        Assert.Null(Files.WhoElseMayWrite(folder));
    }

    [Fact]
    public void Making_a_folder_writable_or_closing_it_leaves_its_list()
    {
        using var folder = new TempFolder();
        var path = folder.Folder("folder");
        FileTools.SetMode(path, "500");
        AccessLists.Set(path, "-m", "u:2:rwx,d:u:2:rwx");
        Trees.MakeWritable(Files, path, Files.Find(path)!);
        Assert.StartsWith("user::rwx user:2:rwx group::--- mask::rwx", AccessLists.Of(path));
        var like = Files.Find(path)! with { Attributes = 0x1E8 }; // 750
        Trees.CloseAs(Files, path, Files.Find(path)!, like);
        Assert.Contains("user:2:rwx group::--- mask::r-x", AccessLists.Of(path));
        Assert.Contains("default:user:2:rwx", AccessLists.Of(path));
    }

    [Fact]
    public void A_copy_keeps_no_list_of_the_folder_around_it()
    {
        using var folder = new TempFolder();
        AccessLists.Set(folder, "-m", "d:u:2:rwx");
        Tree.Write(folder["file"], "copy");
        var inner = folder.Folder("inner");
        Copy(folder["file"], 0x1A0, "user::rw- group::r-- other::---");
        Copy(inner, 0x1E8, "user::rwx group::r-x other::---");

        static void Copy(string path, uint attributes, string expected)
        {
            Assert.Contains("user:2:rwx", AccessLists.Of(path));
            var source = Files.Find(path)! with { Attributes = attributes, FileId = 0 };
            Files.SetMetadata(path, source);
            Assert.Equal(expected, AccessLists.Of(path));
        }
    }

    [Fact]
    public void A_copy_that_is_open_keeps_none_either()
    {
        using var folder = new TempFolder();
        AccessLists.Set(folder, "-m", "d:u:2:rwx");
        using (var file = Files.Create(folder["file"], false))
            file.SetMetadata(
                new FileEntry
                {
                    Name = "file",
                    Kind = EntryKind.File,
                    Attributes = 0x1B4,
                }
            );
        Assert.Equal("user::rw- group::rw- other::r--", AccessLists.Of(folder["file"]));
    }

    [Fact]
    public void A_private_folder_inherits_nothing_and_passes_nothing_on()
    {
        using var folder = new TempFolder();
        AccessLists.Set(folder, "-m", "d:u:2:rwx,d:o::rwx");
        Files.CreateFolder(folder["private"], true);
        Assert.Equal("user::rwx group::--- other::---", AccessLists.Of(folder["private"]));
        Files.CreateFolder(folder["shared"], false);
        Assert.Contains("default:user:2:rwx", AccessLists.Of(folder["shared"]));
    }

    private static uint Applied(uint version, params (ushort Tag, ushort Permissions)[] entries)
    {
        var list = List(version, entries);
        return PosixAcl.Apply(list, list.Length, Mode);
    }

    private static byte[] List(uint version, params (ushort Tag, ushort Permissions)[] entries) =>
        BitConverter
            .GetBytes(version)
            .Concat(
                entries.SelectMany(entry =>
                    BitConverter
                        .GetBytes(entry.Tag)
                        .Concat(BitConverter.GetBytes(entry.Permissions))
                        .Concat(BitConverter.GetBytes(uint.MaxValue))
                )
            )
            .ToArray();
}
