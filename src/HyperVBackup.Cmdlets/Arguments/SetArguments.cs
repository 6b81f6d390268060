using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Runs;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>From names of sets as they are typed to the sets meant.</summary>
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

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
