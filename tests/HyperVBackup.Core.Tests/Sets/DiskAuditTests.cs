using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Tests.Disks;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

public sealed class DiskAuditTests : IDisposable
{
    private static readonly Guid Base = new("00000001-0000-0000-0000-000000000001");
    private static readonly Guid Child = new("00000002-0000-0000-0000-000000000002");
    private readonly MiniatureHost _host = new();
    private readonly string _disks;

    public DiskAuditTests()
    {
        _disks = Path.Combine(_host.D, "Chains");
        Tree.Write(Path.Combine(_disks, "vm.vhdx"), VhdxImage.Dynamic(Base).Bytes);
        Tree.Write(Path.Combine(_disks, "vm_1.avhdx"), VhdxImage.Differencing(Child, Base, "vm.vhdx").Bytes);
    }

    private BackupPlan Plan => _host.Plan with { Jobs = [new BackupJob { Source = _disks, Targets = [_host.E] }] };

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Disks_in_order_and_files_that_are_no_disks_raise_no_word()
    {
        Tree.Write(Path.Combine(_disks, "not-really.vhdx"), Tree.Noise(1, 300_000));
        Assert.Equal(0, _host.Backup(Plan).ExitCode);
        var report = _host.Verify(_host.E);
        Assert.True(report.IsGood);
        Assert.Contains("not-really.vhdx", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_that_is_broken_at_the_source_is_a_warning_of_the_run_and_no_damage_of_the_set()
    {
        File.Delete(Path.Combine(_disks, "vm.vhdx"));
        var result = _host.Backup(Plan);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(Path.Combine(_disks, "vm_1.avhdx"), Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.True(_host.Verify(_host.E).IsGood);
    }

    [Fact]
    public void A_disk_that_is_damaged_at_the_source_is_a_warning_of_the_run_and_no_damage_of_the_set()
    {
        var bytes = VhdxImage.Dynamic(Base).Bytes;
        bytes[VhdxImage.Metadata] ^= 0xFF;
        Tree.Write(Path.Combine(_disks, "vm.vhdx"), bytes);
        var result = _host.Backup(Plan);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(
            result.Warnings,
            warning => warning.StartsWith(Path.Combine(_disks, "vm.vhdx"), StringComparison.Ordinal)
        );
        Assert.True(_host.Verify(_host.E).IsGood);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_disk_whose_structure_was_damaged_in_the_set_is_found_even_without_reading_it_all(bool quick)
    {
        _host.Backup(Plan);
        var copy = Path.Combine(_host.E, "Backup-SetA", "Chains", "vm.vhdx");
        MiniatureHost.ChangeQuietly(copy, VhdxImage.Metadata, 0xFF);
        var report = _host.Verify(_host.E, quick: quick);
        Assert.Contains(
            report.Damages,
            damage => damage.File == "Chains/vm.vhdx" && damage.Failure.Kind == FailureKind.DiskDamaged
        );
    }

    [Fact]
    public void A_parent_that_was_taken_out_of_the_set_breaks_the_chain()
    {
        _host.Backup(Plan);
        File.Delete(Path.Combine(_host.E, "Backup-SetA", "Chains", "vm.vhdx"));
        Assert.Equal(
            [("Chains/vm.vhdx", FailureKind.FileMissing), ("Chains/vm_1.avhdx", FailureKind.DiskDamaged)],
            _host.Verify(_host.E, quick: true).Damages.Select(damage => (damage.File, damage.Failure.Kind))
        );
    }

    [Fact]
    public void A_parent_on_another_disk_is_looked_for_in_the_whole_run()
    {
        var parents = Path.Combine(_host.E, "Parents");
        Directory.CreateDirectory(parents);
        File.Move(Path.Combine(_disks, "vm.vhdx"), Path.Combine(parents, "vm.vhdx"));
        var plan = Plan with
        {
            Jobs =
            [
                new BackupJob { Source = _disks, Targets = [_host.E] },
                new BackupJob { Source = parents, Targets = [_host.D] },
            ],
        };
        Assert.Equal(0, _host.Backup(plan).ExitCode);
        var report = _host.Verify(_host.E);
        Assert.True(report.IsGood);
        Assert.Contains("needs more than this target", Assert.Single(report.Notes), StringComparison.Ordinal);
    }
}
