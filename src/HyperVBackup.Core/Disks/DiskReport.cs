using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Disks;

/// <summary>
/// What <see cref="DiskChecker"/> found in one virtual disk's file. What a damaged file does not tell is null or
/// Unknown.
/// </summary>
internal sealed record DiskReport
{
    /// <summary>The name the check was asked for.</summary>
    public required string Name { get; init; }

    /// <summary>The format.</summary>
    public DiskFormat Format { get; init; }

    /// <summary>How it keeps its blocks.</summary>
    public DiskKind Kind { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long FileLength { get; init; }

    /// <summary>Bytes the virtual machine sees.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Bytes per block of a dynamic, differencing or VHDX disk.</summary>
    public long? BlockSize { get; init; }

    /// <summary>Bytes per sector as the virtual machine sees it.</summary>
    public int? LogicalSectorSize { get; init; }

    /// <summary>
    /// VHD: the footer's unique id. VHDX: the virtual disk id (SCSI page 83), which a differencing disk shares with its
    /// parent.
    /// </summary>
    public Guid? DiskId { get; init; }

    /// <summary>VHDX: changes before the first write of each session to what the virtual machine sees.</summary>
    public Guid? DataWriteGuid { get; init; }

    /// <summary>What a child of this disk names as its parent's identity.</summary>
    public Guid? Identity => Format == DiskFormat.Vhdx ? DataWriteGuid : DiskId;

    /// <summary>The parent of a differencing disk.</summary>
    public ParentReference? Parent { get; init; }

    /// <summary>
    /// VHDX: the log holds updates that are replayed when the disk is next attached, as after a power failure. No
    /// damage.
    /// </summary>
    public bool HasDirtyLog { get; init; }

    /// <summary>Everything that is wrong, the first hundred of it.</summary>
    public IReadOnlyList<DiskDamage> Damages { get; init; } = Array.Empty<DiskDamage>();

    /// <summary>Whether there is more damage than <see cref="Damages"/> lists: the check stopped there.</summary>
    public bool HasMoreDamage { get; init; }

    /// <summary>Worth knowing, but no damage.</summary>
    public IReadOnlyList<string> Notes { get; init; } = Array.Empty<string>();

    /// <summary>Nothing is wrong at all.</summary>
    public bool IsIntact => Damages.Count == 0;

    /// <summary>The disk opens: whatever is damaged has an intact copy.</summary>
    public bool IsUsable => Damages.All(damage => damage.HasIntactCopy);
}
