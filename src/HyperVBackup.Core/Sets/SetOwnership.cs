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
            if (set.Content == null || !plan.Sets.Contains(set.Set, StringComparer.OrdinalIgnoreCase)) continue;
            var sameName = set.Plan == plan.Name && plan.Name != AdHocPlan.Name;
            if (!string.Equals(set.Host, host, StringComparison.OrdinalIgnoreCase)) yield return (set, "it was written by the host " + set.Host);
            else if (!sameName && !SharesAJob(plan, set)) yield return (set, "it belongs to the plan '" + set.Plan + "' of " + string.Join(", ", set.Jobs.Select(job => job.Source)));
        }
    }

    /// <summary>The failure to report for such a set.</summary>
    public static Failure Refusal(SetInfo set, string why) => new(FailureKind.ForeignSet, set.Path, "write this set", why);

    // Ad-hoc backups all have one name, and a plan may be renamed: theirs are also the sets that hold at least one of their folders.
    private static bool SharesAJob(BackupPlan plan, SetInfo set) =>
        set.Jobs.Count == 0 || plan.Jobs.Any(job => set.Jobs.Any(known => string.Equals(known.Source, job.Source, PathOf.Comparison)));
}
