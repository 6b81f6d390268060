using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Who holds the shadow storage: the volumes with the most shadow copies, which are the first to look at when there is
/// no room for another.
/// </summary>
internal static class VssHolders
{
    private const int Most = 5;

    /// <summary>The holders in a clause.</summary>
    public static string Describe(IReadOnlyList<SnapshotProperties> snapshots, VssServices services)
    {
        if (snapshots.Count == 0)
            return "there are no other shadow copies on this host, so the limit of the shadow storage or free space "
                + "is too small";
        var holders = snapshots
            .GroupBy(snapshot => snapshot.OriginalVolume, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(volume => volume.Count())
            .Take(Most)
            .Select(volume =>
                FormattableString.Invariant($"{NameOf(volume.Key, services)} has {volume.Count()}, the oldest of ")
                + FormattableString.Invariant($"{volume.Min(snapshot => snapshot.Created):yyyy-MM-dd HH:mm} UTC")
            );
        return FormattableString.Invariant($"there are {snapshots.Count} shadow copies on this host: ")
            + string.Join("; ", holders);
    }

    private static string NameOf(string volume, VssServices services) =>
        services.Volumes.MountPointsOf(volume).FirstOrDefault() ?? volume;
}
