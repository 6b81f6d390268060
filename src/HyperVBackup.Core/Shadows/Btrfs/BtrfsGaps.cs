using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Shadows.Btrfs;

/// <summary>
/// What lies below a source and is not in a snapshot of its subvolume: a snapshot ends where another subvolume begins,
/// or where something is mounted.
/// </summary>
internal static class BtrfsGaps
{
    /// <summary>
    /// A sentence, without its full stop, for each such place that the filters take and that is no source itself.
    /// </summary>
    public static IReadOnlyList<string> In(IReadOnlyList<ShadowSource> sources)
    {
        var gaps = new List<string>();
        foreach (var source in sources)
        {
            try
            {
                Add(source, gaps, sources);
            }
            catch (BackupException e)
            {
                gaps.Add(
                    "Whether all of " + source.Path + " is in a snapshot could not be told (" + e.Failure.Message + ")"
                );
            }
        }

        return gaps.Distinct(StringComparer.Ordinal).ToList();
    }

    private static void Add(ShadowSource source, List<string> gaps, IReadOnlyList<ShadowSource> sources)
    {
        var where = BtrfsSource.Locate(source.Path);
        var found = new List<string>();
        using (var root = PosixFolder.Open(where.Root))
        {
            foreach (var nested in BtrfsCalls.NestedIn(root))
                if (PathOf.TryRelative("/" + where.InSubvolume, "/" + nested, out var relative) && relative.Length > 0)
                    Note(relative, "a subvolume of its own");
        }

        foreach (var mount in PosixMounts.Below(source.Path))
            if (PathOf.TryRelative(source.Path, mount.Path, out var relative))
                Note(relative, "a mount point (" + mount.FileSystem + ")");

        void Note(string relative, string what)
        {
            var path = PathOf.Join(source.Path, relative);
            if (
                !source.Walks(relative)
                || sources.Any(other => other.Path == path)
                || found.Any(outer => PathOf.TryRelative(outer, path, out _))
            )
                return;
            found.Add(path);
            gaps.Add(
                path
                    + " is "
                    + what
                    + ": a snapshot of the subvolume around it does not hold its content. Name it as a source of "
                    + "its own, or exclude it"
            );
        }
    }
}
