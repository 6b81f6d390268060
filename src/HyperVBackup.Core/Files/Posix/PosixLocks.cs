using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// Who holds the lock of a file, for users who may not open it: Linux lists all locks in /proc/locks (proc(5)),
/// readable for everybody.
/// </summary>
internal static class PosixLocks
{
    private const string Table = "/proc/locks";

    /// <summary>The process that holds a lock of a file; null when none does, or when that cannot be told.</summary>
    public static int? HolderOf(FileEntry file)
    {
        try
        {
            return PathOf.IsWindows || !File.Exists(Table) ? null : HolderOf(file, File.ReadAllLines(Table));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The same, from given lines: <c>1: FLOCK  ADVISORY  WRITE 4711 fe:00:11657361 0 EOF</c>.</summary>
    internal static int? HolderOf(FileEntry file, IEnumerable<string> lines)
    {
        var id = string.Format(
            CultureInfo.InvariantCulture,
            "{0:x2}:{1:x2}:{2}",
            file.Volume >> 32,
            file.Volume & uint.MaxValue,
            file.FileId
        );
        foreach (var line in lines)
        {
            var words = line.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
            // "->" stands before one that only waits for it.
            if (
                words.Length >= 6
                && words[1] != "->"
                && words[5] == id
                && int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            )
                return process;
        }

        return null;
    }
}
