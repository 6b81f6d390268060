using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

public sealed class VerifyTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly string _set;

    public VerifyTests()
    {
        _host.Backup();
        _set = Path.Combine(_host.E, "Backup-SetA");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_good_set_is_read_whole_and_found_good()
    {
        var report = _host.Verify(_host.E);
        Assert.True(report.IsGood);
        Assert.Equal((3L, 9_000_000L + 12 + 16), (report.Files, report.BytesRead));
    }

    [Fact]
    public void Every_damaged_range_is_named()
    {
        var disk = Path.Combine(_set, "VHD", "web.vhdx");
        foreach (var at in new[] { 10, 140_000, 8_999_999 })
            MiniatureHost.ChangeQuietly(disk, at, (byte)(File.ReadAllBytes(disk)[at] ^ 0x80));
        var report = _host.Verify(_host.E);
        Assert.Equal(
            [("VHD/web.vhdx", 0L, 262_144L), ("VHD/web.vhdx", 8_912_896L, 87_104L)],
            report.Damages.Select(damage => (damage.File, damage.Offset, damage.Length))
        );
        Assert.True(_host.Verify(_host.E, quick: true).IsGood);
    }

    [Fact]
    public void Missing_extra_and_shortened_files_are_named()
    {
        File.Delete(Path.Combine(_set, "VHD", "readme.txt"));
        Tree.Write(Path.Combine(_set, "VHD", "zzz", "extra.txt"), "?");
        File.WriteAllText(Path.Combine(_set, "CFG", "vm1.xml"), "<vm/>");
        foreach (var quick in new[] { true, false })
        {
            Assert.Equal(
                [
                    ("CFG/vm1.xml", FailureKind.FileDiffers),
                    ("VHD/readme.txt", FailureKind.FileMissing),
                    ("VHD/zzz", FailureKind.FileExtra),
                    ("VHD/zzz/extra.txt", FailureKind.FileExtra),
                ],
                _host.Verify(_host.E, quick: quick).Damages.Select(damage => (damage.File, damage.Failure.Kind)).Order()
            );
        }
    }

    [Fact]
    public void A_manifest_that_was_changed_is_not_believed()
    {
        var manifest = Path.Combine(_set, ".hvbackup", "VHD.manifest");
        var bytes = File.ReadAllBytes(manifest);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(manifest, bytes);
        Assert.Equal(
            ("VHD", FailureKind.StateDamaged),
            Assert.Single(_host.Verify(_host.E).Damages.Select(damage => (damage.File, damage.Failure.Kind)))
        );
    }
}
