using System.Globalization;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// What of a source has access lists (POSIX ACLs), which are not copied. An administrator should know of it and can
/// change nothing about it: so it is told, and is no warning.
/// </summary>
internal sealed class AccessListNotice
{
    private const string Words =
        "Access lists (POSIX ACLs) are not copied: a copy lets in its owner, its group and others as the source does, "
        + "and nobody whom only a list lets in. getfacl -R writes lists down, setfacl --restore gives them back";

    private string _first = "";

    /// <summary>Files and folders that have one.</summary>
    public long Count { get; private set; }

    /// <summary>Looks at a file or folder of the source.</summary>
    /// <param name="path">Its path, as people know it.</param>
    /// <param name="entry">Its entry.</param>
    public void Look(string path, FileEntry? entry)
    {
        if (entry?.RawMode == null)
            return;
        if (Count++ == 0)
            _first = path;
    }

    /// <summary>What was found, in words; null when nothing was.</summary>
    /// <param name="source">The source.</param>
    public string? Notice(string source) =>
        Count == 0
            ? null
            : Words
                + ". In "
                + source
                + " "
                + Many(Count)
                + (Count == 1 ? " has one: " : " have one, the first of them: ")
                + _first
                + ".";

    private static string Many(long count) =>
        count == 1 ? "1 file or folder" : count.ToString(CultureInfo.InvariantCulture) + " files and folders";
}
