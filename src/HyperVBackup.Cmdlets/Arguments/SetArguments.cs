using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Sets;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>From a target, or the folder of one set, to the sets meant.</summary>
internal static class SetArguments
{
    /// <summary>Names of sets with PowerShell's wildcards; none given: all.</summary>
    public static IReadOnlyList<WantedSet> Wanted(IReadOnlyList<string>? names) =>
        (names ?? Array.Empty<string>())
            .Select(name =>
            {
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                    return new WantedSet(name, false, set => Same(set, name));
                var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
                return new WantedSet(name, true, pattern.IsMatch);
            })
            .ToList();

    /// <summary>
    /// The one set to verify or restore: that of the folder, the one named, or else the newest complete one of the
    /// target.
    /// </summary>
    /// <exception cref="BackupException">There is none, or it is not complete.</exception>
    public static SetInfo Choose(IFileSystem files, string path, string? name)
    {
        var place = NamedPlace.Of(files, path);
        if (place.Set != null && name != null && !Same(name, place.Set))
            throw new BackupException(
                FailureKind.BadPlan,
                path,
                "use the set '" + name + "'",
                "the path is that of the set " + place.Set
            );
        return SetCatalogue.Choose(files, place.Target, place.Set ?? name);
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
