using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Sets;

/// <summary>
/// What desktops, indexers and file systems leave in every folder that somebody opens with them. In a set it was not
/// put there by a run, and it harms nothing:
/// what the manifest vouches for is there and right.
/// </summary>
internal static class Litter
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        // Windows Explorer, its recycle bins, and what NTFS keeps of a volume.
        "desktop.ini",
        "Thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "$RECYCLE.BIN",
        "RECYCLER",
        "RECYCLED",
        "System Volume Information",
        "IndexerVolumeGuid",
        "WPSettings.dat",
        // Finder, Spotlight and their like (Apple's "About .DS_Store files", File System Events Programming Guide).
        ".DS_Store",
        ".localized",
        ".apdisk",
        ".AppleDouble",
        ".AppleDB",
        ".AppleDesktop",
        ".Spotlight-V100",
        ".Trashes",
        ".fseventsd",
        ".TemporaryItems",
        ".DocumentRevisions-V100",
        ".VolumeIcon.icns",
        ".com.apple.timemachine.donotpresent",
        "Icon\r",
        // KDE's Dolphin, the trash of freedesktop.org, fsck, and the bins and indexes of file servers.
        ".directory",
        ".Trash",
        "lost+found",
        "@eaDir",
        "#recycle",
        "@Recycle",
        ".@__thumb",
    };

    // ".Trash-$uid" (Trash specification of freedesktop.org), AppleDouble files, files that are deleted while open on
    // NFS and FUSE.
    private static readonly string[] Beginnings = { ".Trash-", "._", ".nfs0", ".fuse_hidden" };

    /// <summary>Whether something of this path in a set, '/' separated, is such a thing, or lies in one.</summary>
    public static bool Is(string relative) => relative.Split('/').Any(IsName);

    private static bool IsName(string name) =>
        Names.Contains(name)
        || Array.Exists(Beginnings, beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));
}
