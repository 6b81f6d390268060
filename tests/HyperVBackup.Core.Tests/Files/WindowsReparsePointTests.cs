using System;
using HyperVBackup.Files;
using HyperVBackup.Files.Windows;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>What needs no Windows: the structures, made and read byte by byte.</summary>
public class WindowsReparsePointTests
{
    private const uint Directory = 0x10;
    private const uint ReparsePoint = 0x400;

    [Theory]
    [InlineData(@"D:\SystemVHD")]
    [InlineData(@"\\nas\backup\vm")]
    [InlineData(@"\\?\Volume{4c1b02c1-d990-11dc-99ae-806e6f6e6963}\")]
    [InlineData("D:\\lone surrogate \uD800")]
    public void A_junction_comes_back_as_it_was_made(string target)
    {
        var buffer = WindowsReparsePoint.BuildJunction(target);
        Assert.Equal(WindowsReparsePoint.MountPoint, BitConverter.ToUInt32(buffer, 0));
        Assert.Equal(buffer.Length - 8, BitConverter.ToUInt16(buffer, 4));
        Assert.Equal(target, WindowsReparsePoint.Parse(buffer, buffer.Length));
    }

    [Fact]
    public void A_damaged_reparse_point_is_not_believed()
    {
        var whole = WindowsReparsePoint.BuildJunction(@"D:\SystemVHD");
        for (var size = 0; size < 8 + 8 + 2 * @"\??\D:\SystemVHD".Length; size++)
            Assert.Null(WindowsReparsePoint.Parse(whole, size));
        var odd = (byte[])whole.Clone();
        odd[10]++;
        Assert.Null(WindowsReparsePoint.Parse(odd, odd.Length));
    }

    [Theory]
    [InlineData(0xA000000Cu, EntryKind.Link)] // SYMLINK
    [InlineData(0xA0000003u, EntryKind.Link)] // MOUNT_POINT
    [InlineData(0x80000013u, EntryKind.File)] // DEDUP
    [InlineData(0x80000017u, EntryKind.File)] // WOF
    [InlineData(0x9000601Au, EntryKind.File)] // CLOUD_6
    [InlineData(0x80000023u, EntryKind.Other)] // AF_UNIX
    [InlineData(0x8000001Bu, EntryKind.Other)] // APPEXECLINK
    [InlineData(0xA000001Du, EntryKind.Other)] // LX_SYMLINK
    public void Only_what_stands_for_another_name_is_a_link(uint tag, EntryKind kind)
    {
        Assert.Equal(kind, WindowsReparsePoint.KindOf(ReparsePoint, tag));
        Assert.Equal(
            kind == EntryKind.File ? EntryKind.Folder : kind,
            WindowsReparsePoint.KindOf(ReparsePoint | Directory, tag)
        );
    }

    [Fact]
    public void Without_the_attribute_there_is_no_reparse_point()
    {
        Assert.Equal(EntryKind.File, WindowsReparsePoint.KindOf(0x20, WindowsReparsePoint.Symlink));
        Assert.Equal(EntryKind.Folder, WindowsReparsePoint.KindOf(Directory, WindowsReparsePoint.Symlink));
    }

    [Fact]
    public void The_three_kinds_of_link_are_told_apart()
    {
        Assert.Equal(LinkKind.Symbolic, WindowsReparsePoint.LinkKindOf(ReparsePoint, WindowsReparsePoint.Symlink));
        Assert.Equal(
            LinkKind.SymbolicFolder,
            WindowsReparsePoint.LinkKindOf(ReparsePoint | Directory, WindowsReparsePoint.Symlink)
        );
        Assert.Equal(
            LinkKind.Junction,
            WindowsReparsePoint.LinkKindOf(ReparsePoint | Directory, WindowsReparsePoint.MountPoint)
        );
    }
}
