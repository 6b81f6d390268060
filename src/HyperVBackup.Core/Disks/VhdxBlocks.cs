using System;

namespace HyperVBackup.Disks;

/// <summary>
/// How blocks and the entries of the BAT belong together ([MS-VHDX] 2.4 and 2.5). All arguments are known to be in the
/// format's bounds.
/// </summary>
internal sealed class VhdxBlocks
{
    private readonly long _virtualSize;
    private readonly long _chunkRatio;

    public VhdxBlocks(long virtualSize, long blockSize, int logicalSectorSize, bool hasParent)
    {
        _virtualSize = virtualSize;
        BlockSize = blockSize;
        HasParent = hasParent;

        // A sector bitmap has 2^23 bits, one per sector: that many sectors are a chunk.
        _chunkRatio = (1L << 23) * logicalSectorSize / blockSize;
        var payload = (virtualSize + blockSize - 1) / blockSize;
        var chunks = (payload + _chunkRatio - 1) / _chunkRatio;
        EntryCount = hasParent ? chunks * (_chunkRatio + 1) : payload + (payload - 1) / _chunkRatio;
    }

    /// <summary>Bytes per payload block.</summary>
    public long BlockSize { get; }

    /// <summary>Differencing: the BAT reaches to the last sector bitmap instead of the last payload block.</summary>
    public bool HasParent { get; }

    /// <summary>Entries in the BAT: at most 2^26 + 2^11.</summary>
    public long EntryCount { get; }

    /// <summary>Every chunk's payload entries are followed by its sector bitmap's.</summary>
    public bool IsSectorBitmap(long entry) => entry % (_chunkRatio + 1) == _chunkRatio;

    /// <summary>The number of the sector bitmap of this entry.</summary>
    public long SectorBitmap(long entry) => entry / (_chunkRatio + 1);

    /// <summary>
    /// The number of the payload block of this entry; beyond the disk's end in the last chunk of a differencing disk.
    /// </summary>
    public long PayloadBlock(long entry) => entry - entry / (_chunkRatio + 1);

    /// <summary>Bytes the disk uses of a block: less than all of its last one, none beyond.</summary>
    public long BytesOfBlock(long block) => Math.Max(0, Math.Min(BlockSize, _virtualSize - block * BlockSize));
}
