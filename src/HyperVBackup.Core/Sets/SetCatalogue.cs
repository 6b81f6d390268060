using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>
/// The sets on a target, found by looking at it and nothing else: it must do when the host that wrote them is gone.
/// </summary>
public static class SetCatalogue
{
    /// <summary>All sets on a target, the newest first; those whose state is damaged or cannot be read last.</summary>
    /// <exception cref="BackupException">The target is not there, or cannot be read.</exception>
    public static IReadOnlyList<SetInfo> List(IFileSystem files, string target)
    {
        var real = files.Resolve(target);
        if (files.Find(real) is not { Kind: EntryKind.Folder })
            throw new BackupException(FailureKind.TargetMissing, target, "look for sets", "there is no such folder");
        return files
            .List(real)
            .Where(entry =>
                entry.Name.StartsWith(SetLayout.Prefix, StringComparison.OrdinalIgnoreCase)
                && entry.Kind is EntryKind.Folder or EntryKind.Link
            )
            .Select(entry => Look(files, target, PathOf.Join(real, entry.Name)))
            .OfType<SetInfo>()
            .OrderByDescending(set => set.Sequence)
            .ThenBy(set => set.Set, StringComparer.OrdinalIgnoreCase)
            .ToList();
    }

    /// <summary>One set on a target; null when the target has none of that name.</summary>
    public static SetInfo? Find(IFileSystem files, string target, string set) =>
        Look(files, target, SetLayout.SetFolder(files.Resolve(target), set));

    /// <summary>
    /// The set that counts most among those of a target, the newest first: the newest complete one, before those that
    /// were found damaged; null when none is complete.
    /// </summary>
    public static SetInfo? Newest(IReadOnlyList<SetInfo> sets) =>
        sets.FirstOrDefault(set => set.IsGood) ?? sets.FirstOrDefault(set => set.State == SetCondition.Complete);

    /// <summary>
    /// The newest partial set among those of a target, the newest first, before those that were found damaged; null
    /// when there is none.
    /// </summary>
    internal static SetInfo? NewestPartial(IReadOnlyList<SetInfo> sets) =>
        sets.FirstOrDefault(set => set.IsPartial && !set.FoundDamaged) ?? sets.FirstOrDefault(set => set.IsPartial);

    /// <summary>
    /// The set to restore or verify: the one named, or else the newest complete one, before those that were found
    /// damaged. Where none is complete, the newest partial one.
    /// </summary>
    /// <exception cref="BackupException">There is none, or the one named is not complete.</exception>
    public static SetInfo Choose(IFileSystem files, string target, string? set) =>
        Choose(List(files, target), target, set);

    /// <summary>The same among the sets of a target, the newest first.</summary>
    internal static SetInfo Choose(IReadOnlyList<SetInfo> sets, string target, string? set)
    {
        if (set == null)
        {
            return Newest(sets)
                ?? NewestPartial(sets)
                ?? throw new BackupException(
                    FailureKind.SetMissing,
                    target,
                    "choose a set",
                    sets.Count == 0
                        ? "there are no sets"
                        : "none of its sets is complete ("
                            + string.Join(", ", sets.Select(found => found.Set + ": " + Word(found)))
                            + ")"
                );
        }

        var named =
            sets.FirstOrDefault(found => string.Equals(found.Set, set, StringComparison.OrdinalIgnoreCase))
            ?? throw new BackupException(
                FailureKind.SetMissing,
                target,
                "choose the set '" + set + "'",
                sets.Count == 0
                    ? "there are no sets"
                    : "there is none of that name, only " + string.Join(", ", sets.Select(found => found.Set))
            );
        if (named.Problem != null)
            throw new BackupException(named.Problem);
        if (named.State is not (SetCondition.Complete or SetCondition.Partial))
            throw new BackupException(
                FailureKind.SetIncomplete,
                named.Path,
                "use the set",
                "the run that wrote it did not complete it"
            );
        return named;
    }

    /// <summary>
    /// Makes sure that a set is still what it was when it was found: what a run writes meanwhile is no damage.
    /// </summary>
    /// <exception cref="BackupException">A run has begun to write it, or it is gone.</exception>
    internal static void RequireUntouched(IFileSystem files, SetInfo set, string operation)
    {
        var now = Look(files, set.Target, set.Path);
        if (
            now == null
            || now.State is SetCondition.Writing or SetCondition.Complete or SetCondition.Partial
                && (now.State != set.State || now.RunId != set.RunId)
        )
            throw new BackupException(
                new Failure(
                    FailureKind.SetIncomplete,
                    set.Path,
                    operation,
                    now == null
                        ? "it was removed meanwhile"
                        : "a run has written to it meanwhile, so that nothing can be said of what was read"
                )
                {
                    Advice = FrontWords.Of(
                        "Try again with the set that is the newest complete one now; {'hvbackup list'|Get-HvBackup} "
                            + "shows it."
                    ),
                }
            );
    }

    private static string Word(SetInfo set) =>
        set.State == SetCondition.Writing ? "incomplete" : set.State.ToString().ToLowerInvariant();

    private static SetInfo? Look(IFileSystem files, string target, string folder)
    {
        var name = PathOf.Leaf(folder).Substring(SetLayout.Prefix.Length);
        try
        {
            var state = SetStateFile.Look(files, folder, out var doubt);
            if (doubt != null)
            {
                var condition = SetStateFile.IsCopy(state!, folder) ? SetCondition.Unreadable : SetCondition.Damaged;
                return new SetInfo
                {
                    Target = target,
                    Set = name,
                    Path = folder,
                    State = condition,
                    Doubted = state,
                    Problem = doubt,
                };
            }

            return state == null
                ? null
                : new SetInfo
                {
                    Target = target,
                    Set = state.Set,
                    Path = folder,
                    State = state.State,
                    Content = state,
                    FoundDamaged = state.IsCommitted && DamageMark.IsOn(files, folder),
                };
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            return new SetInfo
            {
                Target = target,
                Set = name,
                Path = folder,
                State = e.Failure.Kind == FailureKind.StateDamaged ? SetCondition.Damaged : SetCondition.Unreadable,
                Problem = e.Failure,
            };
        }
    }
}
