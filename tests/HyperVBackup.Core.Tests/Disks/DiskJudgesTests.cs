using System;
using System.IO;
using System.Text.Json;
using System.Text.RegularExpressions;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

/// <summary>
/// Disks made by QEMU are intact to us, and what we take for intact, or replay, is so to QEMU and libvhdi.
/// </summary>
public class DiskJudgesTests
{
    private const int MiB = VhdxImage.MiB;

    [Theory]
    [InlineData("vpc", "subformat=fixed", "1G", "fixed.vhd")]
    [InlineData("vpc", "subformat=fixed,force_size=on", "1234944", "fixed.vhd")]
    [InlineData("vpc", "subformat=dynamic", "64M", "dynamic.vhd")]
    [InlineData("vpc", "subformat=dynamic,force_size=on", "2040G", "dynamic.vhd")]
    [InlineData("vhdx", "subformat=fixed", "20M", "fixed.vhdx")]
    [InlineData("vhdx", "subformat=fixed", "10000384", "fixed.vhdx")]
    [InlineData("vhdx", "subformat=dynamic", "64M", "dynamic.vhdx")]
    [InlineData("vhdx", "subformat=dynamic,block_size=1M", "10G", "dynamic.vhdx")]
    [InlineData("vhdx", "subformat=dynamic,block_size=256M,log_size=3M", "3T", "dynamic.vhdx")]
    [InlineData("vhdx", "subformat=dynamic,block_state_zero=off", "100M", "dynamic.vhdx")]
    public void A_disk_of_QEMU_is_intact(string format, string options, string size, string name)
    {
        using var folder = new DiskFolder();
        DiskTool.Run("qemu-img", "create", "-q", "-f", format, "-o", options, folder[name], size);
        var report = Check(folder[name]);
        Assert.Empty(report.Damages);
        Assert.Empty(report.Notes);
        using var info = JsonDocument.Parse(
            DiskTool.Run("qemu-img", "info", "--output=json", "-f", format, folder[name])
        );
        Assert.Equal(info.RootElement.GetProperty("virtual-size").GetInt64(), report.VirtualSize);
        Assert.Equal(
            options.Contains("fixed", StringComparison.Ordinal) ? DiskKind.Fixed : DiskKind.Dynamic,
            report.Kind
        );
    }

    [Theory]
    [InlineData("vpc", "subformat=dynamic", "dynamic.vhd")]
    [InlineData("vhdx", "subformat=dynamic,block_size=1M", "dynamic.vhdx")]
    public void A_disk_of_QEMU_stays_intact_when_it_is_written_to(string format, string options, string name)
    {
        using var folder = new DiskFolder();
        DiskTool.Run("qemu-img", "create", "-q", "-f", format, "-o", options, folder[name], "64M");
        var before = new FileInfo(folder[name]).Length;
        DiskTool.Run(
            "qemu-io",
            "-f",
            format,
            "-c",
            "write -P 1 40M 3M",
            "-c",
            "write -P 2 1M 5M",
            "-c",
            "write -P 3 63M 1M",
            folder[name]
        );
        Assert.True(new FileInfo(folder[name]).Length > before);
        Assert.Empty(Check(folder[name]).Damages);
    }

    [Theory]
    [InlineData("vpc", "fixed.vhd", "subformat=fixed")]
    [InlineData("vpc", "dynamic.vhd", "subformat=dynamic")]
    [InlineData("vhdx", "dynamic.vhdx", "subformat=dynamic")]
    public void Libvhdi_and_we_read_the_same_identity_and_size(string format, string name, string options)
    {
        using var folder = new DiskFolder();
        DiskTool.Run("qemu-img", "create", "-q", "-f", format, "-o", options, folder[name], "20M");
        var report = Check(folder[name]);
        var info = DiskTool.Run("vhdiinfo", folder[name]);
        Assert.Equal(report.Identity, IdentifierIn(info, "Identifier"));
        Assert.Contains($"({report.VirtualSize} bytes)", info, StringComparison.Ordinal);
    }

    [Fact]
    public void Libvhdi_and_we_read_the_same_parent_of_a_VHD()
    {
        using var folder = new DiskFolder();
        File.WriteAllBytes(folder["child.avhd"], VhdImage.Differencing().Bytes);
        var report = Check(folder["child.avhd"]);
        var info = DiskTool.Run("vhdiinfo", folder["child.avhd"]);
        Assert.Matches(@"Disk type\s*:\s*Differential", info);
        Assert.Equal(report.DiskId, IdentifierIn(info, "Identifier"));
        Assert.Equal(Assert.Single(report.Parent!.Ids), IdentifierIn(info, "Parent identifier"));
        Assert.Matches(@"Parent filename\s*:\s*parent\.vhd", info);
    }

    [Fact]
    public void Libvhdi_and_we_read_the_same_parent_of_a_VHDX()
    {
        using var folder = new DiskFolder();
        File.WriteAllBytes(folder["child.avhdx"], VhdxImage.Differencing().Bytes);
        var report = Check(folder["child.avhdx"]);
        var info = DiskTool.Run("vhdiinfo", folder["child.avhdx"]);
        Assert.Matches(@"Disk type\s*:\s*Differential", info);
        Assert.Equal(report.Identity, IdentifierIn(info, "Identifier"));
        Assert.Equal(Assert.Single(report.Parent!.Ids), IdentifierIn(info, "Parent identifier"));
        Assert.Contains("parent.vhdx", info, StringComparison.Ordinal);
    }

    [Fact]
    public void The_images_these_tests_are_made_of_are_disks_to_QEMU_too()
    {
        using var folder = new DiskFolder();
        foreach (
            var (image, format) in new (DiskImage, string)[]
            {
                (VhdImage.Fixed(), "vpc"),
                (VhdImage.Dynamic(), "vpc"),
                (VhdxImage.Dynamic(), "vhdx"),
                (VhdxImage.Fixed(), "vhdx"),
            }
        )
        {
            File.WriteAllBytes(folder[image.Name], image.Bytes);
            using var info = JsonDocument.Parse(
                DiskTool.Run("qemu-img", "info", "--output=json", "-f", format, folder[image.Name])
            );
            Assert.Equal(image.Check().VirtualSize, info.RootElement.GetProperty("virtual-size").GetInt64());
            DiskTool.Run(
                "qemu-io",
                "-r",
                "-f",
                format,
                "-c",
                $"read 0 {image.Check().VirtualSize}",
                folder[image.Name]
            );
        }
    }

    [Fact]
    public void QEMU_replays_a_dirty_log_to_what_we_read_through_it()
    {
        using var folder = new DiskFolder();
        var image = VhdxImage.Dynamic();
        image.Resize(7 * MiB); // QEMU 7.2 does not extend a file to whole MiBs in a replay.
        var mended = image.Changed(VhdxImage.Bat, copy => copy.PutBat(3, 6, 6));
        var second = image.Changed(VhdxImage.Bat + 4096, copy => copy.PutBat(600, 2, 0));
        image.PutBat(0, 5, 0);
        Assert.NotEmpty(image.Check().Damages);
        image.MarkDirty();
        var next = image.PutLogEntry(
            0x30000,
            4,
            0x30000,
            [mended, new VhdxImage.LogWrite(VhdxImage.Bat + 65536, null, 8192)],
            6 * MiB,
            7 * MiB
        );
        image.PutLogEntry(next, 5, 0x30000, [second], 6 * MiB, 7 * MiB);
        Assert.True(image.AssertIntact().HasDirtyLog);

        var overlay = Overlay(image.Bytes, VhdxImage.LogGuid);
        var expected = new byte[overlay.Length - VhdxImage.Metadata];
        Assert.Equal(expected.Length, overlay.Read(VhdxImage.Metadata, expected, 0, expected.Length));
        File.WriteAllBytes(folder["dirty.vhdx"], image.Bytes);
        DiskTool.Run("qemu-img", "check", "-f", "vhdx", "-r", "all", folder["dirty.vhdx"]);

        var replayed = File.ReadAllBytes(folder["dirty.vhdx"]);
        Assert.Equal(7 * MiB, replayed.Length);
        Assert.Equal(expected, replayed[VhdxImage.Metadata..]);
        var report = Check(folder["dirty.vhdx"]);
        Assert.Empty(report.Damages);
        Assert.False(report.HasDirtyLog);
    }

    [Fact]
    public void A_log_entry_of_QEMU_is_replayed_by_us_to_what_QEMU_wrote()
    {
        using var folder = new DiskFolder();
        var path = folder["dynamic.vhdx"];
        DiskTool.Run("qemu-img", "create", "-q", "-f", "vhdx", "-o", "subformat=dynamic,block_size=1M", path, "64M");
        DiskTool.Run("qemu-io", "-f", "vhdx", "-c", "write -P 1 3M 1M", path);
        var written = File.ReadAllBytes(path);
        var intact = Check(path);
        Assert.Empty(intact.Damages);

        // QEMU cleared the header's LogGuid when the write was done. Put back as it was in between, with the metadata
        // the write changed lost.
        var image = VhdxImage.Dynamic();
        image.Bytes = (byte[])written.Clone();
        var guid = new Guid(written[(VhdxImage.Log + 32)..(VhdxImage.Log + 48)]);
        Assert.NotEqual(Guid.Empty, guid);
        image.MarkDirty(guid);
        var changed = BitConverter.ToInt64(written, VhdxImage.Log + 64 + 16);
        Array.Clear(image.Bytes, (int)changed, 4096);
        Assert.True(image.AssertIntact().HasDirtyLog);
        var sector = new byte[4096];
        Overlay(image.Bytes, guid).Read(changed, sector, 0, 4096);
        Assert.Equal(written[(int)changed..(int)(changed + 4096)], sector);
    }

    [Fact]
    public void What_we_call_a_dirty_log_that_cannot_be_replayed_QEMU_does_not_replay_either()
    {
        using var folder = new DiskFolder();
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 2, 0))], 6 * MiB, 6 * MiB);
        image.Bytes[VhdxImage.Log + 5000] ^= 1;
        image.AssertDamage("no valid sequence", VhdxImage.Log, MiB);
        File.WriteAllBytes(folder["dirty.vhdx"], image.Bytes);
        DiskTool.TryRun("qemu-img", "check", "-f", "vhdx", "-r", "all", folder["dirty.vhdx"]);
        Assert.Equal(image.Bytes[VhdxImage.Bat..], File.ReadAllBytes(folder["dirty.vhdx"])[VhdxImage.Bat..]);
    }

    private static VhdxOverlay Overlay(byte[] file, Guid guid)
    {
        var ring = file[VhdxImage.Log..(VhdxImage.Log + MiB)];
        return new VhdxOverlay(new StreamSource(new MemoryStream(file)), ring, VhdxLog.FindActiveSequence(ring, guid));
    }

    private static DiskReport Check(string path)
    {
        using var file = File.OpenRead(path);
        return DiskChecker.Check(new StreamSource(file), Path.GetFileName(path), TestContext.Current.CancellationToken);
    }

    private static Guid IdentifierIn(string info, string label) =>
        Guid.Parse(Regex.Match(info, @"\s" + label + @"\s*:\s*([0-9a-fA-F-]{36})").Groups[1].Value);
}
