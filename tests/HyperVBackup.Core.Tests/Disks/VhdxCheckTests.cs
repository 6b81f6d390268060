using System;
using System.Linq;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

public class VhdxCheckTests
{
    private const int MiB = VhdxImage.MiB;

    [Fact]
    public void A_dynamic_disk_is_intact()
    {
        var report = VhdxImage.Dynamic().AssertIntact();
        Assert.Equal((DiskFormat.Vhdx, DiskKind.Dynamic), (report.Format, report.Kind));
        Assert.Equal((8L * MiB, 1L * MiB, 512), (report.VirtualSize, report.BlockSize, report.LogicalSectorSize));
        Assert.Equal((VhdxImage.DiskId, VhdxImage.DataWriteGuid), (report.DiskId, report.DataWriteGuid));
        Assert.Equal(VhdxImage.DataWriteGuid, report.Identity);
        Assert.False(report.HasDirtyLog);
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void A_fixed_disk_is_intact() => Assert.Equal(DiskKind.Fixed, VhdxImage.Fixed().AssertIntact().Kind);

    [Fact]
    public void A_differencing_disk_names_its_parent()
    {
        var report = VhdxImage.Differencing().AssertIntact();
        Assert.Equal(DiskKind.Differencing, report.Kind);
        Assert.Equal(new[] { VhdxImage.ParentGuid }, report.Parent!.Ids);
        Assert.Equal(new[] { "..\\Base\\parent.vhdx", "\\\\?\\D:\\Base\\parent.vhdx" }, report.Parent.Paths);
    }

    [Fact]
    public void A_missing_identifier_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[3] ^= 1;
        Assert.Equal(8L * MiB, image.AssertDamage("VHDX identifier", 0, 8).VirtualSize);
    }

    [Theory]
    [InlineData(VhdxImage.Header1, 0, "header 1: there is no signature")]
    [InlineData(VhdxImage.Header1, 4000, "header 1: the checksum")]
    [InlineData(VhdxImage.Header2, 3, "header 2: there is no signature")]
    [InlineData(VhdxImage.Header2, 9, "header 2: the checksum")]
    public void A_header_with_a_flipped_bit_is_damage_with_an_intact_copy(int header, int at, string what)
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[header + at] ^= 0x10;
        image.AssertDamage(what, header, 4096, true);
    }

    [Fact]
    public void Without_any_valid_header_there_is_nothing_to_go_by()
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[VhdxImage.Header1 + 100] ^= 1;
        image.Bytes[VhdxImage.Header2 + 100] ^= 1;
        var report = image.AssertAmongDamages("header 1: the checksum", VhdxImage.Header1, 4096);
        image.AssertAmongDamages("header 2: the checksum", VhdxImage.Header2, 4096);
        Assert.Null(report.DataWriteGuid);
    }

    [Fact]
    public void The_header_with_the_higher_sequence_number_counts()
    {
        var newer = new Guid("abcdefab-0000-0000-0000-000000000000");
        var image = VhdxImage.Dynamic();
        image.PutHeader(VhdxImage.Header1, 9, newer);
        Assert.Equal(newer, image.AssertIntact().DataWriteGuid);
        image.PutHeader(VhdxImage.Header1, 7, newer);
        Assert.Equal(VhdxImage.DataWriteGuid, image.AssertIntact().DataWriteGuid);
        image.Bytes[VhdxImage.Header2 + 200] ^= 1;
        Assert.Equal(newer, image.Check().DataWriteGuid);
    }

    [Fact]
    public void Two_different_headers_with_one_sequence_number_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutHeader(VhdxImage.Header1, 8, Guid.Empty);
        image.AssertDamage("neither is current", VhdxImage.Header1, 65536 + 4096);
    }

    [Fact]
    public void Two_equal_headers_are_not()
    {
        var image = VhdxImage.Dynamic();
        image.PutHeader(VhdxImage.Header1, 8, VhdxImage.DataWriteGuid);
        image.AssertIntact();
    }

    [Fact]
    public void A_header_of_another_version_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(66, 2, 2);
        image.AssertDamage("version 2", VhdxImage.Header2 + 66, 2);
    }

    [Theory]
    [InlineData(72, 4096UL + MiB, 8)]
    [InlineData(72, 1UL << 60, 8)]
    [InlineData(72, ulong.MaxValue - MiB + 1, 8)]
    [InlineData(68, 4096UL, 4)]
    [InlineData(68, 0xFFF0_0000UL, 4)]
    public void A_log_that_is_not_in_the_file_is_damage(int field, ulong value, int size)
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(field, value, size);
        image.AssertDamage("log should be", VhdxImage.Header2 + 68, 12);
    }

    [Theory]
    [InlineData(0, "log overlaps the header section", 0)]
    [InlineData(2, "metadata region overlaps the log", VhdxImage.Metadata)]
    [InlineData(3, "BAT overlaps the log", VhdxImage.Bat)]
    public void A_log_on_top_of_a_structure_is_damage(int mib, string what, int at)
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(72, (ulong)mib * MiB, 8);
        image.AssertDamage(what, at, MiB);
    }

    [Theory]
    [InlineData(VhdxImage.Regions1, 1, "region table 1: there is no signature")]
    [InlineData(VhdxImage.Regions1, 60000, "region table 1: the checksum")]
    [InlineData(VhdxImage.Regions2, 2, "region table 2: there is no signature")]
    [InlineData(VhdxImage.Regions2, 20, "region table 2: the checksum")]
    public void A_region_table_with_a_flipped_bit_is_damage_with_an_intact_copy(int table, int at, string what)
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[table + at] ^= 0x40;
        Assert.Equal(8L * MiB, image.AssertDamage(what, table, 65536, true).VirtualSize);
    }

    [Fact]
    public void Without_any_valid_region_table_there_is_nothing_to_go_by()
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[VhdxImage.Regions1 + 100] ^= 1;
        image.Bytes[VhdxImage.Regions2 + 100] ^= 1;
        Assert.Equal(
            2,
            image.AssertAmongDamages("region table 1: the checksum", VhdxImage.Regions1, 65536).Damages.Count
        );
    }

    [Fact]
    public void Region_tables_that_differ_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutRegion(VhdxImage.Regions2, 0, new Guid("2DC27766-F623-4200-9D64-115E9BFD4A08"), 4 * MiB, MiB, true);
        image.SealRegions();
        image.AssertDamage("the two region tables differ", VhdxImage.Regions1, 131072);
    }

    [Fact]
    public void Reserved_space_of_region_tables_may_differ()
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[VhdxImage.Regions2 + 5000] = 1;
        image.SealRegions();
        image.AssertIntact();
    }

    [Fact]
    public void More_regions_than_fit_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutInRegions(8, 2048, 4);
        image.AssertAmongDamages("2048 entries", VhdxImage.Regions1, 65536);
        image.AssertAmongDamages("2048 entries", VhdxImage.Regions2, 65536);
    }

    [Theory]
    [InlineData(16, 4096UL + 3 * MiB, 8)]
    [InlineData(16, 0UL, 8)]
    [InlineData(16, 6UL * MiB, 8)]
    [InlineData(16, ulong.MaxValue - MiB + 1, 8)]
    [InlineData(24, 4096UL, 4)]
    [InlineData(24, 0UL, 4)]
    [InlineData(24, 0xFFF0_0000UL, 4)]
    public void A_region_that_is_not_in_the_file_is_damage(int field, ulong value, int size)
    {
        var image = VhdxImage.Dynamic();
        image.PutInRegions(16 + field, value, size);
        image.AssertDamage("BAT should be", VhdxImage.Regions1 + 16, 32);
    }

    [Fact]
    public void Regions_on_top_of_each_other_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutInRegions(16 + 24, 2 * MiB, 4);
        image.PutInRegions(16 + 16, 2 * MiB, 8);
        image.AssertAmongDamages("metadata region overlaps the BAT", 2 * MiB, MiB);
    }

    [Fact]
    public void A_region_that_is_there_twice_is_damage()
    {
        var image = VhdxImage.Dynamic();
        foreach (var table in new[] { VhdxImage.Regions1, VhdxImage.Regions2 })
            image.PutRegion(table, 2, new Guid("2DC27766-F623-4200-9D64-115E9BFD4A08"), 4 * MiB, MiB, true);
        image.PutInRegions(8, 3, 4);
        image.AssertDamage("the BAT is in the region table twice", VhdxImage.Regions1 + 16 + 64, 32);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unknown_region_is_damage_when_it_is_required(bool isRequired)
    {
        var image = VhdxImage.Dynamic();
        image.Resize(7 * MiB);
        foreach (var table in new[] { VhdxImage.Regions1, VhdxImage.Regions2 })
            image.PutRegion(table, 2, new Guid("12345678-0000-0000-0000-000000000000"), 6 * MiB, MiB, isRequired);
        image.PutInRegions(8, 3, 4);
        if (isRequired)
            image.AssertDamage(
                "region 12345678-0000-0000-0000-000000000000 is required, and unknown",
                VhdxImage.Regions1 + 16 + 64,
                32
            );
        else
            image.AssertIntact();
    }

    [Fact]
    public void A_disk_without_a_BAT_or_without_metadata_is_damaged()
    {
        var image = VhdxImage.Dynamic();
        image.PutInRegions(8, 1, 4);
        image.AssertDamage("no metadata region", VhdxImage.Regions1, 65536);
        image.PutInRegions(8, 0, 4);
        image.AssertAmongDamages("no BAT", VhdxImage.Regions1, 65536);
    }

    [Theory]
    [InlineData(VhdxImage.MiB, "the metadata region should be")]
    [InlineData(0, "header 1: the file ends before it")]
    public void A_file_that_ends_early_is_damage(int length, string what)
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(68, 0, 4); // No log, which would be missing first.
        image.Resize(length);
        Assert.Contains(image.Check().Damages, damage => damage.What.Contains(what, StringComparison.Ordinal));
    }

    [Fact]
    public void A_metadata_table_without_its_signature_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.Bytes[VhdxImage.Metadata + 7] ^= 1;
        image.AssertDamage("signature of the metadata table", VhdxImage.Metadata, 8);
    }

    [Fact]
    public void More_metadata_than_fits_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.Metadata + 10, 2048, 2);
        image.AssertDamage("2048 entries", VhdxImage.Metadata + 10, 2);
    }

    [Theory]
    [InlineData(0, "file parameters")]
    [InlineData(1, "virtual disk size")]
    [InlineData(2, "virtual disk id")]
    [InlineData(3, "logical sector size")]
    [InlineData(4, "physical sector size")]
    public void A_missing_item_is_damage(int index, string name)
    {
        var image = VhdxImage.Dynamic();
        image.PutItemEntry(index, new Guid("12345678-0000-0000-0000-000000000000"), 0x10000 + 100, 4, 0);
        image.AssertDamage($"metadata \"{name}\" is missing", VhdxImage.Metadata, 65536);
    }

    [Fact]
    public void A_users_item_of_the_same_identity_is_another_one()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.ItemEntry(1) + 24, 7, 4);
        Assert.Contains(image.Check().Damages, damage => damage.What == "metadata \"virtual disk size\" is missing");
    }

    [Theory]
    [InlineData(1, 16, 0x8000UL)]
    [InlineData(1, 16, 0xFFFF_FFFFUL)]
    [InlineData(1, 16, 0x10_0000UL - 4)]
    [InlineData(1, 20, 0x10_0001UL)]
    [InlineData(1, 20, 0UL)]
    public void An_item_that_is_not_in_its_region_is_damage(int index, int field, ulong value)
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.ItemEntry(index) + field, value, 4);
        image.AssertAmongDamages("metadata \"virtual disk size\" should be", VhdxImage.ItemEntry(index), 32);
    }

    [Fact]
    public void An_empty_item_at_offset_zero_is_allowed_but_not_where_a_value_is_needed()
    {
        var image = VhdxImage.Dynamic();
        image.PutItemEntry(5, new Guid("12345678-0000-0000-0000-000000000000"), 0, 0, 0);
        image.PutLittle(VhdxImage.Metadata + 10, 6, 2);
        image.AssertIntact();
        image.PutItemEntry(4, new Guid("CDA348C7-445D-4471-9CC9-E9885251C556"), 0, 0, 6);
        image.AssertDamage("metadata \"physical sector size\" has 0 bytes, not 4", VhdxImage.Metadata, 0);
    }

    [Fact]
    public void Items_on_top_of_each_other_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutItemEntry(
            5,
            new Guid("12345678-0000-0000-0000-000000000000"),
            VhdxImage.PhysicalItem - VhdxImage.Metadata + 3,
            10,
            0
        );
        image.PutLittle(VhdxImage.Metadata + 10, 6, 2);
        image.AssertDamage(
            "12345678-0000-0000-0000-000000000000 overlaps metadata \"physical sector size\"",
            VhdxImage.ItemEntry(5),
            32
        );
    }

    [Fact]
    public void An_item_that_is_there_twice_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutItemEntry(
            5,
            new Guid("2FA54224-CD1B-4876-B211-5DBED83BF4B8"),
            VhdxImage.SizeItem - VhdxImage.Metadata + 100,
            8,
            6
        );
        image.PutLittle(VhdxImage.Metadata + 10, 6, 2);
        image.AssertDamage("metadata \"virtual disk size\" is there twice", VhdxImage.ItemEntry(5), 32);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(5u)]
    [InlineData(0u)]
    public void An_unknown_item_is_damage_when_it_is_required(uint flags)
    {
        var image = VhdxImage.Dynamic();
        image.PutItemEntry(5, new Guid("12345678-0000-0000-0000-000000000000"), 0x20000, 8, flags);
        image.PutLittle(VhdxImage.Metadata + 10, 6, 2);
        if ((flags & 4) != 0)
            image.AssertDamage(
                "12345678-0000-0000-0000-000000000000 is required, and unknown",
                VhdxImage.ItemEntry(5),
                32
            );
        else
            image.AssertIntact();
    }

    [Fact]
    public void More_than_1024_user_items_are_damage()
    {
        var image = VhdxImage.Dynamic();
        for (var i = 0; i < 1025; i++)
            image.PutItemEntry(5 + i, new Guid(i + 1, 0, 0, new byte[8]), 0x20000 + i, 1, 1);
        image.PutLittle(VhdxImage.Metadata + 10, 5 + 1024, 2);
        image.AssertIntact();
        image.PutLittle(VhdxImage.Metadata + 10, 5 + 1025, 2);
        image.AssertDamage("more than 1024 user entries", VhdxImage.Metadata, 65536);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(512u * 1024)]
    [InlineData(3u * MiB)]
    [InlineData(512u * MiB)]
    public void A_block_size_that_is_not_allowed_is_damage(uint size)
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.ParametersItem, size, 4);
        image.AssertDamage($"blocks of {size} bytes", VhdxImage.ParametersItem, 8);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(8UL * MiB + 1)]
    [InlineData((64UL << 40) + 512)]
    [InlineData(ulong.MaxValue)]
    public void A_virtual_size_that_is_not_allowed_is_damage(ulong size)
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, size, 8);
        image.AssertDamage($"is {size} bytes", VhdxImage.SizeItem, 8);
    }

    [Theory]
    [InlineData(VhdxImage.LogicalItem, "logical")]
    [InlineData(VhdxImage.PhysicalItem, "physical")]
    public void A_sector_size_that_is_not_allowed_is_damage(int item, string name)
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(item, 1024, 4);
        image.AssertDamage($"metadata \"{name} sector size\" is 1024", item, 4);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(5u)]
    public void A_block_in_an_undefined_state_is_damage(uint state)
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(1, state, 0);
        image.AssertDamage($"block 1 is in state {state}", VhdxImage.Bat + 8, 8);
    }

    [Fact]
    public void A_block_that_holds_nothing_may_still_name_its_old_place()
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(1, 1, 4);
        image.PutBat(3, 2, 5);
        image.PutBat(4, 3, 1 << 30);
        image.PutBat(5, 0, 1);
        image.AssertIntact();
    }

    [Fact]
    public void A_partially_present_block_without_a_parent_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(0, 7, 4);
        image.AssertDamage("block 0 is partially present in a disk without a parent", VhdxImage.Bat, 8);
    }

    [Fact]
    public void Reserved_bits_of_an_entry_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.Bat + 16, (5UL << 20) | 8 | 6, 8);
        image.AssertDamage("BAT entry 2 has reserved bits set", VhdxImage.Bat + 16, 8);
    }

    [Theory]
    [InlineData(6UL)]
    [InlineData(7UL)]
    [InlineData((1UL << 44) - 1)]
    public void A_block_beyond_the_end_of_the_file_is_damage(ulong place)
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(2, 6, place);
        image.AssertDamage($"block 2 should be at MiB {place}, beyond the end", VhdxImage.Bat + 16, 8);
    }

    [Theory]
    [InlineData(0UL, "header section")]
    [InlineData(1UL, "log")]
    [InlineData(2UL, "metadata region")]
    [InlineData(3UL, "BAT")]
    public void A_block_on_top_of_a_structure_is_damage(ulong place, string structure)
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(2, 6, place);
        image.AssertDamage($"block 2 at byte {place * MiB} overlaps the {structure}", VhdxImage.Bat + 16, 8);
    }

    [Fact]
    public void A_block_on_top_of_another_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(2, 6, 4);
        image.AssertDamage("block 2 at byte 4194304 overlaps another block", VhdxImage.Bat + 16, 8);
    }

    [Fact]
    public void Larger_blocks_that_overlap_in_part_are_damage()
    {
        var image = VhdxImage.Dynamic();
        image.Resize(9 * MiB);
        image.PutLittle(VhdxImage.ParametersItem, 2 * MiB, 4);
        image.PutBat(2, 6, 6);
        image.AssertIntact();
        image.PutBat(2, 6, 5);
        image.AssertDamage("block 2 at byte 5242880 overlaps another block", VhdxImage.Bat + 16, 8);
    }

    [Fact]
    public void The_last_block_may_end_with_the_disk_but_not_before()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, 2 * MiB + 4096, 8);
        image.Resize(5 * MiB + 4096);
        image.AssertIntact();
        image.Resize(5 * MiB + 4095);
        image.AssertDamage("block 2 should be", VhdxImage.Bat + 16, 8);
    }

    [Fact]
    public void A_sector_bitmap_without_a_parent_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, (ulong)(VhdxImage.ChunkRatio + 1) * MiB, 8);
        image.AssertIntact();
        image.PutBat(VhdxImage.ChunkRatio, 6, 0);
        image.AssertDamage("sector bitmap 0 is in state 6", VhdxImage.Bat + VhdxImage.ChunkRatio * 8, 8);
    }

    [Fact]
    public void After_a_sector_bitmap_the_next_chunks_blocks_follow()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, (ulong)(VhdxImage.ChunkRatio + 2) * MiB, 8);
        image.PutBat(VhdxImage.ChunkRatio + 2, 6, 4);
        image.AssertDamage("block 4097 at byte 4194304", VhdxImage.Bat + (VhdxImage.ChunkRatio + 2) * 8, 8);
    }

    [Fact]
    public void With_sectors_of_4096_bytes_a_chunk_is_eight_times_as_long()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.LogicalItem, 4096, 4);
        image.PutLittle(VhdxImage.SizeItem, (ulong)(8 * VhdxImage.ChunkRatio + 1) * MiB, 8);
        image.PutBat(VhdxImage.ChunkRatio, 2, 0); // A payload block here, a sector bitmap with small sectors.
        Assert.Equal(4096, image.AssertIntact().LogicalSectorSize);
        image.PutBat(8 * VhdxImage.ChunkRatio, 2, 0);
        image.AssertDamage("sector bitmap 0", VhdxImage.Bat + 8 * VhdxImage.ChunkRatio * 8, 8);
    }

    [Fact]
    public void A_BAT_too_short_for_the_disk_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, 64UL << 40, 8);
        image.AssertDamage("the BAT has 1048576 bytes, its 67125247 entries need more", VhdxImage.Bat, MiB);
    }

    [Fact]
    public void A_partially_present_block_needs_its_sector_bitmap()
    {
        var image = VhdxImage.Differencing();
        image.PutBat(VhdxImage.ChunkRatio, 0, 0);
        image.AssertDamage(
            "sector bitmap 0 is not present, but block 0 needs it",
            VhdxImage.Bat + VhdxImage.ChunkRatio * 8,
            8
        );
        image.PutBat(0, 6, 4);
        image.AssertIntact();
    }

    [Fact]
    public void A_sector_bitmap_in_a_state_of_payload_blocks_is_damage()
    {
        var image = VhdxImage.Differencing();
        image.PutBat(VhdxImage.ChunkRatio, 7, 5);
        image.AssertDamage("sector bitmap 0 is in state 7", VhdxImage.Bat + VhdxImage.ChunkRatio * 8, 8);
    }

    [Fact]
    public void A_sector_bitmap_on_top_of_a_block_is_damage()
    {
        var image = VhdxImage.Differencing();
        image.PutBat(VhdxImage.ChunkRatio, 6, 4);
        image.AssertDamage(
            "sector bitmap 0 at byte 4194304 overlaps another block",
            VhdxImage.Bat + VhdxImage.ChunkRatio * 8,
            8
        );
    }

    [Fact]
    public void A_differencing_disk_without_a_parent_locator_is_damaged()
    {
        var image = VhdxImage.Differencing();
        image.PutLittle(VhdxImage.Metadata + 10, 5, 2);
        Assert.Null(image.AssertDamage("metadata \"parent locator\" is missing", VhdxImage.Metadata, 65536).Parent);
    }

    [Fact]
    public void A_parent_locator_in_a_disk_without_a_parent_is_a_note()
    {
        var image = VhdxImage.Differencing();
        image.PutLittle(VhdxImage.ParametersItem + 4, 0, 4);
        image.PutBat(0, 6, 4);
        image.AssertNote("left over");
    }

    [Fact]
    public void While_a_merge_is_under_way_the_parent_has_two_identities()
    {
        var second = new Guid("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
        var image = VhdxImage.Differencing();
        image.PutLocator(
            ("parent_linkage", VhdxImage.ParentGuid.ToString("B")),
            ("parent_linkage2", second.ToString("B")),
            ("volume_path", "x")
        );
        Assert.Equal(new[] { VhdxImage.ParentGuid, second }, image.AssertIntact().Parent!.Ids);
    }

    [Fact]
    public void A_second_identity_of_zeroes_is_none()
    {
        var image = VhdxImage.Differencing();
        image.PutLocator(
            ("parent_linkage", VhdxImage.ParentGuid.ToString("B")),
            ("parent_linkage2", Guid.Empty.ToString("B")),
            ("volume_path", "x")
        );
        Assert.Equal(new[] { VhdxImage.ParentGuid }, image.AssertIntact().Parent!.Ids);
    }

    [Fact]
    public void A_parent_locator_of_another_type_is_damage()
    {
        var image = VhdxImage.Differencing();
        image.Bytes[VhdxImage.LocatorItem] ^= 1;
        image.AssertDamage("is of type", VhdxImage.LocatorItem, LocatorLength(image));
    }

    [Fact]
    public void A_parent_locator_with_more_entries_than_fit_is_damage()
    {
        var image = VhdxImage.Differencing();
        image.PutLittle(VhdxImage.LocatorItem + 18, 65535, 2);
        image.AssertDamage("has 65535 entries", VhdxImage.LocatorItem, LocatorLength(image));
    }

    [Theory]
    [InlineData(0, 0UL, 4)]
    [InlineData(0, 0xFFFF_FFFFUL, 4)]
    [InlineData(4, 100_000UL, 4)]
    [InlineData(8, 0UL, 2)]
    [InlineData(8, 7UL, 2)]
    [InlineData(10, 0xFFFEUL, 2)]
    public void A_parent_locators_entry_outside_it_is_damage(int field, ulong value, int size)
    {
        var image = VhdxImage.Differencing();
        image.PutLittle(VhdxImage.LocatorItem + 20 + 12 + field, value, size);
        image.AssertDamage("has an entry 1 that is not inside it", VhdxImage.LocatorItem, LocatorLength(image));
    }

    [Fact]
    public void A_parent_locator_without_identity_without_path_or_with_a_key_twice_is_damage()
    {
        var image = VhdxImage.Differencing();
        image.PutLocator(("relative_path", "x"));
        image.AssertDamage("has no parent_linkage", VhdxImage.LocatorItem, LocatorLength(image));
        image.PutLocator(("parent_linkage", "not a GUID"), ("relative_path", "x"));
        image.AssertDamage("has no parent_linkage", VhdxImage.LocatorItem, LocatorLength(image));
        image.PutLocator(("parent_linkage", VhdxImage.ParentGuid.ToString("B")));
        image.AssertDamage("has no path", VhdxImage.LocatorItem, LocatorLength(image));
        image.PutLocator(
            ("parent_linkage", VhdxImage.ParentGuid.ToString("B")),
            ("parent_linkage2", "?"),
            ("relative_path", "x")
        );
        image.AssertDamage("parent_linkage2", VhdxImage.LocatorItem, LocatorLength(image));
        image.PutLocator(
            ("parent_linkage", VhdxImage.ParentGuid.ToString("B")),
            ("relative_path", "x"),
            ("relative_path", "y")
        );
        image.AssertDamage("the key relative_path twice", VhdxImage.LocatorItem, LocatorLength(image));
    }

    [Fact]
    public void Of_very_much_damage_the_first_hundred_are_listed()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, 4096UL * MiB, 8);
        for (var i = 0; i < 4096; i++)
            image.PutBat(i, 5, 0);
        var report = image.Check();
        Assert.Equal((100, true), (report.Damages.Count, report.HasMoreDamage));
        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => (long)VhdxImage.Bat + i * 8),
            report.Damages.Select(damage => damage.Offset)
        );
    }

    private static long LocatorLength(VhdxImage image) =>
        BitConverter.ToUInt32(image.Bytes, VhdxImage.ItemEntry(5) + 20);
}
