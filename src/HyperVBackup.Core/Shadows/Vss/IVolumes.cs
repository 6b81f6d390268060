using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// What a requester asks the host about volumes and mount folders. Failures are <see cref="BackupException"/>s.
/// </summary>
internal interface IVolumes
{
    /// <summary>The volume a path lies on. The path itself need not exist.</summary>
    VolumeRoot VolumeOf(string path);

    /// <summary>
    /// Where a volume, by its GUID path, is mounted: drive letters and folders; empty when it is not.
    /// </summary>
    IReadOnlyList<string> MountPointsOf(string volumeName);

    /// <summary>What is at a path that is to become a mount point.</summary>
    MountFolder Look(string path);

    /// <summary>Creates one folder; its parent exists.</summary>
    void CreateFolder(string path);

    /// <summary>Deletes an empty folder that is no mount point. One that is not there is no failure.</summary>
    void DeleteFolder(string path);

    /// <summary>
    /// Takes a volume off a drive letter or folder; the folder stays. One without a volume is no failure.
    /// </summary>
    void RemoveMountPoint(string path);
}

/// <summary>A volume as reached by a path.</summary>
/// <param name="Root">Where it is mounted on the way to that path, without a separator at the end unless it is a root:
/// <c>D:\</c>, <c>C:\Mount\Data</c>, <c>C:\ClusterStorage\Volume1</c>.</param>
/// <param name="Name">Its GUID path with a separator at the end, which is the same by whatever path it is
/// reached.</param>
internal sealed record VolumeRoot(string Root, string Name);

/// <summary>What is at a path.</summary>
internal enum MountFolder
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>An empty folder, not a mount point.</summary>
    Empty,

    /// <summary>Anything else.</summary>
    Taken,
}
