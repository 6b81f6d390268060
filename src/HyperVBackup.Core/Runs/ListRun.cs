using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs;

/// <summary>The sets on targets, for people and scripts that choose among them. Reads, and changes nothing.</summary>
public static class ListRun
{
    /// <summary>Looks at every target; one that cannot be looked at hides none of the others.</summary>
    /// <param name="request">Where, and for which sets.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancel">Stops it, between two files that are measured.</param>
    public static ListResult Execute(ListRequest request, RunContext context, CancellationToken cancel)
    {
        var sets = new List<SetInfo>();
        var newest = new List<SetInfo>();
        var failures = new List<Failure>();
        foreach (var path in request.Paths)
        {
            try
            {
                var place = NamedPlace.Of(context.Files, path);
                var all = SetCatalogue.List(context.Files, place.Target);
                var last = SetCatalogue.Newest(all);
                foreach (var set in Wanted(all, place, request.Names))
                {
                    var shown = Shown(request.MeasuresBlocks ? SetSize.Measure(context.Files, set, cancel) : set);
                    sets.Add(shown);
                    if (ReferenceEquals(set, last))
                        newest.Add(shown);
                }
            }
            catch (BackupException e)
            {
                failures.Add(e.Failure);
            }
        }

        return new ListResult
        {
            Sets = sets,
            Newest = newest,
            Failures = failures,
        };
    }

    private static IEnumerable<SetInfo> Wanted(
        IReadOnlyList<SetInfo> sets,
        NamedPlace place,
        IReadOnlyList<WantedSet> names
    )
    {
        if (place.Set is { } only)
            return sets.Where(set => Same(set.Set, only)).ToList();
        if (names.Count == 0)
            return sets;
        foreach (var name in names.Where(name => !name.IsPattern && !sets.Any(set => name.Means(set.Set))))
            throw new BackupException(
                FailureKind.SetMissing,
                place.Target,
                "find the set '" + name.Text + "'",
                sets.Count == 0
                    ? "there are no sets"
                    : "there is none of that name, only " + string.Join(", ", sets.Select(set => set.Set))
            );
        return sets.Where(set => names.Any(name => name.Means(set.Set))).ToList();
    }

    // Scripts go by the state: a set that was found damaged is not what "complete" stands for.
    private static SetInfo Shown(SetInfo set) => set.FoundDamaged ? set with { State = SetCondition.Damaged } : set;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Which sets to list.</summary>
public sealed record ListRequest
{
    /// <summary>The targets, or the folders of single sets; absolute.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Only sets of these names; none: all.</summary>
    public IReadOnlyList<WantedSet> Names { get; init; } = Array.Empty<WantedSet>();

    /// <summary>
    /// Whether it is measured what each set really takes: <see cref="SetInfo.OwnBytes"/> and <see
    /// cref="SetInfo.SharedBytes"/>.
    /// </summary>
    public bool MeasuresBlocks { get; init; }
}

/// <summary>A name of sets, with the wildcards of the front it was typed at.</summary>
/// <param name="Text">As it was typed.</param>
/// <param name="IsPattern">Whether it may mean none, or several.</param>
/// <param name="Means">Whether a set's name is meant.</param>
public sealed record WantedSet(string Text, bool IsPattern, Func<string, bool> Means);

/// <summary>What is on the targets. Plain data.</summary>
public sealed record ListResult
{
    /// <summary>
    /// The sets, target by target, each target's newest first. The state of one that a verification found damaged is
    /// <see cref="SetCondition.Damaged"/>.
    /// </summary>
    public IReadOnlyList<SetInfo> Sets { get; init; } = Array.Empty<SetInfo>();

    /// <summary>Of each target the set that counts most, where it is among those listed.</summary>
    public IReadOnlyList<SetInfo> Newest { get; init; } = Array.Empty<SetInfo>();

    /// <summary>Targets that could not be looked at, and why.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = Array.Empty<Failure>();

    /// <summary>The process exit code for it: 0 or 1.</summary>
    public int ExitCode => Failures.Count == 0 ? ExitCodes.Complete : ExitCodes.Failed;
}
