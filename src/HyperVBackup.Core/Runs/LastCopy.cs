using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs;

/// <summary>The copy of a job in the newest complete set that a target keeps.</summary>
/// <param name="Job">What the set says of it.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Set">The set's name.</param>
/// <param name="Target">The target.</param>
/// <param name="IsBesideUnfinished">Whether the target has a set that no run has finished.</param>
internal sealed record LastCopy(SetJob Job, string Folder, string Set, string Target, bool IsBesideUnfinished)
{
    /// <summary>
    /// Finds them, at most one for each target: where targets take turns, they need not be of one run.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="found">The sets of its targets.</param>
    /// <param name="keptOn">The newest complete set that a target keeps; null when it has none.</param>
    public static IReadOnlyList<LastCopy> Of(RunJob job, IReadOnlyList<SetInfo> found, Func<string, string?> keptOn) =>
        found
            .Where(set =>
                string.Equals(set.Set, keptOn(set.Target), StringComparison.OrdinalIgnoreCase)
                && set.State == SetCondition.Complete
                && job.Targets.Contains(set.Target, PathOf.Comparer)
            )
            .SelectMany(set =>
                set.Jobs.Where(known => string.Equals(known.Folder, job.Folder, StringComparison.OrdinalIgnoreCase))
                    .Select(known => new LastCopy(
                        known,
                        PathOf.Join(set.Path, known.Folder),
                        set.Set,
                        set.Target,
                        found.Any(other =>
                            other.State != SetCondition.Complete && PathOf.Comparer.Equals(other.Target, set.Target)
                        )
                    ))
            )
            .ToList();
}
