using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// A virtual machine is its id. Names change, and two machines may have one: a copy stays with the machine it is of, in
/// the folder that was made for it.
/// </summary>
public sealed class MachineIdentityTests : IDisposable
{
    private readonly MachineHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Of_two_machines_of_one_name_each_keeps_its_folder_whichever_goes()
    {
        foreach (var gone in new[] { 0, 1 })
        {
            using var host = new MachineHost();
            var twins = new[] { host.Make("web", "one"), host.Make("web", "two") };
            host.Machines(twins[0], twins[1], host.Make("other", "other"));
            host.Backup();
            host.Backup();
            var before = host.Copies("SetA");
            var left = twins[1 - gone];

            host.Machines(left, host.Make("other", "other2"));
            Assert.Equal("SetA", host.Backup().Set);

            var after = host.Copies("SetA");
            Assert.Equal(before[left.Id], after[left.Id]);
            Assert.DoesNotContain(twins[gone].Id, after.Keys);
            Assert.Contains(before[twins[gone].Id].Folder, host.Set("SetA").Content!.Abandoned);
            // Nothing of the survivor was copied anew, and what is left of the other one was not touched.
            Assert.Equal(
                0,
                host.Backup()
                    .Jobs.Single(job => job.Folder.EndsWith("/" + after[left.Id].Folder, StringComparison.Ordinal))
                    .FilesCopied
            );
            Assert.True(host.Verify("SetA").IsGood);
        }
    }

    [Fact]
    public void The_copy_that_is_kept_of_a_twin_is_its_own()
    {
        var twins = new[] { _host.Make("web", "one"), _host.Make("web", "two") }
            .OrderBy(machine => machine.Id)
            .ToArray();
        _host.Machines(twins[0], twins[1], _host.Make("other", "other"));
        _host.Backup();
        _host.Backup();
        var before = _host.Copies("SetA");
        _host.Machines(twins[1] with { Failure = MachineHost.NonRetryable }, _host.Make("other", "other2"));
        var result = _host.Backup();
        Assert.Contains(
            result.Warnings,
            warning => warning.Contains("Its older copy on " + _host.Target + " stays", StringComparison.Ordinal)
        );
        Assert.Equal(before[twins[1].Id], _host.Copies("SetA")[twins[1].Id]);
        Assert.DoesNotContain(twins[0].Id, _host.Copies("SetA").Keys);
    }

    [Fact]
    public void A_renamed_machine_keeps_its_folder_and_is_not_copied_anew()
    {
        _host.Backup();
        _host.Backup();
        _host.Machines(_host.Vss.Web with { Name = "shop" }, _host.Vss.Database, _host.Vss.Old);
        for (var i = 0; i < 3; i++)
        {
            var result = _host.Backup();
            Assert.DoesNotContain(
                result.Warnings,
                warning => warning.Contains("belongs to no job", StringComparison.Ordinal)
            );
            var job = _host.Set(result.Set).Jobs.Single(copy => copy.Machine == "shop");
            Assert.Equal(("web01", _host.Vss.Web.Id.ToString("D")), (job.Folder, job.MachineId));
            Assert.Equal(0, result.Jobs.Single(one => one.Source == "vm:shop").FilesCopied);
        }

        Assert.Equal(["shop"], _host.Restore("SetA", "shop", "back").Machines);
    }

    [Fact]
    public void A_renamed_machine_that_cannot_be_captured_keeps_its_older_copy()
    {
        _host.Backup();
        _host.Backup();
        _host.Machines(
            _host.Vss.Web with
            {
                Name = "shop",
                Failure = MachineHost.NonRetryable,
            },
            _host.Vss.Database,
            _host.Vss.Old
        );
        for (var i = 0; i < 3; i++)
        {
            var result = _host.Backup();
            Assert.Contains(
                result.Warnings,
                warning =>
                    warning.Contains("shop was NOT backed up", StringComparison.Ordinal)
                    && warning.Contains("Its older copy", StringComparison.Ordinal)
            );
            Assert.Equal(
                "web01",
                _host.Set(result.Set).Jobs.Single(job => job.MachineId == _host.Vss.Web.Id.ToString("D")).Folder
            );
            Assert.Empty(_host.Verify(result.Set).Damages.Select(damage => damage.Failure.Message));
        }
    }

    [Fact]
    public void A_new_machine_of_an_old_name_gets_another_folder()
    {
        _host.Backup();
        _host.Backup();
        var again = _host.Make("web01", "again");
        _host.Machines(_host.Vss.Web with { Name = "shop" }, again);
        _host.Backup();
        var jobs = _host.Set("SetA").Jobs.ToDictionary(job => job.MachineId, job => job.Folder);
        Assert.Equal("web01", jobs[_host.Vss.Web.Id.ToString("D")]);
        Assert.StartsWith("web01-", jobs[again.Id.ToString("D")], StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_was_left_out_for_a_while_finds_its_folder_again()
    {
        var twins = new[] { _host.Make("web", "one"), _host.Make("web", "two") };
        _host.Machines(twins);
        _host.Backup();
        _host.Backup();
        var before = _host.Copies("SetA");
        _host.Machines(twins[0]);
        for (var i = 0; i < 4; i++)
            _host.Backup();
        _host.Machines(twins);
        _host.Backup();
        _host.Backup();
        foreach (var set in new[] { "SetA", "SetB" })
            Assert.Equal(before, _host.Copies(set));
    }

    [Fact]
    public void The_copy_of_a_machine_that_stays_out_survives_a_run_that_is_killed()
    {
        _host.Backup();
        _host.Backup();
        _host.Vss.Host.Machines[2] = FakeMachine.At("old01", "/nowhere/old01") with { Id = _host.Vss.Old.Id };
        using (var stop = new System.Threading.CancellationTokenSource())
            BackupRun.Execute(
                _host.Plan,
                _host.Context with
                {
                    Story = word =>
                    {
                        if (word.StartsWith("Copying", StringComparison.Ordinal))
                            stop.Cancel();
                    },
                },
                stop.Token
            );
        var result = _host.Backup();
        Assert.Equal("SetA", result.Set);
        Assert.NotEqual(Guid.Empty, _host.Set("SetA").Jobs.Single(job => job.Machine == "old01").KeptFrom);
        Assert.Empty(_host.Verify("SetA").Damages.Select(damage => damage.Failure.Message));
    }

    [Fact]
    public void A_name_that_two_machines_have_is_asked_to_be_said_by_id()
    {
        var twins = new[] { _host.Make("web", "one"), _host.Make("web", "two") };
        _host.Machines(twins);
        _host.Backup();
        var failure = Assert.Throws<BackupException>(() => _host.Restore("SetA", "web", "back")).Failure;
        Assert.Equal(FailureKind.VirtualMachine, failure.Kind);
        foreach (var twin in twins)
            Assert.Contains(twin.Id.ToString("D"), failure.Cause, StringComparison.Ordinal);
        Assert.Contains("by its id", failure.Advice, StringComparison.Ordinal);
        Assert.Equal(0, _host.Restore("SetA", twins[1].Id.ToString("D"), "back").ExitCode);
        Assert.Equal(
            "two",
            File.ReadAllText(Directory.GetFiles(_host.Folder("back"), "disk.bin", SearchOption.AllDirectories)[0])
        );
        Assert.Equal(2, _host.Restore("SetA", "web*", "both").Machines.Count);
    }

    [Theory]
    [InlineData("web ", "web ")]
    [InlineData("web", "web")]
    [InlineData(" web", "web")]
    [InlineData("WEB  ", "web")]
    [InlineData("web*", "web,web ")]
    public void A_name_that_ends_in_a_blank_can_be_said(string word, string names)
    {
        _host.Machines(_host.Make("web", "one"), _host.Make("web ", "two"));
        var result = _host.Backup(_host.Plan with { VirtualMachines = [word] });
        Assert.Equal(names.Split(','), result.Machines.Select(machine => machine.Name).Order(StringComparer.Ordinal));
        if (!word.Contains('*'))
            Assert.Equal([names], _host.Restore("SetA", word, "back").Machines);
    }

    [Fact]
    public void Names_that_begin_or_end_with_a_blank_are_shown_so()
    {
        _host.Machines(_host.Make("web ", "two"));
        Assert.Contains(
            "offers 'web '",
            Assert.Single(_host.Backup(_host.Plan with { VirtualMachines = ["web01"] }).Failures).Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_the_writer_adds_beside_a_disk_in_the_shadow_copy_is_taken()
    {
        var machine = _host.Make("ar01", "ar01");
        var folder = machine.Files[1].Path;
        foreach (
            var name in new[]
            {
                "ar01.vhdx",
                "ar01-AutoRecovery.avhdx",
                "BackupSnapshot.xml",
                "other.vhdx",
                "other-AutoRecovery.avhdx",
            }
        )
            File.WriteAllText(Path.Combine(folder, name), name);
        _host.Machines(machine with { Files = [new WriterFile(folder, "ar01.vhdx", false)] });
        _host.Backup();
        Assert.Equal(
            ["BackupSnapshot.xml", "ar01-AutoRecovery.avhdx", "ar01.vhdx"],
            Directory
                .GetFiles(Path.Combine(_host.Set("SetA").Path, "ar01"), "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal)
        );
    }
}
