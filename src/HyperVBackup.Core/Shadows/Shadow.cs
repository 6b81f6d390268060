using System;
using System.Collections.Generic;
using HyperVBackup.Runs;

namespace HyperVBackup.Shadows;

/// <summary>One shadow copy: a frozen view of one volume (or, off Windows, of one subvolume or folder).</summary>
public sealed record Shadow
{
    /// <summary>The shadow copy's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The set it was made in.</summary>
    public required Guid SetId { get; init; }

    /// <summary>The provider that made it: vss, btrfs, reflink or copy.</summary>
    public required string Provider { get; init; }

    /// <summary>
    /// The root of what is frozen: a volume's mount point, a subvolume, a folder. What lies below it is found below
    /// <see cref="Root"/>.
    /// </summary>
    public required string Volume { get; init; }

    /// <summary>
    /// Where the frozen files are read: a device object (<c>\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopyN</c>) or a
    /// folder.
    /// </summary>
    public required string Root { get; init; }

    /// <summary>
    /// Other live paths by which the same files are reached (btrfs: other mounts of the subvolume, or of folders in
    /// it).
    /// </summary>
    public IReadOnlyList<ShadowAlias> Aliases { get; init; } = Array.Empty<ShadowAlias>();

    /// <summary>The volume's GUID path on Windows; empty elsewhere.</summary>
    public string VolumeName { get; init; } = "";

    /// <summary>Where it is exposed: a folder, a drive letter or a share; null when it is not.</summary>
    public string? ExposedAt { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>Whether it outlives the process that made it.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether this software made it: our journal names it.</summary>
    public bool IsOurs { get; init; }

    /// <summary>
    /// The run that reads it now, or the command that is making it, as <see cref="ShadowUse"/> names it; null: nobody
    /// that our journal knows.
    /// </summary>
    public string? InUseBy { get; init; }

    /// <summary>One line: what is frozen, and where it is seen.</summary>
    public override string ToString() =>
        Volume + " (" + Id.ToString("D") + ")" + (ExposedAt == null ? "" : " at " + ExposedAt);
}

/// <summary>Another live path of what a shadow copy holds.</summary>
/// <param name="Path">The live folder.</param>
/// <param name="Root">Where its frozen files are read.</param>
public sealed record ShadowAlias(string Path, string Root);
