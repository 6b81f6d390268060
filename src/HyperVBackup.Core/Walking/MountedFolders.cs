using System;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// Volumes that are mounted in folders on Windows: links to a walk, as junctions are, so that what they hold is not
/// copied.
/// </summary>
internal static class MountedFolders
{
    private const string VolumePath = @"\\?\Volume{";

    /// <summary>Whether an entry is such a folder.</summary>
    public static bool Is(FileEntry entry) =>
        entry is { Kind: EntryKind.Link, LinkKind: LinkKind.Junction, LinkTarget: { } target }
        && target.StartsWith(VolumePath, StringComparison.OrdinalIgnoreCase);

    /// <summary>What an administrator should know of an entry; null when it is no mounted folder.</summary>
    /// <param name="path">Its path, as people know it.</param>
    /// <param name="entry">The entry.</param>
    public static string? Warning(string path, FileEntry entry) =>
        Is(entry)
            ? path
                + " is a mount point of another volume: it is kept as a link, and its content is not copied. Name "
                + "it as a source of its own, or exclude it."
            : null;
}
