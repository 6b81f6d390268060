using System;

namespace HyperVBackup.Disks;

/// <summary>
/// The footer of a VHD ("Hard Disk Footer Format"): the last 512 bytes, or the last 511 in files older than Virtual PC
/// 2004;
/// dynamic and differencing disks repeat it at offset 0.
/// </summary>
internal sealed class VhdFooter
{
    public const int Size = 512;
    public const int OldSize = 511;
    public const string Cookie = "conectix";
    public const string Section = "VHD specification, Hard Disk Footer Format";

    internal const int ChecksumAt = 64;

    private readonly byte[] _bytes;

    private VhdFooter(byte[] bytes, long offset, int length)
    {
        _bytes = bytes;
        Offset = offset;
        Length = length;
    }

    /// <summary>Where it was read.</summary>
    public long Offset { get; }

    /// <summary>Bytes it takes in the file: 512 or 511.</summary>
    public int Length { get; }

    public bool ChecksumMatches => DiskBytes.UInt32Big(_bytes, ChecksumAt) == ChecksumOf(_bytes, Size, ChecksumAt);

    public uint Features => DiskBytes.UInt32Big(_bytes, 8);

    public uint Version => DiskBytes.UInt32Big(_bytes, 12);

    public ulong DataOffset => DiskBytes.UInt64Big(_bytes, 16);

    /// <summary>Bytes the virtual machine sees.</summary>
    public ulong CurrentSize => DiskBytes.UInt64Big(_bytes, 48);

    public uint DiskType => DiskBytes.UInt32Big(_bytes, 60);

    public DiskKind Kind =>
        DiskType switch
        {
            2 => DiskKind.Fixed,
            3 => DiskKind.Dynamic,
            4 => DiskKind.Differencing,
            _ => DiskKind.Unknown,
        };

    public Guid UniqueId => DiskBytes.GuidBig(_bytes, 68);

    public bool IsSavedState => _bytes[84] != 0;

    /// <summary>The footer at the end of the file, whole or not; null when no cookie is there.</summary>
    public static VhdFooter? FindAtEnd(IDiskSource source) =>
        TryRead(source, source.Length - Size, Size) ?? TryRead(source, source.Length - OldSize, OldSize);

    /// <summary>The footer at this offset, whole or not; null when no cookie is there.</summary>
    public static VhdFooter? TryRead(IDiskSource source, long offset, int length)
    {
        var bytes = source.TryRead(offset, length);
        if (bytes is null || !DiskBytes.HasText(bytes, 0, Cookie))
            return null;
        Array.Resize(ref bytes, Size);
        return new VhdFooter(bytes, offset, length);
    }

    /// <summary>
    /// The one's complement of the sum of all bytes but the checksum's own four ("Checksum Calculation").
    /// </summary>
    public static uint ChecksumOf(byte[] bytes, int count, int checksumAt)
    {
        uint sum = 0;
        for (var i = 0; i < count; i++)
            if (i < checksumAt || i >= checksumAt + 4)
                sum += bytes[i];
        return ~sum;
    }

    /// <summary>Whether the two describe the same disk; time stamps and flags may differ.</summary>
    public bool DescribesSameDiskAs(VhdFooter other) =>
        CurrentSize == other.CurrentSize
        && DiskType == other.DiskType
        && DataOffset == other.DataOffset
        && UniqueId == other.UniqueId
        && Version == other.Version;
}
