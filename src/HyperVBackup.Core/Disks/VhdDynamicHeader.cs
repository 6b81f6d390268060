using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace HyperVBackup.Disks;

/// <summary>The header of dynamic and differencing VHDs ("Dynamic Disk Header Format"), 1024 bytes.</summary>
internal sealed class VhdDynamicHeader
{
    public const int Size = 1024;
    public const string Cookie = "cxsparse";
    public const string Section = "VHD specification, Dynamic Disk Header Format";

    internal const int ChecksumAt = 36;

    private const int LocatorsAt = 576;
    private const int LocatorCount = 8;
    private const int LocatorSize = 24;

    private readonly byte[] _bytes;

    public VhdDynamicHeader(byte[] bytes) => _bytes = bytes;

    public bool HasCookie => DiskBytes.HasText(_bytes, 0, Cookie);

    public bool ChecksumMatches =>
        DiskBytes.UInt32Big(_bytes, ChecksumAt) == VhdFooter.ChecksumOf(_bytes, Size, ChecksumAt);

    /// <summary>Where the block allocation table starts.</summary>
    public ulong TableOffset => DiskBytes.UInt64Big(_bytes, 16);

    public uint Version => DiskBytes.UInt32Big(_bytes, 24);

    public uint MaxTableEntries => DiskBytes.UInt32Big(_bytes, 28);

    public uint BlockSize => DiskBytes.UInt32Big(_bytes, 32);

    public Guid ParentId => DiskBytes.GuidBig(_bytes, 40);

    /// <summary>The parent's file name.</summary>
    public string ParentName => DiskBytes.Text(Encoding.BigEndianUnicode, _bytes, 64, 512);

    /// <summary>
    /// The locators in use. What the format calls their "space" is not read: some writers count sectors there, Windows
    /// bytes.
    /// </summary>
    public IEnumerable<Locator> Locators =>
        Enumerable
            .Range(0, LocatorCount)
            .Select(i => LocatorsAt + i * LocatorSize)
            .Where(at => DiskBytes.UInt32Big(_bytes, at) != 0)
            .Select(at => new Locator(
                Encoding.ASCII.GetString(_bytes, at, 4),
                DiskBytes.UInt32Big(_bytes, at + 8),
                DiskBytes.UInt64Big(_bytes, at + 16),
                at
            ));

    /// <summary>Where a parent's path is stored.</summary>
    /// <param name="Platform">"W2ru": relative path, "W2ku": absolute path, both UTF-16; others are not
    /// Windows'.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="Offset">In the file.</param>
    /// <param name="EntryAt">Where in the header the entry stands.</param>
    internal sealed record Locator(string Platform, uint Length, ulong Offset, int EntryAt);
}
