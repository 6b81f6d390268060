using System;

namespace HyperVBackup.Shadows.Btrfs;

/// <summary>What btrfs says of a subvolume.</summary>
internal sealed record BtrfsSubvolume
{
    /// <summary>Its number on its file system.</summary>
    public required ulong Id { get; init; }

    /// <summary>The file system.</summary>
    public required Guid FileSystem { get; init; }

    /// <summary>Its own id, never given to another; empty for the outermost one of old file systems.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The id of the subvolume it was made a snapshot of; empty for any other.</summary>
    public required Guid ParentUuid { get; init; }

    /// <summary>Whether nothing in it can change.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>When it was made, by the kernel's clock, UTC.</summary>
    public required DateTime Created { get; init; }
}
