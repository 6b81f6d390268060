using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Plans;

namespace HyperVBackup.Sets;

/// <summary>
/// Whose sets are these? Two plans, or two hosts on one share, that took each other's sets for their own would
/// overwrite each other's only copies. A name that somebody gave to a plan
/// owns the sets of that name. A name that nobody gave (of ad-hoc backups, or a plan's file) is one that others have
/// as well: with it a set must hold nothing but what the plan backs up.
/// </summary>
internal static class SetOwnership
{
    /// <summary>
    /// Why the sets of a target that the plan would write to, now or when it is their turn, may not be: each that is
    /// another plan's or another host's, the one that would be written first. None when the plan takes them over.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="target">The target.</param>
    /// <param name="found">The sets found there.</param>
    /// <param name="host">This host.</param>
    /// <param name="written">The set that would be written there; null when that is not known.</param>
    public static IEnumerable<Failure> Refusals(
        BackupPlan plan,
        string target,
        IReadOnlyList<SetInfo> found,
        string host,
        string? written
    ) =>
        plan.TakeOver
            ? Array.Empty<Failure>()
            : Foreign(plan, found, host)
                .OrderByDescending(item => string.Equals(item.Set.Set, written, StringComparison.OrdinalIgnoreCase))
                .Select(item => Refusal(target, item.Set, item.Why, written));

    /// <summary>
    /// The sets among those of a target that the plan would write to and that are not its own, each with why.
    /// </summary>
    public static IEnumerable<(SetInfo Set, string Why)> Foreign(
        BackupPlan plan,
        IReadOnlyList<SetInfo> found,
        string host
    )
    {
        foreach (var set in found)
        {
            if (plan.Keep != null || !plan.Mine(set.Set) || SaidBy(set) is not { } said)
                continue;
            if (!IsOf(said, host))
                yield return (set, "it was written by the host " + said.Host);
            else if (!IsOwn(plan, said))
                yield return (
                    set,
                    "it belongs to the plan '"
                        + said.Plan
                        + "' of "
                        + Briefly(said.Jobs.Select(job => job.Source).ToList())
                );
        }
    }

    // It names the set that would be written, and the one that keeps it from being.
    private static Failure Refusal(string target, SetInfo set, string why, string? written)
    {
        const string operation = "write this set";
        return written == null || string.Equals(written, set.Set, StringComparison.OrdinalIgnoreCase)
            ? new Failure(FailureKind.ForeignSet, set.Path, operation, why)
            : new Failure(
                FailureKind.ForeignSet,
                SetLayout.SetFolder(target, written),
                operation,
                "of " + PathOf.Leaf(set.Path) + ", with which it takes turns: " + why
            );
    }

    /// <summary>
    /// Whether a set that is named by its time is the plan's, so that it may be removed when it need not be kept.
    /// Stricter than <see cref="Refusals"/>: with a name that nobody gave,
    /// it must hold just the plan's folders and machines.
    /// </summary>
    public static bool Owns(BackupPlan plan, SetInfo set, string host)
    {
        if (SaidBy(set) is not { } said || !plan.TakeOver && !IsOf(said, host))
            return false;
        var isGiven = HasOwner(plan);
        if (said.Plan != plan.Name && (isGiven || said.Plan != BackupPlan.DefaultName))
            return false;
        if (isGiven)
            return true;
        var jobs = plan.Jobs.Where(job => job.Targets.Contains(set.Target, PathOf.Comparer)).ToList();
        return Covers(plan, said.Jobs) && jobs.All(job => said.Jobs.Any(known => IsCopyOf(known, job)));
    }

    /// <summary>
    /// The plan with the names of the sets that it writes, where it names none itself. It goes on with sets that are
    /// its own. Its own by name or content, but of another host (a computer that was renamed, or a share of several),
    /// are for people to decide on: those are chosen, for <see cref="Refusals"/> to refuse them, or
    /// <see cref="TakeOver"/> to take just them. Where the usual names are taken by backups of other folders on this
    /// host, and either these or the plan have a name that nobody gave, it gets SetC and SetD, and so on.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="found">For each target, the sets found there.</param>
    /// <param name="host">This host.</param>
    public static BackupPlan WithFreeNames(BackupPlan plan, IReadOnlyList<IReadOnlyList<SetInfo>> found, string host)
    {
        if (plan.Keep != null || !plan.Sets.SequenceEqual(BackupPlan.DefaultSets, StringComparer.OrdinalIgnoreCase))
            return plan;
        var all = found.SelectMany(sets => sets).ToList();
        var choices = SetNames.Pairs.Select(pair => plan with { Sets = pair }).ToList();
        bool Holds(BackupPlan choice, Func<SetState, bool> what) =>
            all.Any(set => choice.Mine(set.Set) && SaidBy(set) is { } said && what(said));
        bool HoldsForeign(BackupPlan choice) => found.Any(sets => Foreign(choice, sets, host).Any());

        var own = choices.Find(choice => !HoldsForeign(choice) && Holds(choice, said => IsOwn(plan, said)));
        var ofOtherHost = choices.Find(choice => Holds(choice, said => IsOwn(plan, said) && !IsOf(said, host)));
        if (plan.TakeOver)
            return ofOtherHost ?? own ?? plan;
        if ((own ?? ofOtherHost) is { } known)
            return known;
        // Of sets of another host, or of a plan with a name where this one has a name as well, people decide.
        if (!HoldsForeign(plan) || Holds(plan, said => !IsOf(said, host) || (HasOwner(plan) && HasOwner(said.Plan))))
            return plan;
        return choices.Find(choice => !all.Any(set => choice.Mine(set.Set))) ?? plan;
    }

    private static bool IsOf(SetState said, string host) =>
        string.Equals(said.Host, host, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Makes the sets that a plan takes over its own, all at once and durably, so that it need not be said again for
    /// the next of them.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="found">The sets of a target.</param>
    /// <param name="host">This host.</param>
    /// <returns>Their folders.</returns>
    /// <exception cref="BackupException">A set.json cannot be written.</exception>
    public static IReadOnlyList<string> TakeOver(
        IFileSystem files,
        BackupPlan plan,
        IReadOnlyList<SetInfo> found,
        string host
    )
    {
        if (!plan.TakeOver)
            return Array.Empty<string>();
        var taken =
            plan.Keep == null
                ? Foreign(plan, found, host).Select(item => item.Set).ToList()
                : found
                    .Where(set =>
                        SetNames.IsOfTime(set.Set)
                        && Owns(plan, set, host)
                        && !string.Equals(set.Host, host, StringComparison.OrdinalIgnoreCase)
                    )
                    .ToList();
        taken.RemoveAll(set => set.Content == null);
        foreach (var set in taken)
            SetStateFile.Write(files, set.Path, set.Content! with { Plan = plan.Name, Host = host });
        return taken.ConvertAll(set => set.Path);
    }

    /// <summary>Names that those have who gave none: ad-hoc backups, and plans that came without a file.</summary>
    private static bool HasOwner(string plan) =>
        plan is not (AdHocPlan.Name or HostPlan.Name or BackupPlan.DefaultName);

    private static bool HasOwner(BackupPlan plan) => !plan.IsUnnamed && HasOwner(plan.Name);

    private static bool IsOwn(BackupPlan plan, SetState said)
    {
        if (HasOwner(plan) && said.Plan == plan.Name)
            return true;
        return (said.Plan == plan.Name || !HasOwner(said.Plan)) && Covers(plan, said.Jobs);
    }

    // What a plan would write over, it must have a copy of as well.
    private static bool Covers(BackupPlan plan, IReadOnlyList<SetJob> jobs)
    {
        var machines = plan
            .VirtualMachines.Select(word => MachineChoice.Matcher(word, jobs.Select(job => job.Machine)))
            .ToList();
        return jobs.All(known => plan.Jobs.Any(job => IsCopyOf(known, job)) || machines.Any(means => means(known)));
    }

    private static bool IsCopyOf(SetJob known, BackupJob job) =>
        known.MachineId.Length == 0 && string.Equals(known.Source, job.Source, PathOf.Comparison);

    private static SetState? SaidBy(SetInfo set) => set.Content ?? set.Doubted;

    private static string Briefly(IReadOnlyList<string> sources) =>
        sources.Count <= 4
            ? string.Join(", ", sources)
            : string.Join(", ", sources.Take(3)) + " and " + (sources.Count - 3) + " more";
}
