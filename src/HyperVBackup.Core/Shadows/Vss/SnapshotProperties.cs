using System;

namespace HyperVBackup.Shadows.Vss;

/// <summary>What VSS knows of a shadow copy (vss.h, VSS_SNAPSHOT_PROP).</summary>
internal sealed record SnapshotProperties
{
    public required Guid SnapshotId { get; init; }

    public required Guid SnapshotSetId { get; init; }

    /// <summary>Its device object, without a separator at the end.</summary>
    public required string DeviceObject { get; init; }

    /// <summary>The GUID path of the volume it is of.</summary>
    public required string OriginalVolume { get; init; }

    /// <summary>A drive letter, a folder or a share's name; null when it is not exposed.</summary>
    public string? ExposedName { get; init; }

    /// <summary>The part that is shared; null unless it is exposed as a share.</summary>
    public string? ExposedPath { get; init; }

    /// <summary>VSS_VOLUME_SNAPSHOT_ATTRIBUTES.</summary>
    public int Attributes { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>Whether it outlives its requester (VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE).</summary>
    public bool IsPersistent => (Attributes & 0x8) != 0;
}
