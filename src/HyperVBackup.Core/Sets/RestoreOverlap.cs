using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets;

/// <summary>
/// Several sets that are to be restored to one place: of two runs that hold one folder, the older would come over the
/// newer, or the other way round.
/// </summary>
internal static class RestoreOverlap
{
    /// <summary>
    /// Why they cannot all be restored to one folder; null when each brings folders of its own, or they are parts of
    /// one run.
    /// </summary>
    /// <param name="sets">The sets.</param>
    /// <param name="machines">The virtual machines that are asked for; none: everything.</param>
    /// <param name="destination">The folder.</param>
    public static Failure? Of(IReadOnlyList<SetInfo> sets, IReadOnlyList<string> machines, string destination)
    {
        var first = new Dictionary<string, SetInfo>(StringComparer.OrdinalIgnoreCase);
        foreach (var set in sets)
        {
            foreach (var folder in MachineChoice.Of(set, machines).Select(job => job.Folder))
            {
                if (!first.TryGetValue(folder, out var other))
                    first[folder] = set;
                else if (other.RunId != set.RunId)
                {
                    return new Failure(
                        FailureKind.BadPlan,
                        destination,
                        "restore " + sets.Count + " sets to it",
                        set.Path + " and " + other.Path + " are of two runs, and both hold the folder '" + folder + "'"
                    )
                    {
                        Advice = "Restore one of them, or each to a folder of its own. Nothing was restored.",
                    };
                }
            }
        }

        return null;
    }
}
