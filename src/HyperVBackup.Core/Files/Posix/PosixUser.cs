using System.Globalization;

namespace HyperVBackup.Files.Posix;

/// <summary>Whom this process runs as, off Windows.</summary>
internal static class PosixUser
{
    /// <summary>Whether it may do what it likes with the files of others. False on Windows.</summary>
    public static bool IsRoot { get; } = !PathOf.IsWindows && PosixNative.geteuid() == 0;

    /// <summary>What <see cref="IFileSystem.WhoElseMayWrite"/> says of an entry of a POSIX file system.</summary>
    public static string? WhoElseMayWrite(FileEntry entry)
    {
        const uint groupWrites = 0x10,
            othersWrite = 0x2,
            root = 0;
        if (entry.Kind != EntryKind.Link && (entry.Attributes & othersWrite) != 0)
            return "everybody may write to it";
        if (entry.Owner != root && entry.Owner != PosixNative.geteuid())
            return "it belongs to the user " + entry.Owner.ToString(CultureInfo.InvariantCulture);
        if (entry.Kind != EntryKind.Link && entry.RawMode is { } mask && (mask & groupWrites) != 0)
            return "its access list may let others write to it";
        return entry.Kind != EntryKind.Link && (entry.Attributes & groupWrites) != 0
            ? "the group " + entry.Group.ToString(CultureInfo.InvariantCulture) + " may write to it"
            : null;
    }
}
