using System;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>One of the two headers of a VHDX ([MS-VHDX] 2.2.2), 4 KiB.</summary>
internal sealed class VhdxHeader
{
    public const int Size = 4096;

    private readonly byte[] _bytes;

    private VhdxHeader(byte[] bytes, long offset)
    {
        _bytes = bytes;
        Offset = offset;
    }

    /// <summary>Where it stands in the file.</summary>
    public long Offset { get; }

    public ulong SequenceNumber => DiskBytes.UInt64Little(_bytes, 8);

    public Guid DataWriteGuid => DiskBytes.GuidLittle(_bytes, 32);

    /// <summary>Marks the log entries that count; empty: there is nothing to replay.</summary>
    public Guid LogGuid => DiskBytes.GuidLittle(_bytes, 48);

    public ushort LogVersion => DiskBytes.UInt16Little(_bytes, 64);

    public ushort Version => DiskBytes.UInt16Little(_bytes, 66);

    public uint LogLength => DiskBytes.UInt32Little(_bytes, 68);

    public ulong LogOffset => DiskBytes.UInt64Little(_bytes, 72);

    /// <summary>
    /// The current header: the valid one with the higher sequence number; null, with damage, when there is none.
    /// </summary>
    public static VhdxHeader? Choose(IDiskSource source, DiskFindings findings)
    {
        var whats = new string?[2];
        var first = TryRead(source, VhdxLayout.Header1, out whats[0]);
        var second = TryRead(source, VhdxLayout.Header2, out whats[1]);
        var offsets = new[] { VhdxLayout.Header1, VhdxLayout.Header2 };
        for (var i = 0; i < 2; i++)
            if (whats[i] is { } what)
                findings.Damage(
                    Invariant($"header {i + 1}: {what}"),
                    offsets[i],
                    Size,
                    VhdxLayout.HeaderSpecSection,
                    first is not null || second is not null
                );

        if (first is null || second is null)
            return first ?? second;
        if (first.SequenceNumber != second.SequenceNumber)
            return first.SequenceNumber > second.SequenceNumber ? first : second;

        // Equal numbers leave no current header; two equal headers leave nothing to choose either.
        if (first._bytes.SequenceEqual(second._bytes))
            return first;
        var range = VhdxLayout.Header2 - VhdxLayout.Header1 + Size;
        findings.Damage(
            Invariant($"both headers have sequence number {first.SequenceNumber} and differ: neither is current"),
            VhdxLayout.Header1,
            range,
            VhdxLayout.HeaderSpecSection
        );
        return null;
    }

    private static VhdxHeader? TryRead(IDiskSource source, long offset, out string? what)
    {
        what = null;
        var bytes = source.TryRead(offset, Size);
        if (bytes is null)
            what = "the file ends before it";
        else if (!DiskBytes.HasText(bytes, 0, "head"))
            what = "there is no signature";
        else if (!ChecksumMatches(bytes))
            what = "the checksum does not match";
        return what is null ? new VhdxHeader(bytes!, offset) : null;
    }

    /// <summary>
    /// Whether the CRC-32C at byte 4 is that of all the bytes with that field zero, as in headers and region tables.
    /// </summary>
    public static bool ChecksumMatches(byte[] bytes) =>
        DiskBytes.UInt32Little(bytes, 4) == ChecksumOf(bytes, bytes.Length);

    /// <summary>The CRC-32C of the first <paramref name="count"/> bytes, taking bytes 4 to 7 as zero.</summary>
    public static uint ChecksumOf(byte[] bytes, int count)
    {
        var crc = Crc32C.Compute(bytes, 0, 4);
        crc = Crc32C.Append(crc, new byte[4], 0, 4);
        return Crc32C.Append(crc, bytes, 8, count - 8);
    }
}
