using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// Whatever is wrong with one virtual machine costs that machine its new copy, and nothing else: the others are backed
/// up, at one instant, and its older copy stays.
/// </summary>
public sealed class OneMachineFailsAloneTests : IDisposable
{
    private readonly MachineHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_machine_on_no_volume_of_the_host()
    {
        _host.Vss.Host.Machines.Add(FakeMachine.At("far01", "/nowhere/share/far01"));
        var result = AssertAlone("far01", "/nowhere/share/far01");
        Assert.Single(result.Shadows.Select(shadow => shadow.SetId).Distinct());
    }

    [Fact]
    public void A_machine_on_a_volume_that_cannot_be_frozen()
    {
        _host.Vss.Host.Volumes.Add(FakeVolume.At(_host.Folder("G")) with { IsSupported = false });
        _host.Vss.Host.Machines.Add(FakeMachine.At("usb01", _host.Folder("G/usb01")));
        AssertAlone("usb01", "0x8004230C");
    }

    [Fact]
    public void A_machine_that_was_moved_to_the_only_target()
    {
        _host.Vss.Host.Machines.Add(FakeMachine.At("moved01", _host.Folder("F/moved01")));
        AssertAlone("moved01", "its files lie there");
    }

    [Fact]
    public void A_machine_that_would_be_paused_where_that_is_refused()
    {
        _host.Backup();
        var result = _host.Backup(_host.Plan with { OnlineOnly = true });
        Assert.Equal(
            [("db01", true), ("old01", false), ("web01", true)],
            result.Machines.Select(machine => (machine.Name, machine.IsBackedUp))
        );
    }

    [Fact]
    public void A_machine_whose_disk_is_listed_and_not_there_keeps_the_older_copy_of_it()
    {
        var machine = _host.Make("nas01", "nas01");
        machine = machine with
        {
            Files = [machine.Files[0], new WriterFile(machine.Files[1].Path, "nas01.vhdx", false)],
        };
        var disk = Path.Combine(machine.Files[1].Path, "nas01.vhdx");
        File.WriteAllText(disk, "precious");
        _host.Vss.Host.Machines.Add(machine);
        _host.Backup();
        _host.Backup();
        File.Delete(disk);
        AssertAlone("nas01", "it is not in the shadow copy");
        foreach (var set in new[] { "SetA", "SetB" })
            Assert.Equal(
                "precious",
                File.ReadAllText(
                    Directory.GetFiles(_host.Set(set).Path, "nas01.vhdx", SearchOption.AllDirectories).Single()
                )
            );
    }

    [Fact]
    public void A_writer_that_fails_for_the_one_machine_of_a_plan_leaves_its_folders()
    {
        _host.Machines(_host.Vss.Web with { Failure = MachineHost.NonRetryable });
        var result = _host.Backup(
            _host.Plan with
            {
                Jobs = [new BackupJob { Source = _host.Folder("E/old01"), Targets = [_host.Target] }],
            }
        );
        Assert.Equal(RunOutcome.CompleteWithWarnings, result.Outcome);
        Assert.Equal("old01", Assert.Single(_host.Set("SetA").Jobs).Folder);
    }

    [Theory]
    [InlineData("gone01")]
    [InlineData("mail*")]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    public void A_machine_of_the_plan_that_the_host_has_not(string word)
    {
        var plan = _host.Plan with { VirtualMachines = ["web01", word, "db01"] };
        var result = _host.Backup(plan);
        Assert.Equal((RunOutcome.CompleteWithWarnings, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(
            [("db01", true), ("web01", true)],
            result.Machines.Select(machine => (machine.Name, machine.IsBackedUp))
        );
        Assert.Contains(
            "'" + word + "'. Here the Hyper-V writer offers db01, old01, web01",
            Assert.Single(result.Warnings),
            StringComparison.Ordinal
        );
        var check = _host.Check(plan);
        Assert.True(check.IsValid);
        Assert.Contains(check.Warnings, warning => warning.Contains("'" + word + "'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_copy_of_a_machine_that_is_gone_from_the_host_stays_in_the_sets_as_long_as_the_plan_names_it()
    {
        var plan = _host.Plan with { VirtualMachines = ["web01", "db01", "old01"] };
        _host.Backup(plan);
        _host.Backup(plan);
        _host.Machines(_host.Vss.Web, _host.Vss.Database);
        for (var i = 0; i < 3; i++)
        {
            var result = _host.Backup(plan);
            Assert.Equal(RunOutcome.CompleteWithWarnings, result.Outcome);
            Assert.Contains(
                result.Warnings,
                warning =>
                    warning.Contains("The older copy of the virtual machine old01", StringComparison.Ordinal)
                    && warning.Contains("stays", StringComparison.Ordinal)
            );
            Assert.NotEqual(Guid.Empty, _host.Set(result.Set).Jobs.Single(job => job.Machine == "old01").KeptFrom);
            Assert.Empty(_host.Verify(result.Set).Damages.Select(damage => damage.Failure.Message));
        }

        Assert.Equal(0, _host.Restore("SetA", "old01", "back").ExitCode);
    }

    [Fact]
    public void Where_none_of_them_can_be_backed_up_the_run_fails_and_writes_no_set()
    {
        _host.Machines(FakeMachine.At("far01", "/nowhere/far01"), FakeMachine.At("far02", "/nowhere/far02"));
        var result = _host.Backup();
        Assert.Equal((RunOutcome.Failed, 2), (result.Outcome, result.Failures.Count));
        Assert.Empty(SetCatalogue.List(FileSystems.Current, _host.Target));
    }

    [Fact]
    public void A_check_says_which_would_be_left_out_and_why()
    {
        _host.Vss.Host.Machines.Add(FakeMachine.At("far01", "/nowhere/share/far01"));
        _host.Vss.Host.Machines.Add(FakeMachine.At("moved01", _host.Folder("F/moved01")));
        var check = _host.Check();
        Assert.True(check.IsValid, string.Join("; ", check.Problems));
        Assert.Equal(["vm:db01", "vm:old01", "vm:web01"], check.Sources.Select(source => source.Source));
        foreach (var name in new[] { "far01", "moved01" })
            Assert.Contains(
                check.Warnings,
                warning =>
                    warning.StartsWith(
                        "The virtual machine " + name + " would NOT be backed up",
                        StringComparison.Ordinal
                    )
            );
    }

    // Twice, so that both sets are written with it there.
    private RunResult AssertAlone(string machine, string why)
    {
        RunResult? result = null;
        for (var i = 0; i < 2; i++)
        {
            result = _host.Backup();
            Assert.Equal((RunOutcome.CompleteWithWarnings, 3), (result.Outcome, result.ExitCode));
            Assert.Equal([machine], result.Machines.Where(one => !one.IsBackedUp).Select(one => one.Name));
            Assert.Contains(
                why,
                result.Machines.Single(one => one.Name == machine).Failure!.Message,
                StringComparison.OrdinalIgnoreCase
            );
            Assert.Contains(
                result.Warnings,
                warning => warning.Contains(machine + " was NOT backed up", StringComparison.Ordinal)
            );
            Assert.Equal(SetCondition.Complete, _host.Set(result.Set).State);
            Assert.Empty(_host.Verify(result.Set).Damages.Select(damage => damage.Failure.Message));
        }

        return result!;
    }
}
