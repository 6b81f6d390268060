using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>
/// From paths as people type them in PowerShell (relative to its location, on its drives, with wildcards) to paths of
/// the file system.
/// </summary>
internal static class PathArguments
{
    /// <summary>
    /// One path, taken as it is. It need not exist.
    /// </summary>
    /// <exception cref="BackupException">It is not a path of the file system, or its drive is not there.</exception>
    public static string Literal(PSCmdlet cmdlet, string path, FailureKind missing)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new BackupException(FailureKind.BadPlan, "the path", "use it", "it is empty");
        // PowerShell would take the prefix apart.
        if (PathOf.IsDevicePath(path))
            return path;
        try
        {
            var full = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return provider.Name == "FileSystem"
                ? PathOf.Full(full)
                : throw new BackupException(
                    FailureKind.BadPlan,
                    path,
                    "use the path",
                    "it is a path of " + provider.Name + ", not of the file system"
                );
        }
        catch (System.Management.Automation.DriveNotFoundException)
            when (PathOf.IsWindows && path.Length > 2 && path[1] == ':' && char.IsLetter(path[0]))
        {
            // A disk that is not attached. Whoever opens it says so, and knows what that means for the run.
            return PathOf.Full(path);
        }
        catch (Exception e)
            when (e
                    is ItemNotFoundException
                        or System.Management.Automation.DriveNotFoundException
                        or ProviderNotFoundException
            )
        {
            throw new BackupException(missing, path, "find it", e.Message.TrimEnd('.'), e);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new BackupException(FailureKind.BadPlan, path, "use the path", e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>
    /// One path as somebody typed it, or had it completed: the shell's completion escapes brackets ('`[1`]'), which
    /// <see cref="Literal"/> would take
    /// for a part of the name. A path that is there as it is written is meant so.
    /// </summary>
    /// <exception cref="BackupException">It is not a path of the file system, or its drive is not there.</exception>
    public static string Typed(PSCmdlet cmdlet, string path, FailureKind missing)
    {
        var literal = Literal(cmdlet, path, missing);
        if (path.IndexOf('`') < 0 || IsThere(literal) || PathOf.IsDevicePath(path))
            return literal;
        var unescaped = Literal(cmdlet, WildcardPattern.Unescape(path), missing);
        // What is to be made has at least a folder above it.
        return IsThere(unescaped) || (!IsThere(PathOf.Parent(literal)) && IsThere(PathOf.Parent(unescaped)))
            ? unescaped
            : literal;
    }

    /// <summary>
    /// Paths with wildcards, in the order of their names. One that exists as it is written is that and no pattern.
    /// </summary>
    /// <exception cref="BackupException">A path is of no use, or a pattern matches nothing.</exception>
    public static IReadOnlyList<string> Resolve(PSCmdlet cmdlet, IEnumerable<string> paths, FailureKind missing)
    {
        var resolved = new List<string>();
        foreach (var path in paths)
        {
            if (path == null || !WildcardPattern.ContainsWildcardCharacters(path) || PathOf.IsDevicePath(path))
            {
                resolved.Add(Typed(cmdlet, path ?? "", missing));
                continue;
            }

            var literal = Literal(cmdlet, path, missing);
            if (IsThere(literal))
                resolved.Add(literal);
            else
                resolved.AddRange(Match(cmdlet, path, missing));
        }

        return resolved;
    }

    private static bool IsThere(string? path) => path != null && (Directory.Exists(path) || File.Exists(path));

    private static IEnumerable<string> Match(PSCmdlet cmdlet, string pattern, FailureKind missing)
    {
        List<string> matches;
        try
        {
            matches = cmdlet
                .SessionState.Path.GetResolvedProviderPathFromPSPath(pattern, out _)
                .Where(Directory.Exists)
                .OrderBy(path => path, StringComparer.OrdinalIgnoreCase)
                .ToList();
        }
        catch (ItemNotFoundException)
        {
            matches = new List<string>();
        }

        return matches.Count > 0
            ? matches
            : throw new BackupException(missing, pattern, "find it", "no folder matches");
    }
}
