using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Sets;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>From a target, or the folder of one set, to the sets meant.</summary>
internal static class SetArguments
{
    /// <summary>The sets at a path (a target, or a set's own folder) whose names match; none given: all.</summary>
    /// <exception cref="BackupException">The path is not there, or a name without wildcards is not among the
    /// sets.</exception>
    public static IReadOnlyList<SetInfo> List(IFileSystem files, string path, IReadOnlyList<string>? names)
    {
        if (IsSet(files, path, out var target, out var name))
            return SetCatalogue.List(files, target).Where(set => Same(set.Set, name)).ToList();
        var sets = SetCatalogue.List(files, path);
        if (names == null || names.Count == 0)
            return sets;
        foreach (
            var missing in names.Where(wanted =>
                !WildcardPattern.ContainsWildcardCharacters(wanted) && !sets.Any(set => Same(set.Set, wanted))
            )
        )
            throw new BackupException(
                FailureKind.SetMissing,
                path,
                "find the set '" + missing + "'",
                sets.Count == 0
                    ? "there are no sets"
                    : "there is none of that name, only " + string.Join(", ", sets.Select(set => set.Set))
            );
        var patterns = names.Select(wanted => new WildcardPattern(wanted, WildcardOptions.IgnoreCase)).ToList();
        return sets.Where(set => patterns.Any(pattern => pattern.IsMatch(set.Set))).ToList();
    }

    /// <summary>
    /// The one set to verify or restore: that of the folder, the one named, or else the newest complete one of the
    /// target.
    /// </summary>
    /// <exception cref="BackupException">There is none, or it is not complete.</exception>
    public static SetInfo Choose(IFileSystem files, string path, string? name)
    {
        if (!IsSet(files, path, out var target, out var ofFolder))
            return SetCatalogue.Choose(files, path, name);
        if (name != null && !Same(name, ofFolder))
            throw new BackupException(
                FailureKind.BadPlan,
                path,
                "use the set '" + name + "'",
                "the path is that of the set " + ofFolder
            );
        return SetCatalogue.Choose(files, target, ofFolder);
    }

    private static bool IsSet(IFileSystem files, string path, out string target, out string name)
    {
        target = PathOf.Parent(path) ?? path;
        var leaf = PathOf.Leaf(path);
        name = leaf.Length > SetLayout.Prefix.Length ? leaf.Substring(SetLayout.Prefix.Length) : "";
        return name.Length > 0
            && leaf.StartsWith(SetLayout.Prefix, StringComparison.OrdinalIgnoreCase)
            && files.Find(SetLayout.StateFolderOf(path)) is { Kind: EntryKind.Folder };
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
