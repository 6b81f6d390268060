using System;
using System.Collections.Generic;
using HyperVBackup.Host;

namespace HyperVBackup.Shadows;

/// <summary>
/// One shadow set of ours, from before it exists until nothing of it is left. Plain data: it is written to a file.
/// </summary>
public sealed record JournalEntry
{
    /// <summary>The id we gave it before the provider gave it one: <see cref="ShadowRequest.Id"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>The provider that makes it.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's own id of the set; null until it gave one.</summary>
    public Guid? SetId { get; init; }

    /// <summary>Whether it outlives its process.</summary>
    public bool Persistent { get; init; }

    /// <summary>
    /// Whether it was finished and handed over to be kept until somebody removes it: such a set is no leftover, even
    /// when its process is gone.
    /// </summary>
    public bool Kept { get; init; }

    /// <summary>When it was intended, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>Its shadow copies, as far as they have ids.</summary>
    public IReadOnlyList<JournalSnapshot> Snapshots { get; init; } = Array.Empty<JournalSnapshot>();

    /// <summary>Where they are, or were about to be, exposed.</summary>
    public IReadOnlyList<JournalExposure> Exposures { get; init; } = Array.Empty<JournalExposure>();

    /// <summary>The process that makes it.</summary>
    public required JournalOwner Owner { get; init; }
}

/// <summary>One shadow copy of a journalled set.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Volume">What is frozen: the volume's GUID path, or the subvolume or folder.</param>
/// <param name="Root">Where it is read; empty until it exists.</param>
public sealed record JournalSnapshot(Guid Id, string Volume, string Root)
{
    /// <summary>Other live paths of what is frozen.</summary>
    public IReadOnlyList<ShadowAlias> Aliases { get; init; } = Array.Empty<ShadowAlias>();

    /// <summary>btrfs: the file system it lies on.</summary>
    public Guid? FileSystem { get; init; }

    /// <summary>btrfs: the UUID of the subvolume it is a snapshot of.</summary>
    public Guid? Origin { get; init; }

    /// <summary>btrfs: its own UUID; null until it is known.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>When it was taken, UTC, as far as the provider tells; null: when the set was.</summary>
    public DateTime? Taken { get; init; }
}

/// <summary>One exposure of a journalled shadow copy.</summary>
/// <param name="SnapshotId">The shadow copy.</param>
/// <param name="Path">The folder, drive letter or share.</param>
/// <param name="CreatedFolder">Whether the folder is ours, to be removed with the exposure.</param>
public sealed record JournalExposure(Guid SnapshotId, string Path, bool CreatedFolder);
