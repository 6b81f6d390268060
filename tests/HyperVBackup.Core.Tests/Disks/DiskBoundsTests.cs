using System;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

/// <summary>
/// However large a file, or what it claims of itself: memory is bounded, and only what the checks need is read.
/// </summary>
public class DiskBoundsTests
{
    private const long MiB = VhdxImage.MiB;
    private const long Huge = 1L << 60;

    [Fact]
    public void A_VHDX_of_64_TiB_with_the_smallest_blocks_is_streamed()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, 64UL << 40, 8);
        image.PutInRegions(16 + 16, 1UL << 30, 8);
        image.PutInRegions(16 + 24, 513UL << 20, 4);
        var source = new SparseSource(2L << 30).With(0, image.Bytes);
        var (report, allocated) = Measure(source, "large.vhdx");
        Assert.Empty(report.Damages);
        Assert.Equal(64L << 40, report.VirtualSize);
        Assert.InRange(source.BytesRead, 67125247L * 8, 67125247L * 8 + MiB);
        Assert.True(allocated < 4 * MiB, $"{allocated} bytes were allocated");
    }

    [Fact]
    public void A_VHDX_in_a_file_of_an_exbibyte_takes_no_more_memory_than_any()
    {
        var image = VhdxImage.Dynamic();
        image.PutBat(1, 6, (ulong)(Huge / MiB - 1));
        var source = new SparseSource(Huge).With(0, image.Bytes);
        var (report, allocated) = Measure(source, "large.vhdx");
        Assert.Contains(
            "farther out than any disk needs",
            Assert.Single(report.Damages).What,
            StringComparison.Ordinal
        );
        Assert.True(allocated < 40 * MiB, $"{allocated} bytes were allocated");
        Assert.True(source.BytesRead < MiB);
    }

    [Fact]
    public void A_VHDX_whose_log_claims_an_exbibyte_takes_no_more_memory_than_any()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(
            0,
            1,
            0,
            [new VhdxImage.LogWrite(Huge, null, Huge), new VhdxImage.LogWrite(5 * Huge, new byte[4096], 0)],
            0,
            ulong.MaxValue
        );
        var (report, allocated) = Measure(new SparseSource(image.Bytes.Length).With(0, image.Bytes), "large.vhdx");
        Assert.Empty(report.Damages);
        Assert.True(allocated < 40 * MiB, $"{allocated} bytes were allocated");
    }

    // A log of entries that all claim to be as long as it is would be summed up once per sector; after eight times it
    // is given up.
    [Theory]
    [InlineData(7, 1)]
    [InlineData(8, 0)]
    public void A_log_full_of_false_entries_is_summed_up_eight_times_at_most(int falseEntries, int found)
    {
        var image = VhdxImage.Dynamic();
        for (var i = 0; i < falseEntries; i++)
        {
            image.PutLogEntry(i * 4096, 1, 0, []);
            image.PutLittle(VhdxImage.Log + i * 4096 + 8, (ulong)MiB, 4);
        }

        image.PutLogEntry(falseEntries * 4096, 2, falseEntries * 4096, []);
        Assert.Equal(
            found,
            VhdxLog.FindActiveSequence(image.Bytes[VhdxImage.Log..VhdxImage.Metadata], VhdxImage.LogGuid).Count
        );
    }

    [Fact]
    public void Thousands_of_regions_cost_a_block_no_more_than_none()
    {
        // 2045 more regions and a million blocks, which would be two billion comparisons.
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.SizeItem, 1UL << 40, 8);
        foreach (var table in new[] { VhdxImage.Regions1, VhdxImage.Regions2 })
        {
            for (var i = 2; i < 2047; i++)
                image.PutRegion(table, i, new Guid(i, 0, 0, new byte[8]), (ulong)((4 + i) * MiB), (uint)MiB, false);
        }

        image.PutInRegions(8, 2047, 4);
        image.PutInRegions(16 + 16, 1UL << 33, 8);
        image.PutInRegions(16 + 24, (ulong)(9 * MiB), 4);
        var bat = new byte[9 * MiB];
        for (var i = 0; i < bat.Length / 8; i++)
            if (i % (VhdxImage.ChunkRatio + 1) != VhdxImage.ChunkRatio)
                BitConverter.TryWriteBytes(bat.AsSpan(i * 8), ((16384UL + (ulong)i) << 20) | 6);
        var source = new SparseSource(3L << 40).With(0, image.Bytes).With(1L << 33, bat);
        var (report, _) = Measure(source, "large.vhdx");
        Assert.Empty(report.Damages);

        // And a block on one of them is still found, and its name told.
        BitConverter.TryWriteBytes(bat.AsSpan(800), (1000UL << 20) | 6);
        Assert.EndsWith(
            "overlaps the region 000003e4-0000-0000-0000-000000000000",
            Assert.Single(Measure(source, "large.vhdx").Report.Damages).What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_metadata_item_of_a_claimed_size_is_read_up_to_a_MiB_at_most()
    {
        var image = VhdxImage.Dynamic();
        image.PutLittle(VhdxImage.ItemEntry(1) + 20, 0x10_0001, 4);
        image.PutInRegions(16 + 32 + 24, 16 * MiB, 4);
        image.PutInRegions(16 + 16, 64 * MiB, 8);
        var source = new SparseSource(Huge).With(0, image.Bytes);
        var (report, _) = Measure(source, "large.vhdx");
        Assert.Contains(report.Damages, damage => damage.What.Contains("1048577 bytes", StringComparison.Ordinal));
        Assert.True(source.BytesRead < MiB);
    }

    [Fact]
    public void A_VHD_whose_table_claims_four_billion_blocks_is_given_up_after_a_hundred_damages()
    {
        var image = VhdImage.Dynamic();
        image.PutBig(VhdImage.Header + 16, 1UL << 40, 8);
        image.PutBig(VhdImage.Header + 28, 0xFFFF_FFFE, 4);
        image.SealHeader();
        var source = new SparseSource(Huge).With(0, image.Bytes[..4096]).With(Huge - 512, image.Bytes[image.Footer..]);
        var (report, allocated) = Measure(source, "large.vhd");
        Assert.True(report.HasMoreDamage);
        Assert.Equal(100, report.Damages.Count);
        Assert.True(source.BytesRead < MiB);
        Assert.True(allocated < 4 * MiB, $"{allocated} bytes were allocated");
    }

    [Fact]
    public void A_VHD_of_2_TiB_takes_a_word_per_block()
    {
        // All blocks of a disk of 2040 GiB are there, side by side.
        const int blocks = 2040 * 512;
        const int sectors = 4096 + 1;
        var table = new byte[blocks * 4];
        for (var i = 0; i < blocks; i++)
            DiskBytes.PutBig(table, i * 4, 16384 + (ulong)i * sectors, 4);
        var image = VhdImage.Dynamic();
        image.PutInFooters(48, 2040UL << 30, 8);
        image.PutBig(VhdImage.Header + 28, blocks, 4);
        image.PutBig(VhdImage.Header + 32, 2 * MiB, 4);
        image.SealHeader();
        var length = (16384L + (long)blocks * sectors) * 512 + 512;
        var source = new SparseSource(length)
            .With(0, image.Bytes[..1536])
            .With(1536, table)
            .With(length - 512, image.Bytes[image.Footer..]);
        var (report, allocated) = Measure(source, "large.vhd");
        Assert.Empty(report.Damages);
        Assert.True(allocated < 8 * MiB, $"{allocated} bytes were allocated");

        // And of a million blocks the one that is moved by one sector is found.
        DiskBytes.PutBig(table, 777_777 * 4, 16384 + 777_777UL * sectors + 1, 4);
        var damage = Assert.Single(Measure(source, "large.vhd").Report.Damages);
        Assert.Equal(1536 + 777_778L * 4, damage.Offset);
    }

    [Fact]
    public void A_VHD_of_tiny_blocks_is_not_checked_for_overlaps_and_said_not_to_be()
    {
        var image = VhdImage.Dynamic();
        image.PutInFooters(48, 2048, 8);
        image.PutBig(VhdImage.Header + 32, 512, 4);
        image.SealHeader();
        Assert.Contains(
            "too small to be checked for overlaps",
            Assert.Single(image.AssertIntact().Notes),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_parent_locator_of_a_claimed_size_is_not_read()
    {
        var image = VhdImage.Differencing();
        image.PutBig(VhdImage.Header + 576 + 8, 0x7FFF_FFFF, 4);
        image.PutBig(VhdImage.Header + 576 + 16, 1UL << 40, 8);
        image.SealHeader();
        var source = new SparseSource(Huge).With(0, image.Bytes[..^512]).With(Huge - 512, image.Bytes[image.Footer..]);
        var (report, allocated) = Measure(source, "large.avhd");
        Assert.Equal(new[] { ".\\parent.vhd", "parent.vhd" }, report.Parent!.Paths);
        Assert.True(allocated < 4 * MiB, $"{allocated} bytes were allocated");
    }

    private static (DiskReport Report, long Allocated) Measure(IDiskSource source, string name)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var report = DiskChecker.Check(source, name, TestContext.Current.CancellationToken);
        return (report, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
