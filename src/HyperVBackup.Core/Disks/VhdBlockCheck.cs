using System;
using System.Threading;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>
/// Checks the block allocation table of a VHD: every block inside the file, none on top of another or of a structure.
/// </summary>
internal sealed class VhdBlockCheck
{
    public const string Section = "VHD specification, Block Allocation Table and Data Blocks";

    /// <summary>
    /// Bytes. Smaller blocks than any known writer makes: telling overlaps of 2 TiB in them would take too much memory.
    /// </summary>
    public const uint SmallestBlockForOverlaps = 128 * 1024;

    private const uint Unused = 0xFFFF_FFFF;
    private const int ChunkSize = 256 * 1024;

    private readonly IDiskSource _source;
    private readonly DiskFindings _findings;
    private readonly CancellationToken _cancellation;

    public VhdBlockCheck(IDiskSource source, DiskFindings findings, CancellationToken cancellation)
    {
        _source = source;
        _findings = findings;
        _cancellation = cancellation;
    }

    /// <summary>Checks every entry. The table is known to lie before <paramref name="end"/>.</summary>
    public void Run(VhdDynamicHeader header, FileExtents extents, long end)
    {
        // A block is its sector bitmap, one bit per sector, padded to a sector, and then its data.
        var bitmap = (header.BlockSize / 512 / 8 + 511) / 512 * 512;
        var size = (long)bitmap + header.BlockSize;
        var places = header.BlockSize >= SmallestBlockForOverlaps ? new BlockPlaces(size / 512, end / 512) : null;
        if (places is null)
            _findings.Note(Invariant($"blocks of {header.BlockSize} bytes are too small to be checked for overlaps"));

        var chunk = new byte[ChunkSize];
        for (long first = 0; first < header.MaxTableEntries; first += ChunkSize / 4)
        {
            _cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(ChunkSize / 4, header.MaxTableEntries - first);
            var at = (long)header.TableOffset + first * 4;
            if (_source.Read(at, chunk, 0, count * 4) < count * 4)
            {
                _findings.Damage("the file ends inside the block allocation table", at, count * 4, Section);
                return;
            }

            for (var i = 0; i < count && !_findings.HasMore; i++)
            {
                var sector = DiskBytes.UInt32Big(chunk, i * 4);
                if (sector != Unused)
                    CheckBlock(first + i, at + i * 4, sector, size, places, extents, end);
            }

            if (_findings.HasMore)
                return;
        }
    }

    private void CheckBlock(
        long index,
        long entryAt,
        uint sector,
        long size,
        BlockPlaces? places,
        FileExtents extents,
        long end
    )
    {
        var offset = sector * 512L;
        if (offset + size > end)
            _findings.Damage(
                Invariant($"block {index} should be {size} bytes at byte {offset}, beyond the end of the file"),
                entryAt,
                4,
                Section
            );
        else if (extents.Find(offset, size) is { } structure)
            _findings.Damage(
                Invariant($"block {index} at byte {offset} overlaps the {structure.Name}"),
                entryAt,
                4,
                Section
            );
        else if (places?.Take(sector) is { } other)
            _findings.Damage(
                Invariant($"block {index} at byte {offset} overlaps the block at byte {other * 512}"),
                entryAt,
                4,
                Section
            );
    }

    /// <summary>
    /// Where blocks of one size stand. The file is cut into slots of that size; two blocks that start in the same slot
    /// overlap, so a slot needs
    /// to remember one start only, and a block can otherwise overlap none but the ones that start in the slots beside
    /// it: 4 MB for a 2 TiB disk of 2 MiB blocks.
    /// </summary>
    private sealed class BlockPlaces
    {
        private const int PageSize = 1 << 14;

        private readonly long _size;
        private readonly uint[]?[] _pages;

        /// <summary>For blocks of this size in a file of this length, both in sectors of 512 bytes.</summary>
        public BlockPlaces(long size, long fileLength)
        {
            _size = size;
            _pages = new uint[]?[Math.Min(fileLength, uint.MaxValue) / size / PageSize + 1];
        }

        /// <summary>Notes the block that starts at this sector, or returns the start of one it overlaps.</summary>
        public long? Take(uint sector)
        {
            var slot = sector / _size;
            for (var near = Math.Max(0, slot - 1); near <= slot + 1; near++)
            {
                var other = StartIn(near);
                if (other > 0 && Math.Abs(other - sector) < _size)
                    return other;
            }

            (_pages[slot / PageSize] ??= new uint[PageSize])[slot % PageSize] = sector;
            return null;
        }

        // Sector 0 is the footer's copy, so 0 says that no block starts there.
        private long StartIn(long slot)
        {
            var page = slot / PageSize;
            return page < _pages.Length && _pages[page] is { } starts ? starts[slot % PageSize] : 0;
        }
    }
}
