using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>Real virtual disks with a file system inside, judged by QEMU.</summary>
public sealed class DiskImageTests
{
    [Theory]
    [InlineData("vpc", "fixed", "vhd")]
    [InlineData("vpc", "dynamic", "vhd")]
    [InlineData("vhdx", "fixed", "vhdx")]
    [InlineData("vhdx", "dynamic", "vhdx")]
    public void A_disk_comes_back_as_it_was(string format, string kind, string extension)
    {
        using var work = new Workplace();
        var disk = MakeDisk(work, format, kind, extension);

        Assert.Equal(
            0,
            work.Run("backup", work["D/SystemVHD"], "--to", work.E, "--provider", "copy", "--verify").ExitCode
        );
        Assert.Equal(0, work.Run("restore", work.E, "--to", work["R"]).ExitCode);

        foreach (
            var copy in new[] { work["E/Backup-SetA/SystemVHD/web." + extension], work["R/SystemVHD/web." + extension] }
        )
        {
            Assert.Contains("Images are identical.", Qemu("compare", "-f", format, "-F", format, disk, copy));
            if (format == "vhdx")
                Assert.Contains("No errors were found", Qemu("check", "-f", format, copy)); // QEMU cannot check a VHD.
            Assert.Equal(File.ReadAllBytes(disk), File.ReadAllBytes(copy));
        }
    }

    [Fact]
    public void A_change_inside_is_copied_although_neither_size_nor_time_stamp_moved()
    {
        using var work = new Workplace();
        var disk = MakeDisk(work, "vpc", "fixed", "vhd");
        for (var run = 0; run < 2; run++)
            Assert.Equal(0, work.Run("backup", work["D/SystemVHD"], "--to", work.E, "--provider", "copy").ExitCode);
        var time = File.GetLastWriteTimeUtc(disk);
        using (var file = new FileStream(disk, FileMode.Open, FileAccess.Write))
        {
            file.Position = 9 << 20;
            file.Write("a guest was here"u8);
        }

        File.SetLastWriteTimeUtc(disk, time);
        var result = work.Run("backup", work["D/SystemVHD"], "--to", work.E, "--provider", "copy", "--json").Json;

        Assert.Equal("SetA", (string?)result["set"]);
        Assert.InRange((long)result["bytesWritten"]!, 1, 1 << 20);
        Assert.Contains(
            "Images are identical.",
            Qemu("compare", "-f", "vpc", "-F", "vpc", disk, work["E/Backup-SetA/SystemVHD/web.vhd"])
        );
    }

    private static string MakeDisk(Workplace work, string format, string kind, string extension)
    {
        Assert.SkipUnless(IsThere("qemu-img") && IsThere("mkfs.ext4"), "needs qemu-img and mkfs.ext4");
        work.Fill("guest/etc/data.bin", 5_000_000);
        work.Write("guest/etc/hostname", "web");
        var raw = work.Write("web.raw", "");
        using (var file = new FileStream(raw, FileMode.Open))
            file.SetLength(32 << 20);
        Run("mkfs.ext4", "-q", "-F", "-d", work["guest"], raw);
        var disk = work["D/SystemVHD/web." + extension];
        Directory.CreateDirectory(work["D/SystemVHD"]);
        Qemu(
            "convert",
            "-f",
            "raw",
            "-O",
            format,
            "-o",
            "subformat=" + kind + (format == "vpc" ? ",force_size=on" : ""),
            raw,
            disk
        );
        return disk;
    }

    private static string Qemu(params string[] args) => Run("qemu-img", args);

    private static string Run(string program, params string[] args)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, program + " " + string.Join(' ', args) + ": " + output + error.Result);
        return output;
    }

    private static bool IsThere(string program)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, program == "qemu-img" ? "--version" : "-V")
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            );
            process!.WaitForExit();
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
