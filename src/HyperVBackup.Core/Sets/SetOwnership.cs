using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;

namespace HyperVBackup.Sets;

/// <summary>
/// Whose sets are these? Two plans, or two hosts on one share, that took each other's sets for their own would overwrite each other's only copies.
/// </summary>
internal static class SetOwnership
{
    /// <summary>Refuses the sets of a target that the plan would write to if they are another plan's or another host's.</summary>
    /// <exception cref="BackupException">A set is foreign.</exception>
    public static void Require(BackupPlan plan, string target, IReadOnlyList<SetInfo> found, string host)
    {
        if (!plan.TakeOver && Foreign(plan, found, host).FirstOrDefault() is { Set: not null } foreign) throw new BackupException(Refusal(foreign.Set, foreign.Why));
    }

    /// <summary>The sets among those of a target that the plan would write to and that are not its own, each with why.</summary>
    public static IEnumerable<(SetInfo Set, string Why)> Foreign(BackupPlan plan, IReadOnlyList<SetInfo> found, string host)
    {
        foreach (var set in found)
        {
            if (set.Content == null || plan.Keep != null || !plan.Mine(set.Set)) continue;
            var isOwn = HasOwner(plan.Name) && set.Plan == plan.Name;
            if (!string.Equals(set.Host, host, StringComparison.OrdinalIgnoreCase)) yield return (set, "it was written by the host " + set.Host);
            else if (!isOwn && (HasOwner(set.Plan) || !SharesAJob(plan, set))) yield return (set, "it belongs to the plan '" + set.Plan + "' of " + string.Join(", ", set.Jobs.Select(job => job.Source)));
        }
    }

    /// <summary>The failure to report for such a set.</summary>
    public static Failure Refusal(SetInfo set, string why) => new(FailureKind.ForeignSet, set.Path, "write this set", why);

    /// <summary>
    /// Whether a set that is named by its time is the plan's, so that it may be removed when it need not be kept. Stricter than <see cref="Require"/>: with ad-hoc backups,
    /// which all have one name, it must hold just their folders.
    /// </summary>
    public static bool Owns(BackupPlan plan, SetInfo set, string host)
    {
        if (set.Content == null || !string.Equals(set.Host, host, StringComparison.OrdinalIgnoreCase) || set.Plan != plan.Name) return false;
        if (plan.Name != AdHocPlan.Name) return true;
        var sources = plan.Jobs.Where(job => job.Targets.Contains(set.Target, PathOf.Comparer)).Select(job => job.Source).ToList();
        return set.Jobs.Count == sources.Count && set.Jobs.All(job => sources.Contains(job.Source, PathOf.Comparer));
    }

    // Backups without a plan have a name that all of them have: such a set is anybody's who backs up at least one of its folders or machines, a plan made later among them.
    private static bool HasOwner(string plan) => plan is not (AdHocPlan.Name or HostPlan.Name);

    private static bool SharesAJob(BackupPlan plan, SetInfo set) =>
        set.Jobs.Count == 0 || plan.Jobs.Any(job => set.Jobs.Any(known => string.Equals(known.Source, job.Source, PathOf.Comparison)))
        || plan.VirtualMachines.Any(word => set.Jobs.Any(MachineChoice.Matcher(word)));
}
