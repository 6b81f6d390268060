using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Plans;

namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// Where a plan names what a run knows by its path behind links: so that a problem can be told of the place where it
/// is to be corrected.
/// </summary>
internal sealed class PlanProperties
{
    /// <summary>The property of the words for virtual machines.</summary>
    public const string Machines = "virtualMachines";

    /// <summary>The property of their targets.</summary>
    public const string MachineTargets = "virtualMachineTargets";

    private readonly IReadOnlyList<int> _places;
    private readonly Dictionary<string, string> _targets = new(PathOf.Comparer);

    /// <summary>The properties of a plan.</summary>
    /// <param name="resolved">The plan, with links resolved.</param>
    /// <param name="places">For each of its jobs, the place that it has among those of the plan as it was
    /// written.</param>
    public PlanProperties(BackupPlan resolved, IReadOnlyList<int> places)
    {
        _places = places;
        for (var i = 0; i < resolved.Jobs.Count; i++)
            Name(resolved.Jobs[i].Targets, Job(places[i]) + ".targets");
        Name(resolved.VirtualMachineTargets, MachineTargets);
    }

    /// <summary>The properties of a plan of which every job is in order.</summary>
    public static PlanProperties Of(BackupPlan resolved) =>
        new(resolved, Enumerable.Range(0, resolved.Jobs.Count).ToArray());

    /// <summary>The property of a job of folders.</summary>
    /// <param name="place">Its place in the plan as it was written.</param>
    public static string Job(int place) => "jobs" + Indexed(place);

    /// <summary>The property that names a target first.</summary>
    public string OfTarget(string target) => _targets[target];

    /// <summary>The property that names what a job copies.</summary>
    /// <param name="job">The job.</param>
    /// <param name="index">Its place among those of the run; jobs of folders come first there.</param>
    public string OfSource(RunJob job, int index) => job.Machine == null ? Job(_places[index]) + ".source" : Machines;

    private void Name(IReadOnlyList<string> targets, string property)
    {
        for (var i = 0; i < targets.Count; i++)
            if (!_targets.ContainsKey(targets[i]))
                _targets.Add(targets[i], property + Indexed(i));
    }

    private static string Indexed(int index) => "[" + index.ToString(CultureInfo.InvariantCulture) + "]";
}
