using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// Virtual machines on three volumes, captured through a model of VSS whose shadow copies are folders: a whole backup,
/// from the writer's components to the set.
/// </summary>
public sealed class MachineBackupTests : IDisposable
{
    private const int NonRetryable = unchecked((int)0x800423F4);
    private readonly TempFolder _folder = new();
    private readonly VssFixture _vss;
    private readonly string _target;

    public MachineBackupTests()
    {
        Platform.NeedsPosix();
        _vss = VssFixture.OnFolders(_folder);
        _target = Path.Combine(_folder, "F");
        Directory.CreateDirectory(_target);
    }

    private BackupPlan Plan =>
        new()
        {
            Name = "machines",
            VirtualMachines = ["*"],
            VirtualMachineTargets = [_target],
        };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_machine_becomes_one_folder_with_all_its_files_from_all_its_volumes()
    {
        var result = Backup(Plan with { VirtualMachines = ["db*"] });
        Assert.Empty(result.Failures);
        var set = Path.Combine(_target, "Backup-SetA", "db01");
        var files = Directory
            .GetFiles(set, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(set, path))
            .Order(StringComparer.Ordinal);
        var root = LivePlace.RelativeOf(_folder);
        Assert.Equal(
            [$"{root}/C/config/db01/db01.vmcx", $"{root}/D/db01/db01.vhdx", $"{root}/E/db01/db01.vhdx"],
            files
        );
        Assert.Equal(Consistency.Application, result.Consistency);
        var machine = Assert.Single(result.Machines);
        Assert.Equal(
            ("db01", true, 3L, "Stable"),
            (machine.Name, machine.IsBackedUp, machine.Files, machine.WriterState)
        );
        var stored = Directory
            .GetFiles(Path.Combine(_target, "Backup-SetA", ".hvbackup"))
            .Select(Path.GetFileName)
            .ToList();
        Assert.Contains("backup-components.xml", stored);
        Assert.Contains(stored, name => name!.StartsWith("writer-", StringComparison.Ordinal));
        AssertNothingLeft();
    }

    [Fact]
    public void A_machine_that_is_paused_for_the_capture_is_named_and_left_out_where_that_is_asked_for()
    {
        var warned = Backup(Plan);
        Assert.Equal(3, warned.ExitCode);
        Assert.Contains(warned.Warnings, warning => warning.Contains("old01", StringComparison.Ordinal));
        Assert.All(warned.Machines, machine => Assert.True(machine.IsBackedUp));
        var refused = Backup(Plan with { OnlineOnly = true });
        Assert.Equal(RunOutcome.CompleteWithWarnings, refused.Outcome);
        Assert.Equal(
            [("db01", true), ("old01", false), ("web01", true)],
            refused.Machines.Select(machine => (machine.Name, machine.IsBackedUp))
        );
        Assert.Contains(
            refused.Warnings,
            warning =>
                warning.Contains("old01 was NOT backed up", StringComparison.Ordinal)
                && warning.Contains("would be paused", StringComparison.Ordinal)
        );
        // Where it is the only one there is nothing to leave it out of.
        var alone = Backup(Plan with { OnlineOnly = true, VirtualMachines = ["old01"] });
        Assert.Equal(RunOutcome.Failed, alone.Outcome);
        Assert.Contains("old01", alone.Failures[0].Message, StringComparison.Ordinal);
        Assert.Equal(SetCondition.Complete, SetCatalogue.Find(FileSystems.Current, _target, "SetB")!.State);
        AssertNothingLeft();
    }

    [Fact]
    public void Backups_of_different_machines_without_a_plan_do_not_write_over_each_other()
    {
        var unnamed = Plan with { Name = HostPlan.Name };
        Assert.Equal(RunOutcome.Complete, Backup(unnamed with { VirtualMachines = ["db01"] }).Outcome);
        var other = Backup(unnamed with { VirtualMachines = ["web*"] });
        Assert.Equal((RunOutcome.Complete, "SetC"), (other.Outcome, other.Set));
        Assert.Equal("db01", Assert.Single(SetCatalogue.Find(FileSystems.Current, _target, "SetA")!.Jobs).Machine);
        // With all machines of the set it is the same backup, of more machines.
        var more = Backup(unnamed with { VirtualMachines = ["db*", "web01"] });
        Assert.Equal((RunOutcome.Complete, "SetB"), (more.Outcome, more.Set));
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("web01", "web01")]
    [InlineData("WEB*", "web01")]
    [InlineData("?b01", "db01")]
    [InlineData("*01", "db01 old01 web01")]
    public void Machines_are_restored_by_name(string word, string restored)
    {
        Backup(Plan);
        var report = Restore([word]);
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(restored.Split(' '), report.Machines.Order(StringComparer.Ordinal));
        Assert.Equal(
            restored.Split(' '),
            Directory
                .GetDirectories(Path.Combine(_folder, "back"))
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void By_id_and_only_some_of_their_files_too()
    {
        Backup(Plan);
        var id = SetCatalogue
            .Choose(FileSystems.Current, _target, null)
            .Jobs.Single(job => job.Machine == "db01")
            .MachineId;
        Assert.Equal(["db01"], Restore(["{" + id.ToUpperInvariant() + "}"], "*.vmcx").Machines);
        Assert.Equal(
            ["db01.vmcx"],
            Directory.GetFiles(Path.Combine(_folder, "back"), "*", SearchOption.AllDirectories).Select(Path.GetFileName)
        );
        Assert.Contains(
            "among the files of db01",
            Assert.Throws<BackupException>(() => Restore(["db01"], "web01*")).Failure.Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_machine_that_the_set_does_not_have_is_answered_with_those_it_has_and_nothing_is_restored()
    {
        Backup(Plan);
        var failure = Assert.Throws<BackupException>(() => Restore(["web01", "mail*"])).Failure;
        Assert.Equal(
            (FailureKind.VirtualMachine, "restore the virtual machine 'mail*'"),
            (failure.Kind, failure.Operation)
        );
        foreach (var name in new[] { "db01", "old01", "web01" })
            Assert.Contains(name + " (", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("Name one of these", failure.Advice, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "back")));
    }

    private RestoreReport Restore(string[] machines, params string[] paths) =>
        SetRestorer.Restore(
            FileSystems.Current,
            new RestoreRequest
            {
                Set = SetCatalogue.Choose(FileSystems.Current, _target, null),
                Destination = Path.Combine(_folder, "back"),
                Machines = machines,
                Paths = paths,
            },
            new MirrorProgress(),
            CancellationToken.None
        );

    [Fact]
    public void A_machine_that_spoils_the_common_set_is_left_out_and_its_older_copy_kept()
    {
        Backup(Plan);
        Backup(Plan);
        var old = File.ReadAllText(Copy("SetA", "db01", "E/db01/db01.vhdx"));
        Fail("db01");
        File.WriteAllText(Path.Combine(_folder, "D", "web01", "web01.vhdx"), "newer");

        var result = Backup(Plan);

        Assert.Equal((RunOutcome.CompleteWithWarnings, "SetA"), (result.Outcome, result.Set));
        Assert.Equal(
            [("db01", false), ("old01", true), ("web01", true)],
            result.Machines.Select(machine => (machine.Name, machine.IsBackedUp))
        );
        Assert.Equal(FailureKind.WriterFailed, result.Machines[0].Failure!.Kind);
        Assert.Contains(
            result.Warnings,
            warning =>
                warning.Contains("db01 was NOT backed up", StringComparison.Ordinal)
                && warning.Contains("older copy", StringComparison.Ordinal)
        );
        Assert.Equal("newer", File.ReadAllText(Copy("SetA", "web01", "D/web01/web01.vhdx")));
        Assert.Equal(old, File.ReadAllText(Copy("SetA", "db01", "E/db01/db01.vhdx")));
        // The kept copy is known, verified and restored as what it is.
        var set = SetCatalogue.Choose(FileSystems.Current, _target, "SetA");
        Assert.NotEqual(Guid.Empty, set.Jobs.Single(job => job.Machine == "db01").KeptFrom);
        Assert.True(
            SetVerifier.Verify(FileSystems.Current, set, false, new MirrorProgress(), CancellationToken.None).IsGood
        );
        var restored = Restore(["db01"], "db01/**");
        Assert.Equal(0, restored.ExitCode);
        Assert.Contains("db01 is an older copy", Assert.Single(restored.Warnings), StringComparison.Ordinal);
        Assert.Empty(Restore(["web01"]).Warnings);

        // And it is kept from run to run, until the machine can be captured again.
        Backup(Plan);
        Assert.Equal(3, Backup(Plan).ExitCode);
        _vss.Host.Machines[1] = _vss.Database;
        var healed = Backup(Plan);
        Assert.All(healed.Machines, machine => Assert.True(machine.IsBackedUp));
        AssertNothingLeft();
    }

    [Fact]
    public void Where_separate_sets_are_refused_one_machine_fails_the_run()
    {
        Backup(Plan);
        Fail("db01");
        var result = Backup(Plan with { SeparateSets = SeparateSets.Never });
        Assert.Equal(RunOutcome.Failed, result.Outcome);
        Assert.All(result.Machines, machine => Assert.False(machine.IsBackedUp));
        Assert.Contains("0x800423F4", result.Failures[0].Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(SetCondition.Complete, SetCatalogue.Find(FileSystems.Current, _target, "SetA")!.State);
        AssertNothingLeft();
    }

    [Fact]
    public void With_separate_sets_every_machine_has_an_instant_of_its_own()
    {
        var result = Backup(Plan with { SeparateSets = SeparateSets.Always, Verify = true });
        Assert.Empty(result.Failures);
        Assert.Equal(3, result.Shadows.Select(shadow => shadow.SetId).Distinct().Count());
        Assert.All(result.Machines, machine => Assert.True(machine.IsBackedUp));
        AssertNothingLeft();
    }

    [Fact]
    public void Folders_are_read_from_the_shadow_copies_and_not_from_the_live_files()
    {
        var live = Path.Combine(_folder, "D", "web01", "web01.vhdx");
        var frozen = File.ReadAllText(live);
        var plan = new BackupPlan
        {
            Shadow = new ShadowOptions { Provider = "vss" },
            Jobs = [new BackupJob { Source = Path.Combine(_folder, "D", "web01"), Targets = [_target] }],
        };
        var result = BackupRun.Execute(
            plan,
            Context with
            {
                Story = word =>
                {
                    if (word.StartsWith("Made", StringComparison.Ordinal))
                        File.WriteAllText(live, "changed since");
                },
            },
            CancellationToken.None
        );
        Assert.Empty(result.Failures);
        Assert.Equal(frozen, File.ReadAllText(Path.Combine(_target, "Backup-SetA", "web01", "web01.vhdx")));
        AssertNothingLeft();
    }

    [Fact]
    public void A_machine_that_nobody_knows_is_named_with_those_there_are()
    {
        var failure = Assert.Single(Backup(Plan with { VirtualMachines = ["mail01", "mail*"] }).Failures);
        Assert.Equal(FailureKind.VirtualMachine, failure.Kind);
        Assert.Contains("'mail01', 'mail*'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("db01, old01, web01", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_preview_names_the_machines_and_how_they_would_be_captured()
    {
        var preview = RunPreview.Of(Plan, Context, false, CancellationToken.None);
        Assert.Equal(["db01", "old01", "web01"], preview.Machines.Select(machine => machine.Name));
        Assert.Equal(["vm:db01", "vm:old01", "vm:web01"], preview.Sources);
        Assert.Empty(Directory.GetFileSystemEntries(_target));
    }

    [Fact]
    public void A_check_names_the_machines_what_happens_to_them_and_the_room_they_need()
    {
        var check = PlanCheck.Of(Plan, Context, CancellationToken.None);
        Assert.True(check.IsValid, string.Join("; ", check.Problems));
        Assert.Equal(["db01", "old01", "web01"], check.Machines.Select(machine => machine.Name));
        Assert.Equal(["old01"], check.Paused);
        Assert.Contains(
            check.Warnings,
            warning =>
                warning.Contains("old01", StringComparison.Ordinal)
                && warning.Contains("paused", StringComparison.Ordinal)
        );
        Assert.Equal(
            [("vm:db01", 3L), ("vm:old01", 1L), ("vm:web01", 2L)],
            check.Sources.Select(source => (source.Source, source.Files))
        );
        Assert.True(Assert.Single(check.Targets).NeededBytes >= check.Sources.Sum(source => source.Bytes));
        Assert.Equal(("vss", Consistency.Application, "SetA"), (check.Provider, check.Consistency, check.Set));
        Assert.Empty(Directory.GetFileSystemEntries(_target));
        Assert.Equal(
            check.Machines.Select(machine => machine.Name),
            Backup(Plan).Machines.Select(machine => machine.Name)
        );
        AssertNothingLeft();
    }

    [Fact]
    public void A_check_says_what_a_run_would_refuse()
    {
        Assert.Contains(
            "would be paused",
            Assert
                .Single(
                    PlanCheck
                        .Of(
                            Plan with
                            {
                                OnlineOnly = true,
                                VirtualMachines = ["old01"],
                            },
                            Context,
                            CancellationToken.None
                        )
                        .Problems
                )
                .Message,
            StringComparison.Ordinal
        );
        var unknown = Assert.Single(
            PlanCheck.Of(Plan with { VirtualMachines = ["mail*"] }, Context, CancellationToken.None).Problems
        );
        Assert.Equal("virtualMachines", unknown.Property);
        Assert.Contains("db01, old01, web01", unknown.Message, StringComparison.Ordinal);
        var beside = PlanCheck.Of(
            Plan with
            {
                VirtualMachines = ["old01"],
                VirtualMachineTargets = [Path.Combine(_folder, "E")],
            },
            Context,
            CancellationToken.None
        );
        Assert.Equal("virtualMachineTargets", Assert.Single(beside.Problems).Property);
        AssertNothingLeft();
    }

    [Fact]
    public void A_check_of_folders_names_the_machines_in_them_that_would_be_captured_too()
    {
        var plan = new BackupPlan
        {
            Shadow = new ShadowOptions { Provider = "vss" },
            Jobs = [new BackupJob { Source = Path.Combine(_folder, "E"), Targets = [_target] }],
        };
        var check = PlanCheck.Of(plan, Context, CancellationToken.None);
        Assert.Equal(["old01"], check.Machines.Select(machine => machine.Name));
        Assert.Contains(
            check.Warnings,
            warning => warning.Contains("db01 is only partly in the folders", StringComparison.Ordinal)
        );
        AssertNothingLeft();
    }

    [Fact]
    public void The_plan_of_the_host_runs()
    {
        var configuration = Path.Combine(_folder, "C", "config");
        var plan = HostPlan.Build(_vss.Provider.ListMachines(), [_target], configuration);
        var result = Backup(plan);
        Assert.Empty(result.Failures);
        Assert.Equal(3, result.Machines.Count);
        Assert.True(File.Exists(Path.Combine(_target, "Backup-SetA", "CFG", "db01", "db01.vmcx")));
        AssertNothingLeft();
    }

    private RunContext Context =>
        new()
        {
            Files = FileSystems.Current,
            Clock = _vss.Clock,
            State = new StateFolder(Path.Combine(_folder, "state")),
            Journal = _vss.Journal,
            Providers = new ShadowProviders([_vss.Provider]),
            Host = "HV1",
        };

    private RunResult Backup(BackupPlan plan) => BackupRun.Execute(plan, Context, CancellationToken.None);

    private void Fail(string name)
    {
        var index = _vss.Host.Machines.FindIndex(machine => machine.Name == name);
        _vss.Host.Machines[index] = _vss.Host.Machines[index] with { Failure = NonRetryable };
    }

    private string Copy(string set, string machine, string path) =>
        Path.Combine(_target, "Backup-" + set, machine, LivePlace.RelativeOf(_folder), path);

    private void AssertNothingLeft()
    {
        Assert.Empty(_vss.Host.Leftovers());
        Assert.Empty(_vss.Journal.Entries());
    }
}
