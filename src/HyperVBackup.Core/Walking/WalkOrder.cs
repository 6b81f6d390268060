using System;
using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// The order of the walk and of manifests: depth first, a folder before what it holds, names by ordinal comparison
/// (upper-cased first where the file system ignores case, so that names it takes for equal stand together).
/// </summary>
internal sealed class WalkOrder : IComparer<string>
{
    private readonly bool _ignoresCase;

    public WalkOrder(bool ignoresCase) => _ignoresCase = ignoresCase;

    public int Compare(string? one, string? other)
    {
        if (one == null || other == null)
            return (one == null ? 0 : 1) - (other == null ? 0 : 1);
        var i = 0;
        while (i < one.Length && i < other.Length && one[i] == other[i])
            i++;
        if (i == one.Length || i == other.Length)
            return one.Length - other.Length;
        if (_ignoresCase)
        {
            // The first components that differ decide, without case; only then with it.
            var start = i == 0 ? 0 : one.LastIndexOf('/', i - 1) + 1;
            var difference = string.Compare(
                Component(one, start),
                Component(other, start),
                StringComparison.OrdinalIgnoreCase
            );
            if (difference != 0)
                return difference;
        }

        // '/' comes before everything a name can hold, so that "a/b" stands right behind "a", before "a-b".
        return (one[i] == '/' ? -1 : one[i]) - (other[i] == '/' ? -1 : other[i]);
    }

    private static string Component(string path, int start)
    {
        var end = path.IndexOf('/', start);
        return end < 0 ? path.Substring(start) : path.Substring(start, end - start);
    }
}

/// <summary>Paths below a folder.</summary>
internal static class RelativePaths
{
    private static readonly char[] NotInNames = { '\\', ':' };

    /// <summary>Whether a '/' separated path of a manifest names something inside the folder on any system.</summary>
    public static bool IsSafe(string path)
    {
        if (path.Length == 0 || path.Length > 32_767 || path.IndexOf('\0') >= 0)
            return false;
        // On Windows a name can hold no separator, no drive and no stream.
        if (Files.PathOf.IsWindows && path.IndexOfAny(NotInNames) >= 0)
            return false;
        for (var start = 0; start <= path.Length; )
        {
            var slash = path.IndexOf('/', start);
            var length = (slash < 0 ? path.Length : slash) - start;
            if (length == 0 || (length <= 2 && path[start] == '.' && path[start + length - 1] == '.'))
                return false;
            start += length + 1;
        }

        return true;
    }

    public static string Join(string folder, string name) => folder.Length == 0 ? name : folder + "/" + name;
}
