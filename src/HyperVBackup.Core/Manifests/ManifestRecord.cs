using System;
using HyperVBackup.Files;

namespace HyperVBackup.Manifests;

/// <summary>What a manifest knows of one file, folder or link.</summary>
internal sealed class ManifestRecord
{
    public ManifestRecord(string path, FileEntry entry)
    {
        Path = path;
        Entry = entry;
    }

    /// <summary>Below the job's folder, '/' separated.</summary>
    public string Path { get; }

    /// <summary>
    /// Size, times, attributes and link target as they were in the source; and its identity, as far as <see
    /// cref="SourceStamps"/> believes it.
    /// </summary>
    public FileEntry Entry { get; }

    /// <summary>The copy's own stamps when it was finished: if they still hold, nobody has touched it since.</summary>
    public TargetStamp Stamp { get; init; }

    /// <summary>The encoded block list of a file of at most one chunk; empty for others.</summary>
    public byte[] InlineBlocks { get; init; } = Array.Empty<byte>();

    /// <summary>Where the frames with the block list of a larger file start in the manifest; 0: inline.</summary>
    public long BlocksAt { get; init; }
}

/// <summary>Stamps of a finished copy on its target.</summary>
internal readonly record struct TargetStamp(long Size, FileTime Modified, FileTime Changed)
{
    public static TargetStamp Of(FileEntry entry) => new(entry.Size, entry.Modified, entry.Changed);

    // By hand for the same reason as in FileTime.
    public bool Equals(TargetStamp other) =>
        Size == other.Size && Modified == other.Modified && Changed == other.Changed;

    public override int GetHashCode() => Size.GetHashCode() ^ Modified.GetHashCode() ^ Changed.GetHashCode();
}
