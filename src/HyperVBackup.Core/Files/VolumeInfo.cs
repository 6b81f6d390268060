namespace HyperVBackup.Files;

/// <summary>What is known of a volume.</summary>
public sealed record VolumeInfo
{
    /// <summary>Where it is mounted.</summary>
    public required string Root { get; init; }

    /// <summary>The file system's name: NTFS, ReFS, ext4, xfs, btrfs … or empty.</summary>
    public required string FileSystem { get; init; }

    /// <summary>The identity it has in <see cref="FileEntry.Volume"/>.</summary>
    public required ulong Id { get; init; }

    /// <summary>
    /// The physical disk, as far as it can be told: volumes of one disk compare equal. Jobs on one disk run one after
    /// the other.
    /// </summary>
    public required string Disk { get; init; }

    /// <summary>Whether its room is known. Some servers tell of 0 bytes of 0, which no volume has.</summary>
    public bool KnowsRoom => TotalBytes > 0;

    /// <summary>Bytes this process may still write; means nothing where <see cref="KnowsRoom"/> is false.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Bytes in all.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Whether files can share blocks here (ReFS, btrfs, XFS with reflink).</summary>
    public bool ClonesBlocks { get; init; }

    /// <summary>
    /// Whether it marks files that have holes, so that virtual disks are written without (NTFS and SMB, off Windows).
    /// </summary>
    public bool MarksSparse { get; init; }

    /// <summary>
    /// Whether a flush of the whole is not known to reach the medium, because a server, or a program in user space, is
    /// in between: each file is flushed by itself there (<see cref="IFileSystem.TryFlushVolume"/>). False on Windows.
    /// </summary>
    public bool IsBehindAnother { get; init; }

    /// <summary>Whether it is mounted read-only.</summary>
    public bool IsReadOnly { get; init; }
}
