using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>One folder of a set that a run writes: a copy of a folder of the plan, or of a virtual machine.</summary>
internal sealed record RunJob
{
    /// <summary>Its name in the set.</summary>
    public required string Folder { get; init; }

    /// <summary>The live folder, or "vm:" and the machine's name.</summary>
    public required string Source { get; init; }

    /// <summary>The targets that get a copy.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Which files.</summary>
    public GlobFilter Filter { get; init; } = GlobFilter.All;

    /// <summary>The virtual machine; null for a folder of the plan.</summary>
    public HyperVMachine? Machine { get; init; }

    /// <summary>
    /// Why this virtual machine cannot be copied, known before anything is tried; null: nothing speaks against it.
    /// </summary>
    public Failure? Refused { get; init; }

    /// <summary>A live folder that it reads, to tell which disk it keeps busy.</summary>
    public required string OnDisk { get; init; }

    /// <summary>The jobs of a plan for folders.</summary>
    public static IEnumerable<RunJob> OfFolders(BackupPlan plan) =>
        plan.Jobs.Select(job => new RunJob
        {
            Folder = job.FolderName,
            Source = job.Source,
            Targets = job.Targets,
            Filter = job.Filter,
            OnDisk = job.Source,
        });

    /// <summary>
    /// The jobs of a plan for virtual machines, one folder each; <see cref="MachineFolders"/> gives those that sets
    /// know already the folders that they have there.
    /// </summary>
    public static IEnumerable<RunJob> OfMachines(BackupPlan plan, IReadOnlyList<HyperVMachine> machines)
    {
        var taken = new HashSet<string>(plan.Jobs.Select(job => job.FolderName), StringComparer.OrdinalIgnoreCase);
        foreach (var machine in machines)
        {
            var targets = TargetsFor(machine, plan.VirtualMachineTargets);
            yield return new RunJob
            {
                Folder = MachineFolders.NamesOf(machine).First(taken.Add),
                Source = "vm:" + machine.Name,
                Targets = targets.Count > 0 ? targets : plan.VirtualMachineTargets,
                Machine = machine,
                Refused = targets.Count > 0 ? null : LiesOnTarget(machine, plan.VirtualMachineTargets),
                OnDisk = machine.Files.Select(file => file.Path).FirstOrDefault() ?? "",
            };
        }
    }

    // Every target that holds none of its files; if it has files on all of them, every target, so that whichever dies
    // another holds it whole. None: it lies on its only target.
    private static IReadOnlyList<string> TargetsFor(HyperVMachine machine, IReadOnlyList<string> targets)
    {
        var apart = targets
            .Where(target => !machine.Files.Any(file => PathOf.TryRelative(target, file.Path, out _)))
            .ToList();
        return apart.Count > 0 || targets.Count < 2 ? apart : targets;
    }

    private static Failure LiesOnTarget(HyperVMachine machine, IReadOnlyList<string> targets) =>
        new(
            FailureKind.BadPlan,
            machine.Name,
            "copy the virtual machine to " + string.Join(", ", targets),
            "its files lie there; whatever destroys the one takes the other"
        );
}
