using System;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>What a path that somebody named means: a target with its sets, or one set on it.</summary>
/// <param name="Target">The folder that the sets lie in.</param>
/// <param name="Set">The name of the one set whose folder the path is; null: the path is the target.</param>
public sealed record NamedPlace(string Target, string? Set)
{
    /// <summary>
    /// Looks. A folder is a set when it is named like one and has a state file, whatever that says: the same folders
    /// that <see cref="SetCatalogue.List"/> finds.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The path, absolute.</param>
    /// <exception cref="Failures.BackupException">The folder cannot be looked into.</exception>
    public static NamedPlace Of(IFileSystem files, string path)
    {
        var leaf = PathOf.Leaf(path);
        return
            leaf.Length > SetLayout.Prefix.Length
            && leaf.StartsWith(SetLayout.Prefix, StringComparison.OrdinalIgnoreCase)
            && PathOf.Parent(path) is { } target
            && files.Find(SetLayout.StateFileOf(path)) != null
            ? new NamedPlace(target, leaf.Substring(SetLayout.Prefix.Length))
            : new NamedPlace(path, null);
    }
}
