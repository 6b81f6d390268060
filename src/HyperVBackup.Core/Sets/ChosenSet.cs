using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets;

/// <summary>The one set that is to be verified or restored, and what should be known of the choice.</summary>
/// <param name="Set">The set.</param>
/// <param name="Warnings">
/// Where no set was named: those that were passed over although one of them may be the newest, and why.
/// </param>
public sealed record ChosenSet(SetInfo Set, IReadOnlyList<string> Warnings)
{
    /// <summary>
    /// Chooses: the set whose folder the path is, the one named, or else the newest complete one of the target, before
    /// those that were found damaged; where none is complete, the newest partial one.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The target, or the folder of a set; absolute.</param>
    /// <param name="name">The set's name; null: none was named.</param>
    /// <exception cref="BackupException">There is none, it is not complete, or path and name mean two.</exception>
    public static ChosenSet Of(IFileSystem files, string path, string? name)
    {
        var place = NamedPlace.Of(files, path);
        if (place.Set != null && name != null && !string.Equals(name, place.Set, StringComparison.OrdinalIgnoreCase))
            throw new BackupException(
                FailureKind.BadPlan,
                path,
                "use the set '" + name + "'",
                "the path is that of the set " + place.Set
            );
        var sets = SetCatalogue.List(files, place.Target);
        var named = place.Set ?? name;
        var chosen = SetCatalogue.Choose(sets, place.Target, named);
        return new ChosenSet(chosen, named == null ? Doubts(sets) : Array.Empty<string>());
    }

    // Of a set whose set.json cannot be used nobody knows when it was made.
    private static IReadOnlyList<string> Doubts(IReadOnlyList<SetInfo> sets) =>
        sets.Where(set => set.Problem != null)
            .Select(set =>
                set.Set
                + " was passed over, because nobody can tell what it is: "
                + set.Problem!.Message
                + ". "
                + set.Problem.Advice
            )
            .ToList();
}
