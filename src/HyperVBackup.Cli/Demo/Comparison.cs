using System;
using System.IO;
using System.Linq;
using System.Threading;

namespace HyperVBackup.Cli.Demo;

/// <summary>Two folders, byte by byte.</summary>
internal static class Comparison
{
    /// <summary>What differs first; null when nothing does.</summary>
    /// <param name="expected">The folder as it was.</param>
    /// <param name="actual">The folder as it is.</param>
    /// <param name="cancel">Stops it.</param>
    public static string? FirstDifference(string expected, string actual, CancellationToken cancel)
    {
        var names = Names(expected);
        var others = Names(actual);
        if (names.Except(others).FirstOrDefault() is { } missing)
            return missing + " is missing";
        if (others.Except(names).FirstOrDefault() is { } extra)
            return extra + " should not be there";
        foreach (var name in names)
        {
            var (one, other) = (Path.Combine(expected, name), Path.Combine(actual, name));
            if (File.GetLastWriteTimeUtc(one) != File.GetLastWriteTimeUtc(other))
                return name + " has another time stamp";
            if (FirstDifferentByte(one, other, cancel) is { } offset)
                return name + " differs at byte " + offset;
        }

        return null;
    }

    private static string[] Names(string folder) =>
        Directory
            .GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .ToArray();

    private static long? FirstDifferentByte(string one, string other, CancellationToken cancel)
    {
        using var first = File.OpenRead(one);
        using var second = File.OpenRead(other);
        var (left, right) = (new byte[1024 * 1024], new byte[1024 * 1024]);
        for (long offset = 0; ; offset += left.Length)
        {
            cancel.ThrowIfCancellationRequested();
            var (got, gotToo) = (
                first.ReadAtLeast(left, left.Length, false),
                second.ReadAtLeast(right, right.Length, false)
            );
            var same = left.AsSpan(0, got).CommonPrefixLength(right.AsSpan(0, gotToo));
            if (same < Math.Max(got, gotToo))
                return offset + same;
            if (got < left.Length)
                return null;
        }
    }
}
