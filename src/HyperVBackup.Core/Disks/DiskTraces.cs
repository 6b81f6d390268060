using System;
using System.Threading;

namespace HyperVBackup.Disks;

/// <summary>
/// What is left of a virtual disk in a file that has the name of one and none of its signatures. A fixed VHD's only
/// mark is its last sector, so that
/// one which was cut short, or grew, looks like something else altogether.
/// </summary>
internal static class DiskTraces
{
    private const int SearchedAtEnd = 16 * 1024 * 1024;
    private const int Step = 256 * 1024;
    private const int Beginning = 64 * 1024;

    /// <summary>What the file looks like; null when nothing in it says that it was ever a virtual disk.</summary>
    /// <param name="source">The file.</param>
    /// <param name="cancel">Looked at between reads.</param>
    public static string? Of(IDiskSource source, CancellationToken cancel)
    {
        if (source.Length == 0)
            return null;
        var start = source.TryRead(0, (int)Math.Min(Beginning, source.Length));
        if (start == null)
            return null;
        if (Array.TrueForAll(start, value => value == 0))
            return "it begins with zeroes only";
        if (HasFooterInside(source, cancel))
            return "something follows the footer of the VHD";
        return IsRawDisk(start)
            ? "it holds what a guest wrote, but not the footer that makes it a VHD, as when it was cut short"
            : null;
    }

    private static bool HasFooterInside(IDiskSource source, CancellationToken cancel)
    {
        for (var end = source.Length; end > 0 && end > source.Length - SearchedAtEnd; end -= Step)
        {
            cancel.ThrowIfCancellationRequested();
            // Overlapping, for the cookie may lie across the border.
            var at = Math.Max(0, end - Step - VhdFooter.Cookie.Length);
            if (source.TryRead(at, (int)(end - at)) is { } bytes && Contains(bytes, VhdFooter.Cookie))
                return true;
        }

        return false;
    }

    // The boot signature (UEFI specification, 5.2.1), a GUID partition table's header (5.3.2), ext4's superblock (the
    // kernel's ext4/globals).
    private static bool IsRawDisk(byte[] start) =>
        (
            start.Length >= 520
            && (DiskBytes.HasText(start, 512, "EFI PART") || (start[510] == 0x55 && start[511] == 0xAA))
        ) || (start.Length >= 1082 && start[1080] == 0x53 && start[1081] == 0xEF);

    private static bool Contains(byte[] bytes, string text)
    {
        for (
            var at = Array.IndexOf(bytes, (byte)text[0]);
            at >= 0 && at <= bytes.Length - text.Length;
            at = Array.IndexOf(bytes, (byte)text[0], at + 1)
        )
            if (DiskBytes.HasText(bytes, at, text))
                return true;
        return false;
    }
}
