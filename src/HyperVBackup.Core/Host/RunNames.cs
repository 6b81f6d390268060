using System;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Host;

/// <summary>
/// The names of files that belong to one run each, <c>20260129T010000Z-0f8f…</c>: in order of time, and none twice.
/// </summary>
internal static class RunNames
{
    private const string Shape = "00000000T000000Z-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    public static string Of(DateTime started, Guid runId) =>
        started.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + "-" + runId.ToString("N");

    /// <summary>Whether a file is one run's.</summary>
    public static bool Is(FileEntry entry, string extension) =>
        entry.Kind == EntryKind.File
        && entry.Name.EndsWith(extension, StringComparison.Ordinal)
        && HasShape(entry.Name, entry.Name.Length - extension.Length);

    /// <summary>Deletes all but the newest files of runs in a folder.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="extension">What their names end in; other files are left alone.</param>
    /// <param name="keep">How many are kept.</param>
    /// <param name="own">The one of this run: kept even if the clock went backwards.</param>
    public static void Rotate(IFileSystem files, string folder, string extension, int keep, string own)
    {
        var old = files
            .List(folder)
            .Where(entry => Is(entry, extension) && PathOf.Join(folder, entry.Name) != own)
            .OrderByDescending(entry => entry.Name, StringComparer.Ordinal)
            .Skip(Math.Max(0, keep - 1));
        foreach (var entry in old)
        {
            try
            {
                files.DeleteFile(PathOf.Join(folder, entry.Name));
            }
            catch (BackupException e) when (e.Failure.Kind == FailureKind.FileMissing)
            {
                // Another run, which ends at the same moment, has deleted it.
            }
        }
    }

    // By hand: a regular expression takes longer to be made than all these names to be looked at.
    private static bool HasShape(string name, int length)
    {
        if (length != Shape.Length)
            return false;
        for (var i = 0; i < length; i++)
        {
            var c = name[i];
            var fits = Shape[i] switch
            {
                '0' => c is >= '0' and <= '9',
                'x' => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'),
                var exact => c == exact,
            };
            if (!fits)
                return false;
        }

        return true;
    }
}
