using System;
using System.IO;
using System.Runtime.InteropServices;

namespace HyperVBackup.Files;

/// <summary>
/// The one place that takes paths apart. Unlike <see cref="Path"/> it never refuses characters, so that device objects
/// (<c>\\?\GLOBALROOT\Device\…</c>) and names with any legal character pass in both PowerShell editions.
/// Relative paths inside the engine and in manifests use '/'.
/// </summary>
public static class PathOf
{
    /// <summary>Whether this process runs on Windows.</summary>
    public static bool IsWindows { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>How paths compare on this system.</summary>
    public static StringComparison Comparison { get; } =
        IsWindows ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>A comparer with <see cref="Comparison"/>.</summary>
    public static StringComparer Comparer { get; } =
        IsWindows ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>The separator that paths get on this system.</summary>
    public static char Separator { get; } = IsWindows ? '\\' : '/';

    /// <summary>A folder's path with a relative path ('/' separated) after it.</summary>
    public static string Join(string folder, string relative)
    {
        if (IsWindows)
            relative = relative.Replace('/', '\\');
        return folder.Length > 0 && IsSeparator(folder[folder.Length - 1])
            ? folder + relative
            : folder + Separator + relative;
    }

    /// <summary>The last component; the whole path if it is a root.</summary>
    public static string Leaf(string path)
    {
        var trimmed = TrimEnd(path);
        for (var i = trimmed.Length - 1; i >= 0; i--)
            if (IsSeparator(trimmed[i]))
                return i == trimmed.Length - 1 ? trimmed : trimmed.Substring(i + 1);
        return trimmed;
    }

    /// <summary>The folder that holds the path's last component; null for a root.</summary>
    public static string? Parent(string path)
    {
        var trimmed = TrimEnd(path);
        var root = RootLength(trimmed);
        for (var i = trimmed.Length - 1; i >= root; i--)
            if (IsSeparator(trimmed[i]))
                return trimmed.Substring(0, Math.Max(i, root));
        return trimmed.Length > root && root > 0 ? trimmed.Substring(0, root) : null;
    }

    /// <summary>The path without separators at its end, but with the one that makes a root a root.</summary>
    public static string TrimEnd(string path)
    {
        var root = RootLength(path);
        var end = path.Length;
        while (end > root && IsSeparator(path[end - 1]))
            end--;
        return path.Substring(0, end);
    }

    /// <summary>
    /// Absolute, without "." and "..", in the form this system prefers. Device paths are left as they are.
    /// </summary>
    public static string Full(string path) => TrimEnd(IsDevicePath(path) ? path : Path.GetFullPath(path));

    /// <summary>Whether a path is given to the system as it is (<c>\\?\</c>, <c>\\.\</c>).</summary>
    public static bool IsDevicePath(string path) =>
        path.StartsWith(@"\\?\", StringComparison.Ordinal) || path.StartsWith(@"\\.\", StringComparison.Ordinal);

    /// <summary>
    /// Whether <paramref name="path"/> is <paramref name="folder"/> or lies below it; then also its path from there,
    /// '/' separated.
    /// </summary>
    public static bool TryRelative(string folder, string path, out string relative)
    {
        relative = "";
        var above = TrimEnd(folder);
        var below = TrimEnd(path);
        if (above.Length == 0 || !below.StartsWith(above, Comparison))
            return false;
        if (below.Length == above.Length)
            return true;
        if (IsSeparator(above[above.Length - 1]))
            relative = below.Substring(above.Length);
        else if (IsSeparator(below[above.Length]))
            relative = below.Substring(above.Length + 1);
        else
            return false;
        if (IsWindows)
            relative = relative.Replace('\\', '/');
        return true;
    }

    /// <summary>Whether one of the two is the other or lies below it.</summary>
    public static bool Overlap(string one, string other) =>
        TryRelative(one, other, out _) || TryRelative(other, one, out _);

    private static bool IsSeparator(char c) => c == '/' ? true : c == '\\' && IsWindows;

    private static int RootLength(string path)
    {
        if (!IsWindows)
            return path.Length > 0 && path[0] == '/' ? 1 : 0;
        if (path.StartsWith(@"\\?\UNC\", StringComparison.OrdinalIgnoreCase))
            return AfterComponents(path, 8, 2);
        if (path.StartsWith(@"\\?\GLOBALROOT\Device\", StringComparison.OrdinalIgnoreCase))
            return AfterComponents(path, 22, 1);
        if (IsDevicePath(path))
            return AfterComponents(path, 4, 1);
        if (path.Length > 1 && IsSeparator(path[0]) && IsSeparator(path[1]))
            return AfterComponents(path, 2, 2);
        if (path.Length > 1 && path[1] == ':')
            return path.Length > 2 && IsSeparator(path[2]) ? 3 : 2;
        return path.Length > 0 && IsSeparator(path[0]) ? 1 : 0;
    }

    // The end of the given number of components, with the separator behind them if there is one.
    private static int AfterComponents(string path, int start, int count)
    {
        var i = start;
        for (; count > 0 && i < path.Length; i++)
            if (IsSeparator(path[i]))
                count--;
        return i;
    }
}
