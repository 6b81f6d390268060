using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Files;

/// <summary>
/// Where folders lie inside their file systems, whatever mount they are reached by: a bind mount, or one disk mounted
/// twice, gives one folder two paths that share nothing. By /proc/self/mountinfo; elsewhere than on Linux it knows of
/// no mounts, and tells nothing.
/// </summary>
internal sealed class MountedPlaces
{
    private readonly IReadOnlyList<PosixMount> _mounts;

    /// <summary>Of these mounts, in the order they were made.</summary>
    public MountedPlaces(IReadOnlyList<PosixMount> mounts) => _mounts = mounts;

    /// <summary>Of the mounts as they are now.</summary>
    public static MountedPlaces Current() =>
        new(PathOf.IsWindows ? Array.Empty<PosixMount>() : PosixMounts.All().ToList());

    /// <summary>
    /// By which paths below <paramref name="folder"/> one comes to <paramref name="path"/>, '/' separated; "" when they
    /// are the same folder. Both are resolved; neither needs to exist.
    /// </summary>
    /// <param name="folder">The folder that may hold the other.</param>
    /// <param name="path">The other.</param>
    /// <param name="walks">Whether what is mounted at this path below the first counts as being in it.</param>
    public IEnumerable<string> Ways(string folder, string path, Func<string, bool> walks)
    {
        if (Around(folder) is not { } outer || Around(path) is not { } inner)
            yield break;
        var place = PlaceOf(inner, path);
        if (outer.Device == inner.Device && PathOf.TryRelative(PlaceOf(outer, folder), place, out var way))
            yield return way;
        foreach (var mount in _mounts)
        {
            if (mount.Device != inner.Device || !PathOf.TryRelative(folder, mount.Path, out var to) || to.Length == 0)
                continue;
            if (!PathOf.TryRelative(mount.Root, place, out var below) || !walks(to))
                continue;
            yield return below.Length == 0 ? to : to + "/" + below;
        }
    }

    /// <summary>
    /// The other paths by which one comes to what a path leads to, mount points in front; none where it is seen once.
    /// </summary>
    public IEnumerable<string> OtherPaths(string path)
    {
        if (Around(path) is not { } around)
            yield break;
        var place = PlaceOf(around, path);
        foreach (var mount in _mounts)
        {
            if (mount.Device != around.Device || !PathOf.TryRelative(mount.Root, place, out var below))
                continue;
            var other = below.Length == 0 ? mount.Path : PathOf.Join(mount.Path, below);
            if (other != path && ReferenceEquals(Around(other), mount))
                yield return other;
        }
    }

    private PosixMount? Around(string path) => PosixMounts.Around(_mounts, path);

    private static string PlaceOf(PosixMount mount, string path)
    {
        PathOf.TryRelative(mount.Path, path, out var relative);
        return relative.Length == 0 ? mount.Root : PathOf.Join(mount.Root, relative);
    }
}
