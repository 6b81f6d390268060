using System;
using System.IO;
using System.Text;
using System.Text.Json;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

public class FixedVhdFooterTests
{
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly DateTime Created = new(2009, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public void Every_field_has_its_place_and_byte_order()
    {
        var footer = FixedVhdFooter.Create(2L << 30, Id, Created);
        Assert.Equal(512, footer.Length);
        Assert.Equal("636F6E6563746978", Hex(footer, 0, 8)); // conectix
        Assert.Equal("00000002", Hex(footer, 8, 4)); // the reserved feature
        Assert.Equal("00010000", Hex(footer, 12, 4)); // version 1.0
        Assert.Equal("FFFFFFFFFFFFFFFF", Hex(footer, 16, 8)); // no dynamic header
        Assert.Equal("10F040A5", Hex(footer, 24, 4)); // 3289 days, 3 h 4 min 5 s after 2000-01-01
        Assert.Equal("77696E20", Hex(footer, 28, 4)); // "win "
        Assert.Equal("5769326B", Hex(footer, 36, 4)); // "Wi2k"
        Assert.Equal("0000000080000000", Hex(footer, 40, 8));
        Assert.Equal("0000000080000000", Hex(footer, 48, 8));
        Assert.Equal("1041103F", Hex(footer, 56, 4)); // 4161 cylinders, 16 heads, 63 sectors
        Assert.Equal("00000002", Hex(footer, 60, 4)); // fixed
        Assert.Equal("00112233445566778899AABBCCDDEEFF", Hex(footer, 68, 16));
        Assert.All(footer[84..], reserved => Assert.Equal(0, reserved));
    }

    [Fact]
    public void The_checksum_is_the_complement_of_the_sum_of_the_other_bytes()
    {
        var footer = FixedVhdFooter.Create(65536, Id, Created);
        uint sum = 0;
        for (var i = 0; i < 512; i++)
            sum += i is >= 64 and < 68 ? 0u : footer[i];
        Assert.Equal((~sum).ToString("X8", null), Hex(footer, 64, 4));
    }

    // Worked by hand from the appendix "CHS Calculation"; one size in each of its branches, and on their edges.
    [Theory]
    [InlineData(1, 0, 4, 17)]
    [InlineData(69631, 1023, 4, 17)]
    [InlineData(69632, 140, 16, 31)]
    [InlineData(81920, 963, 5, 17)]
    [InlineData(278527, 1023, 16, 17)]
    [InlineData(278528, 561, 16, 31)]
    [InlineData(507903, 1023, 16, 31)]
    [InlineData(507904, 503, 16, 63)]
    [InlineData(4194304, 4161, 16, 63)]
    [InlineData(66059279, 65534, 16, 63)]
    [InlineData(66059280, 16191, 16, 255)]
    [InlineData(267382800, 65535, 16, 255)]
    [InlineData(4278190080, 65535, 16, 255)]
    public void The_geometry_is_that_of_the_specification(long sectors, int cylinders, int heads, int perTrack)
    {
        var footer = FixedVhdFooter.Create(sectors * 512, Id, Created);
        Assert.Equal((cylinders, heads, perTrack), ((footer[56] << 8) | footer[57], footer[58], footer[59]));
    }

    [Fact]
    public void The_same_arguments_give_the_same_bytes() =>
        Assert.Equal(
            FixedVhdFooter.Create(1 << 20, Id, Created),
            FixedVhdFooter.Create(1 << 20, Id, Created.ToLocalTime())
        );

    [Fact]
    public void What_the_format_cannot_hold_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedVhdFooter.Create(0, Id, Created));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedVhdFooter.Create(1000, Id, Created));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            FixedVhdFooter.Create(FixedVhdFooter.LargestDisk + 512, Id, Created)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            FixedVhdFooter.Create(512, Id, new DateTime(1999, 12, 31, 23, 59, 59, DateTimeKind.Utc))
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            FixedVhdFooter.Create(512, Id, new DateTime(2137, 1, 1, 0, 0, 0, DateTimeKind.Utc))
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedVhdFooter.Create(512, Id, Created, "toolong"));
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(1_234_432)]
    [InlineData(300L << 20)]
    public void Qemu_reads_the_disk_at_its_exact_size_and_with_its_content(long size)
    {
        using var folder = new DiskFolder();
        Write(folder["raw.img"], size, null);
        Write(folder["fixed.vhd"], size, FixedVhdFooter.Create(size, Id, Created));
        using var info = JsonDocument.Parse(
            DiskTool.Run("qemu-img", "info", "--output=json", "-f", "vpc", folder["fixed.vhd"])
        );
        Assert.Equal(size, info.RootElement.GetProperty("virtual-size").GetInt64());
        Assert.Contains(
            "identical",
            DiskTool.Run("qemu-img", "compare", "-f", "raw", "-F", "vpc", folder["raw.img"], folder["fixed.vhd"]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Vhdiinfo_reads_the_type_the_size_and_the_identity()
    {
        using var folder = new DiskFolder();
        Write(folder["fixed.vhd"], 1_234_432, FixedVhdFooter.Create(1_234_432, Id, Created));
        var info = DiskTool.Run("vhdiinfo", folder["fixed.vhd"]);
        Assert.Matches(@"Disk type\s*:\s*Fixed", info);
        Assert.Matches(@"Media size\s*:.*1234432 bytes", info);
        Assert.Matches(@"Identifier\s*:\s*00112233-4455-6677-8899-aabbccddeeff", info);
    }

    private static void Write(string path, long size, byte[]? footer)
    {
        using var file = File.Create(path);
        file.SetLength(size);
        file.Position = size / 2;
        file.Write(Encoding.ASCII.GetBytes("in the middle"));
        file.Position = size;
        if (footer is not null)
            file.Write(footer);
    }

    private static string Hex(byte[] bytes, int at, int count) => Convert.ToHexString(bytes, at, count);
}
