using System;
using System.Linq;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// Names of sets and of folders in sets: one path component that every file system takes, so that a set can move
/// between them.
/// </summary>
internal static class FolderNames
{
    private static readonly string[] Devices = { "CON", "PRN", "AUX", "NUL" };
    private static readonly char[] Separators = { '/', '\\' };

    /// <summary>
    /// The folder of a source that the plan gives no name: its last component; for a drive its letter, for a share or a
    /// shadow copy its name, for the root of a tree "root".
    /// </summary>
    public static string OfSource(string source)
    {
        var leaf = PathOf.Leaf(source).Trim('/', '\\');
        // The root of a shadow copy, a volume or a share is one component to paths, but several words:
        // \\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\.
        if (PathOf.IsWindows)
            leaf = leaf.Substring(leaf.LastIndexOfAny(Separators) + 1);
        if (leaf.EndsWith(":", StringComparison.Ordinal))
            leaf = leaf.TrimEnd(':');
        return leaf.Length == 0 ? "root" : leaf;
    }

    /// <summary>
    /// A name for a folder made of any text, such as a virtual machine's name: what no file system takes becomes '_'.
    /// </summary>
    public static string From(string text)
    {
        var name = new string(text.Select(c => c < ' ' || "<>:\"/\\|?*".IndexOf(c) >= 0 ? '_' : c).ToArray())
            .Trim(' ')
            .TrimEnd('.');
        if (name.Length > 60)
            name = name.Substring(0, 60).TrimEnd(' ', '.');
        return WhyNot(name) == null ? name : "vm-" + name.TrimStart('.');
    }

    /// <summary>Why a name cannot be used; null when it can.</summary>
    public static string? WhyNot(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return "it is empty";
        if (name!.Length > 64)
            return "it is longer than 64 characters";
        if (name.Any(c => c < ' ' || "<>:\"/\\|?*".IndexOf(c) >= 0))
            return "it holds a character that no file name may hold (one of < > : \" / \\ | ? * or a control "
                + "character)";
        if (name is "." or "..")
            return "it means another folder";
        if (name[0] == ' ' || name[name.Length - 1] is ' ' or '.')
            return "it starts with a space or ends in a space or dot, which Windows drops";
        if (name.StartsWith(".hvbackup", StringComparison.OrdinalIgnoreCase))
            return "names that start with .hvbackup are ours";
        var stem = name.Split('.')[0].ToUpperInvariant();
        if (
            Devices.Contains(stem)
            || (
                stem.Length == 4
                && (
                    stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)
                )
                && char.IsDigit(stem[3])
            )
        )
            return "it names a device on Windows";
        return null;
    }
}
