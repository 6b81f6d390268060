using System;
using System.IO;
using System.Linq;
using HyperVBackup.Disks;
using HyperVBackup.Runs;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>A file with the name of a virtual disk that is none: what a run says of it.</summary>
public sealed class DiskWarningTests : IDisposable
{
    private const int Size = 4 * 1024 * 1024;
    private readonly MiniatureHost _host = new();

    private string Disk => Path.Combine(_host.DataDisks, "db.vhd");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_disk_of_the_set_before_that_is_none_now_is_a_warning()
    {
        File.WriteAllBytes(
            Disk,
            [.. Tree.Noise(7, Size), .. FixedVhdFooter.Create(Size, Guid.NewGuid(), DateTime.UtcNow)]
        );
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
        File.WriteAllBytes(Disk, Tree.Noise(8, Size));
        var warning = Assert.Single(_host.Backup().Warnings);
        Assert.StartsWith(Disk, warning, StringComparison.Ordinal);
        Assert.Contains("in the set before", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_has_become_empty_is_a_warning()
    {
        File.WriteAllBytes(
            Disk,
            [.. Tree.Noise(7, Size), .. FixedVhdFooter.Create(Size, Guid.NewGuid(), DateTime.UtcNow)]
        );
        _host.Backup();
        File.WriteAllBytes(Disk, []);
        Assert.Contains("it is empty", Assert.Single(_host.Backup().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fixed_VHD_that_grew_behind_its_footer_is_a_warning()
    {
        File.WriteAllBytes(
            Disk,
            [
                .. Tree.Noise(7, Size),
                .. FixedVhdFooter.Create(Size, Guid.NewGuid(), DateTime.UtcNow),
                .. new byte[1_000_000],
            ]
        );
        Assert.Contains("follows the footer", Assert.Single(_host.Backup().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fixed_VHD_that_was_cut_short_is_a_warning()
    {
        var guest = Tree.Noise(7, Size);
        (guest[510], guest[511]) = (0x55, 0xAA);
        File.WriteAllBytes(Disk, guest);
        Assert.Contains("cut short", Assert.Single(_host.Backup().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_VHDX_of_zeroes_is_a_warning()
    {
        File.WriteAllBytes(Path.ChangeExtension(Disk, ".vhdx"), new byte[Size]);
        Assert.Contains("begins with zeroes", Assert.Single(_host.Backup().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_and_a_source_text_of_such_a_name_are_none()
    {
        File.WriteAllBytes(Disk, []);
        File.WriteAllText(Path.Combine(_host.DataDisks, "counter.vhd"), "entity counter is end entity;");
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
    }

    [Fact]
    public void Of_very_many_such_files_ten_are_named_and_the_others_counted()
    {
        for (var i = 0; i < 13; i++)
            File.WriteAllBytes(Path.Combine(_host.DataDisks, "d" + i + ".vhdx"), new byte[100_000]);
        var warnings = _host.Backup().Warnings;
        Assert.Equal(11, warnings.Count);
        Assert.Contains("3 more files", warnings.Last(), StringComparison.Ordinal);
    }
}
