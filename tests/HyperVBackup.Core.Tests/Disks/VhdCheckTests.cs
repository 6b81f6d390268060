using System;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

public class VhdCheckTests
{
    [Fact]
    public void A_fixed_disk_is_intact()
    {
        var report = VhdImage.Fixed().AssertIntact();
        Assert.Equal((DiskFormat.Vhd, DiskKind.Fixed, 65536L), (report.Format, report.Kind, report.VirtualSize));
        Assert.Equal(VhdImage.Id, report.DiskId);
        Assert.Equal(VhdImage.Id, report.Identity);
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void A_dynamic_disk_is_intact()
    {
        var report = VhdImage.Dynamic().AssertIntact();
        Assert.Equal(
            (DiskKind.Dynamic, VhdImage.VirtualSize, (long)VhdImage.BlockSize),
            (report.Kind, report.VirtualSize, report.BlockSize)
        );
        Assert.Null(report.Parent);
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void A_differencing_disk_names_its_parent_by_identity_and_by_path_the_relative_one_first()
    {
        var report = VhdImage.Differencing().AssertIntact();
        Assert.Equal(DiskKind.Differencing, report.Kind);
        Assert.Equal(new[] { VhdImage.ParentId }, report.Parent!.Ids);
        Assert.Equal(new[] { ".\\parent.vhd", "D:\\SystemVHD\\parent.vhd", "parent.vhd" }, report.Parent.Paths);
    }

    [Fact]
    public void A_footer_of_511_bytes_as_Virtual_PC_wrote_them_is_accepted()
    {
        foreach (var image in new[] { VhdImage.Fixed(), VhdImage.Dynamic() })
        {
            image.Resize(image.Bytes.Length - 1);
            image.AssertIntact();
        }
    }

    [Fact]
    public void A_fixed_disk_without_a_footer_is_damaged_at_its_end()
    {
        var image = VhdImage.Fixed();
        image.Resize(65536);
        Assert.Equal(DiskFormat.Vhd, image.AssertDamage("no footer", 65536 - 512, 512).Format);
    }

    [Fact]
    public void A_fixed_disk_whose_footer_has_a_flipped_bit_is_damaged()
    {
        var image = VhdImage.Fixed();
        image.Bytes[image.Footer + 200] ^= 1;
        image.AssertDamage("checksum of the footer does", 65536, 512);
    }

    [Fact]
    public void A_dynamic_disk_whose_footer_has_a_flipped_bit_still_has_the_copy()
    {
        var image = VhdImage.Dynamic();
        image.Bytes[image.Footer + 200] ^= 1;
        Assert.Equal(
            VhdImage.VirtualSize,
            image.AssertDamage("checksum of the footer does", image.Footer, 512, true).VirtualSize
        );
    }

    [Fact]
    public void A_dynamic_disk_without_a_footer_still_has_the_copy()
    {
        var image = VhdImage.Dynamic();
        Array.Clear(image.Bytes, image.Footer, 512);
        image.AssertDamage("no footer", image.Footer, 512, true);
    }

    [Fact]
    public void A_dynamic_disk_whose_copy_of_the_footer_has_a_flipped_bit_still_has_the_footer()
    {
        var image = VhdImage.Dynamic();
        image.Bytes[100] ^= 1;
        image.AssertDamage("checksum of the footer's copy", 0, 512, true);
    }

    [Fact]
    public void A_dynamic_disk_without_the_copy_of_the_footer_still_has_the_footer()
    {
        var image = VhdImage.Dynamic();
        Array.Clear(image.Bytes, 0, 512);
        image.AssertDamage("no copy of the footer", 0, 512, true);
    }

    [Fact]
    public void A_dynamic_disk_with_neither_footer_nor_copy_is_damaged()
    {
        var image = VhdImage.Dynamic();
        image.Bytes[100] ^= 1;
        image.Bytes[image.Footer + 100] ^= 1;
        Assert.Null(image.AssertDamage("checksum of the footer does", image.Footer, 512).VirtualSize);
    }

    [Fact]
    public void The_start_of_a_fixed_disk_is_the_guests_and_never_taken_for_a_copy_of_the_footer()
    {
        // A guest that writes the footer of a fixed disk to its first sector cannot mend a lost one.
        var image = VhdImage.Fixed();
        image.Put(0, image.Bytes[image.Footer..]);
        image.AssertIntact();
        image.Bytes[image.Footer] ^= 1;
        image.AssertDamage("no footer", image.Footer, 512);
    }

    [Fact]
    public void A_footer_and_a_copy_of_different_disks_are_damage()
    {
        var image = VhdImage.Dynamic();
        image.Bytes[68] ^= 1;
        image.Seal(0, 512, 64);
        image.AssertDamage("describe different disks", 0, 512);
    }

    [Fact]
    public void A_footer_and_a_copy_with_different_time_stamps_are_not()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(24, 12345, 4);
        image.Seal(0, 512, 64);
        image.AssertIntact();
    }

    [Fact]
    public void A_footer_of_another_major_version_is_damage()
    {
        var image = VhdImage.Fixed();
        image.PutBig(image.Footer + 12, 0x20000, 4);
        image.Seal(image.Footer, 512, 64);
        image.AssertDamage("version 0x00020000", image.Footer + 12, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void A_disk_type_that_is_none_is_damage(uint type)
    {
        var image = VhdImage.Fixed();
        image.PutBig(image.Footer + 60, type, 4);
        image.Seal(image.Footer, 512, 64);
        image.AssertDamage("disk type " + type, image.Footer + 60, 4);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(65537UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x8000_0000_0000_0000UL)]
    public void A_size_that_is_no_number_of_sectors_is_damage(ulong size)
    {
        var image = VhdImage.Fixed();
        image.PutBig(image.Footer + 48, size, 8);
        image.Seal(image.Footer, 512, 64);
        image.AssertDamage("sectors", image.Footer + 48, 8);
    }

    [Fact]
    public void A_fixed_disk_that_is_too_short_lacks_the_bytes_before_its_footer()
    {
        var image = VhdImage.Fixed();
        image.PutBig(image.Footer + 48, 65536 + 4096, 8);
        image.Seal(image.Footer, 512, 64);
        image.AssertDamage("has 65536 bytes before its footer", 65536, 4096);
    }

    [Fact]
    public void A_fixed_disk_that_is_too_long_has_bytes_that_are_no_ones()
    {
        var image = VhdImage.Fixed();
        image.PutBig(image.Footer + 48, 65536 - 1024, 8);
        image.Seal(image.Footer, 512, 64);
        image.AssertDamage("has 65536 bytes before its footer", 65536 - 1024, 1024);
    }

    [Fact]
    public void A_missing_feature_bit_and_a_saved_state_are_notes()
    {
        var image = VhdImage.Fixed();
        image.PutBig(image.Footer + 8, 0, 4);
        image.Bytes[image.Footer + 84] = 1;
        image.Seal(image.Footer, 512, 64);
        image.AssertNote("feature bit");
        image.AssertNote("saved virtual machine");
    }

    [Theory]
    [InlineData(513UL)]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue)]
    public void A_header_that_is_not_in_the_file_is_damage(ulong offset)
    {
        var image = VhdImage.Dynamic();
        image.PutInFooters(16, offset, 8);
        image.AssertDamage("dynamic header should be at", image.Footer + 16, 8);
    }

    [Fact]
    public void A_header_without_its_cookie_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.Bytes[VhdImage.Header] ^= 1;
        image.AssertDamage("no dynamic header", VhdImage.Header, 8);
    }

    [Fact]
    public void A_header_with_a_flipped_bit_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.Bytes[VhdImage.Header + 900] ^= 4;
        image.AssertDamage("checksum of the dynamic header", VhdImage.Header, 1024);
    }

    [Fact]
    public void A_header_of_another_major_version_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Header + 24, 0x20000, 4);
        image.SealHeader();
        image.AssertDamage("version 0x00020000", VhdImage.Header + 24, 4);
    }

    [Fact]
    public void A_header_on_top_of_the_footers_copy_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.PutInFooters(16, 0, 8);
        image.AssertDamage("no dynamic header", 0, 8);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(256u)]
    [InlineData(700_000u)]
    public void A_block_size_that_is_no_power_of_two_is_damage(uint size)
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Header + 32, size, 4);
        image.SealHeader();
        image.AssertDamage($"block of {size} bytes", VhdImage.Header + 32, 4);
    }

    [Fact]
    public void A_table_with_fewer_entries_than_the_disk_has_blocks_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Header + 28, 3, 4);
        image.SealHeader();
        image.AssertDamage("has 3 entries, the disk has 4 blocks", VhdImage.Header + 28, 4);
    }

    [Theory]
    [InlineData(1537UL, 4u)]
    [InlineData(1UL << 50, 4u)]
    [InlineData(1536UL, 0xFFFF_FFF0u)]
    public void A_table_that_is_not_in_the_file_is_damage(ulong offset, uint entries)
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Header + 16, offset, 8);
        image.PutBig(VhdImage.Header + 28, entries, 4);
        image.SealHeader();
        image.AssertDamage("block allocation table should be", VhdImage.Header + 16, 16);
    }

    [Fact]
    public void A_table_on_top_of_the_header_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Header + 16, 1024, 8);
        image.SealHeader();
        image.AssertDamage("block allocation table overlaps the dynamic header", 1024, 16);
    }

    [Theory]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0xFFFF_FFFEu)]
    public void A_block_beyond_the_end_of_the_file_is_damage(uint sector)
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Table + 8, sector, 4);
        image.AssertDamage("block 2 should be", VhdImage.Table + 8, 4);
    }

    [Fact]
    public void A_block_that_reaches_into_the_footer_is_damage()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Table + 8, (VhdImage.Blocks + VhdImage.BlockWithBitmap) / 512 + 1, 4);
        image.AssertDamage("beyond the end of the file", VhdImage.Table + 8, 4);
    }

    [Theory]
    [InlineData(0u, "copy of the footer")]
    [InlineData(1u, "dynamic header")]
    [InlineData(3u, "block allocation table")]
    public void A_block_on_top_of_a_structure_is_damage(uint sector, string structure)
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Table, sector, 4);
        image.AssertDamage($"block 0 at byte {sector * 512} overlaps the {structure}", VhdImage.Table, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(1024)]
    [InlineData(-1024)]
    public void A_block_on_top_of_another_is_damage(int sectorsFrom)
    {
        var image = VhdImage.Dynamic();
        image.Resize(image.Footer + 3 * VhdImage.BlockWithBitmap + 512);
        image.Put(image.Footer, image.Bytes[..512]);
        var second = (VhdImage.Blocks + VhdImage.BlockWithBitmap) / 512 + 1025;
        image.PutBig(VhdImage.Table + 8, (ulong)second, 4);
        image.AssertIntact();
        image.PutBig(VhdImage.Table + 12, (ulong)(second + sectorsFrom), 4);
        image.AssertDamage($"overlaps the block at byte {second * 512}", VhdImage.Table + 12, 4);
    }

    [Fact]
    public void Blocks_side_by_side_in_any_order_are_fine()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Table, (VhdImage.Blocks + VhdImage.BlockWithBitmap) / 512, 4);
        image.PutBig(VhdImage.Table + 8, VhdImage.Blocks / 512, 4);
        image.AssertIntact();
    }

    [Fact]
    public void A_parent_locator_outside_the_file_is_damage()
    {
        var image = VhdImage.Differencing();
        image.PutBig(VhdImage.Header + 576 + 24 + 16, 1UL << 60, 8);
        image.SealHeader();
        var report = image.AssertDamage("\"W2ru\"", VhdImage.Header + 576 + 24, 24);
        Assert.Equal("D:\\SystemVHD\\parent.vhd", report.Parent!.Paths[0]);
    }

    [Fact]
    public void A_parent_locator_on_top_of_a_structure_is_damage()
    {
        var image = VhdImage.Differencing();
        image.PutBig(VhdImage.Header + 576 + 24 + 16, 512, 8);
        image.SealHeader();
        image.AssertDamage("parent locator overlaps the dynamic header", 512, 24);
    }

    [Fact]
    public void A_parent_locator_of_another_system_is_passed_over()
    {
        var image = VhdImage.Differencing();
        image.PutLocator(1, "MacX", VhdImage.RelativeLocator, "file:///parent.vhd");
        image.SealHeader();
        Assert.Equal(new[] { "D:\\SystemVHD\\parent.vhd", "parent.vhd" }, image.AssertIntact().Parent!.Paths);
    }

    [Fact]
    public void A_differencing_disk_that_names_no_parent_is_damage()
    {
        var image = VhdImage.Differencing();
        Array.Clear(image.Bytes, VhdImage.Header + 64, 512 + 8 * 24);
        image.SealHeader();
        image.AssertDamage("names no parent", VhdImage.Header + 64, 512);
    }

    [Fact]
    public void Control_characters_in_a_parents_name_do_not_reach_the_terminal()
    {
        var image = VhdImage.Differencing(parentName: "\u001b[2J\u009bevil.vhd");
        Assert.Equal("?[2J?evil.vhd", image.Check().Parent!.Paths.Last());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(1535)]
    public void A_stump_of_a_file_is_damage(int length)
    {
        var image = VhdImage.Dynamic();
        image.Resize(length);
        Assert.False(image.Check().IsUsable);
    }

    [Fact]
    public void What_is_wrong_reads_as_a_failure_of_the_file()
    {
        var image = VhdImage.Fixed();
        image.Bytes[image.Footer + 200] ^= 1;
        var failure = image.Check().Damages[0].ToFailure("VHD/fixed.vhd");
        Assert.Equal(
            "VHD/fixed.vhd: cannot trust the virtual disk: the checksum of the footer does not match (bytes 65536 "
                + "to 66047; VHD specification, Hard Disk Footer Format)",
            failure.Message
        );
        Assert.Equal("HvBackup.DiskDamaged", failure.ErrorId);
    }

    [Fact]
    public void The_extension_decides_the_format_and_content_of_the_other_is_noted()
    {
        var image = VhdImage.Dynamic();
        image.Name = "dynamic.vhdx";
        Assert.Contains(image.Check().Notes, note => note.Contains("looks like a VHD,", StringComparison.Ordinal));
        var other = VhdxImage.Dynamic();
        other.Name = "dynamic.VHD";
        Assert.Contains(other.Check().Notes, note => note.Contains("looks like a VHDX,", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_known_extension_the_content_decides()
    {
        Assert.Equal(
            DiskFormat.Vhd,
            DiskChecker.Check(Source(VhdImage.Fixed()), "disk.bin", TestContext.Current.CancellationToken).Format
        );
        Assert.Equal(
            DiskFormat.Vhdx,
            DiskChecker.Check(Source(VhdxImage.Fixed()), "disk.bin", TestContext.Current.CancellationToken).Format
        );
        var other = DiskChecker.Check(
            new StreamSource(new MemoryStream(Encoding.ASCII.GetBytes("hello"))),
            "notes.txt",
            TestContext.Current.CancellationToken
        );
        Assert.Equal((DiskFormat.Unknown, true), (other.Format, other.IsIntact));
        Assert.Single(other.Notes);
    }

    [Theory]
    [InlineData("a.vhd", true)]
    [InlineData("A.VHDX", true)]
    [InlineData("x_1234.avhd", true)]
    [InlineData("folder/x.avhdx", true)]
    [InlineData("a.vhds", false)]
    [InlineData("vhd", false)]
    public void The_names_of_virtual_disks_are_known(string name, bool isDisk) =>
        Assert.Equal(isDisk, DiskChecker.IsDiskName(name));

    private static StreamSource Source(DiskImage image) => new(new MemoryStream(image.Bytes, false));
}
