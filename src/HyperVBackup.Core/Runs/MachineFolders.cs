using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// Which folder of a set a virtual machine gets. A folder stays with the machine that it was made for, told by the
/// machine's id: names change, and two machines may have one. So a machine
/// that was renamed keeps its folder, and none is ever written over the copy of another.
/// </summary>
internal static class MachineFolders
{
    /// <summary>What a machine's folder would be called by its name, best first. The last is its alone.</summary>
    public static IEnumerable<string> NamesOf(HyperVMachine machine)
    {
        var name = FolderNames.From(machine.Name);
        yield return name;
        yield return name + "-" + machine.Id.ToString("N").Substring(0, 8);
        yield return "vm-" + machine.Id.ToString("D");
    }

    /// <summary>The jobs with the folders that their machines have in the sets already.</summary>
    /// <param name="jobs">The jobs of a run.</param>
    /// <param name="found">For each target, the sets found there.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="choice">What is written, and what is kept.</param>
    public static IReadOnlyList<RunJob> Settle(
        IReadOnlyList<RunJob> jobs,
        IEnumerable<IReadOnlyList<SetInfo>> found,
        BackupPlan plan,
        SetTurn choice
    )
    {
        if (jobs.All(job => job.Machine == null))
            return jobs;
        // The set that is written first: in it the folders lie. Then the newest good one, whose blocks are shared.
        var sets = found
            .SelectMany(there => there)
            .Where(set =>
                set.Content != null
                && (plan.Keep != null ? SetNames.IsOfTime(set.Set) && set.Plan == plan.Name : plan.Mine(set.Set))
            )
            .OrderByDescending(set => IsWritten(set, choice))
            .ThenByDescending(set => Is(set, choice.KeptOn(set.Target)))
            .ThenByDescending(set => set.Sequence)
            .ToList();
        var owners = sets.Where(set => IsWritten(set, choice))
            .SelectMany(Known)
            .ToLookup(known => known.Folder, known => known.MachineId, StringComparer.OrdinalIgnoreCase);
        var taken = new HashSet<string>(
            jobs.Where(job => job.Machine == null).Select(job => job.Folder),
            StringComparer.OrdinalIgnoreCase
        );
        var folders = new Dictionary<Guid, string>();
        var machines = jobs.Select(job => job.Machine).OfType<HyperVMachine>().ToList();

        bool TryTake(HyperVMachine machine, string folder)
        {
            var id = machine.Id.ToString("D");
            if (
                owners[folder].Any(owner => !string.Equals(owner, id, StringComparison.OrdinalIgnoreCase))
                || !taken.Add(folder)
            )
                return false;
            folders.Add(machine.Id, folder);
            return true;
        }

        // Machines that have a folder before those that want one: a new machine is not to take an old one's.
        foreach (var machine in machines)
            _ = sets.SelectMany(Known)
                .Where(known => Guid.TryParse(known.MachineId, out var id) && id == machine.Id)
                .Any(known => TryTake(machine, known.Folder));
        foreach (var machine in machines.Where(machine => !folders.ContainsKey(machine.Id)))
            _ = NamesOf(machine).Any(folder => TryTake(machine, folder));
        return jobs.Select(job =>
                job.Machine != null && folders.TryGetValue(job.Machine.Id, out var folder)
                    ? job with
                    {
                        Folder = folder,
                    }
                    : job
            )
            .ToList();
    }

    private static IEnumerable<(string Folder, string MachineId)> Known(SetInfo set) =>
        set
            .Jobs.Where(job => job.IsOfMachine)
            .Select(job => (job.Folder, job.MachineId))
            .Concat(set.Content!.AbandonedMachines.Select(machine => (machine.Key, machine.Value)));

    private static bool IsWritten(SetInfo set, SetTurn choice) =>
        Is(set, choice.SetOn(set.Target))
        || choice.Adopts.Any(adopted => PathOf.Comparer.Equals(adopted.Path, set.Path));

    private static bool Is(SetInfo set, string? name) =>
        string.Equals(set.Set, name, StringComparison.OrdinalIgnoreCase);
}
