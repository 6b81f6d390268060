using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>The plan of a host, from what its Hyper-V writer offers.</summary>
public sealed class HostPlanTests
{
    private static readonly string Root = PathOf.IsWindows ? @"C:\host" : "/host";
    private static readonly string C = PathOf.Join(Root, "C"),
        D = PathOf.Join(Root, "D"),
        E = PathOf.Join(Root, "E"),
        F = PathOf.Join(Root, "F");
    private static readonly string Configuration = PathOf.Join(C, "ProgramData/Hyper-V");

    [Fact]
    public void The_disks_that_hold_virtual_disks_get_each_others_machines_and_all_of_them_the_configuration()
    {
        var plan = HostPlan.Build([Machine("web", D), Machine("db", D, E), Machine("mail", E)], [], Configuration);
        Assert.Equal("virtual-machines", plan.Name);
        Assert.Equal(["*"], plan.VirtualMachines);
        Assert.Equal([D, E], plan.VirtualMachineTargets);
        var job = Assert.Single(plan.Jobs);
        Assert.Equal((Configuration, "CFG"), (job.Source, job.FolderName));
        Assert.Equal(["*.vmcx", "*.vmrs", "*.vmgs", "*.xml"], job.Include);
        Assert.Equal([D, E], job.Targets);
    }

    [Fact]
    public void Targets_that_are_named_are_taken_instead_and_never_get_the_configuration_they_hold()
    {
        var plan = HostPlan.Build([Machine("web", D)], [F, C], Configuration);
        Assert.Equal([F, C], plan.VirtualMachineTargets);
        Assert.Equal([F], Assert.Single(plan.Jobs).Targets);
        Assert.Empty(HostPlan.Build([Machine("web", D)], [F], null).Jobs);
    }

    [Fact]
    public void A_volume_mounted_in_a_folder_is_not_the_volume_around_it()
    {
        var mounted = PathOf.Join(D, "mount/data");
        var plan = HostPlan.Build(
            [Machine("web", mounted) with { Volumes = [C, D, mounted] }, Machine("db", E)],
            [],
            null
        );
        Assert.Equal([mounted, E], plan.VirtualMachineTargets);
    }

    [Fact]
    public void Where_all_machines_lie_on_one_disk_another_must_be_named()
    {
        var failure = Assert
            .Throws<BackupException>(() => HostPlan.Build([Machine("web", D), Machine("db", D)], [], Configuration))
            .Failure;
        Assert.Equal(
            (
                FailureKind.BadPlan,
                "all virtual machines lie on " + D,
                "Name the disk that gets the copies with -Destination."
            ),
            (failure.Kind, failure.Cause, failure.Advice)
        );
        Assert.Equal(
            FailureKind.VirtualMachine,
            Assert.Throws<BackupException>(() => HostPlan.Build([], [], null)).Failure.Kind
        );
    }

    // Its configuration on C, its disks on the volumes named.
    private static HyperVMachine Machine(string name, params string[] volumes) =>
        new()
        {
            Id = Guid.NewGuid(),
            Name = name,
            Capture = MachineCapture.Online,
            Volumes = [C, .. volumes],
            Files = new List<MachineFile> { new(Configuration, name + ".vmcx", false) }
                .Concat(volumes.Select(volume => new MachineFile(PathOf.Join(volume, "VHD"), name + ".vhdx", false)))
                .ToList(),
        };
}
