using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>The metadata of a VHDX ([MS-VHDX] 2.6), checked. What is missing or wrong is null.</summary>
internal sealed record VhdxMetadata
{
    private const int TableSize = 64 * 1024;
    private const int EntrySize = 32;
    private const int MostEntries = 2047;
    private const int MostUserEntries = 1024;

    /// <summary>Bytes per payload block.</summary>
    public uint? BlockSize { get; private init; }

    /// <summary>A fixed disk: blocks stay allocated.</summary>
    public bool LeaveBlocksAllocated { get; private init; }

    /// <summary>A differencing disk.</summary>
    public bool HasParent { get; private init; }

    /// <summary>Bytes.</summary>
    public ulong? VirtualSize { get; private init; }

    /// <summary>The virtual disk id, SCSI page 83.</summary>
    public Guid? DiskId { get; private init; }

    /// <summary>Bytes.</summary>
    public int? LogicalSectorSize { get; private init; }

    /// <summary>The parent, when there is one and its locator is readable.</summary>
    public ParentReference? Parent { get; private init; }

    /// <summary>Reads and checks the table and the items this format version defines.</summary>
    public static VhdxMetadata Read(IDiskSource source, VhdxRegions.Region region, DiskFindings findings)
    {
        var nothing = new VhdxMetadata();
        if (source.TryRead(region.Offset, TableSize) is not { } table)
        {
            findings.Damage(
                "the file ends inside the metadata table",
                region.Offset,
                TableSize,
                VhdxLayout.MetadataSection
            );
            return nothing;
        }

        var count = DiskBytes.UInt16Little(table, 10);
        if (!DiskBytes.HasText(table, 0, "metadata"))
        {
            findings.Damage(
                "there is no signature of the metadata table",
                region.Offset,
                8,
                VhdxLayout.MetadataSection
            );
            return nothing;
        }

        if (count > MostEntries)
        {
            findings.Damage(
                Invariant($"{count} entries are more than fit in the metadata table"),
                region.Offset + 10,
                2,
                VhdxLayout.MetadataSection
            );
            return nothing;
        }

        return ReadItems(source, region, ReadTable(table, count, region, findings), findings);
    }

    private static Dictionary<Guid, Item> ReadTable(
        byte[] table,
        int count,
        VhdxRegions.Region region,
        DiskFindings findings
    )
    {
        var items = new Dictionary<Guid, Item>();
        var seen = new HashSet<(Guid, bool)>();
        var places = new List<(Item Item, int At)>();
        for (var i = 0; i < count; i++)
        {
            var at = EntrySize + i * EntrySize;
            void Damage(string what) =>
                findings.Damage(what, region.Offset + at, EntrySize, VhdxLayout.MetadataSection);
            var item = new Item(
                DiskBytes.GuidLittle(table, at),
                DiskBytes.UInt32Little(table, at + 16),
                DiskBytes.UInt32Little(table, at + 20),
                DiskBytes.UInt32Little(table, at + 24)
            );
            if (!seen.Add((item.Id, item.IsUser)))
            {
                Damage("metadata " + item.Name + " is there twice");
                continue;
            }

            if (item.IsRequired && !item.IsKnown)
                Damage("metadata " + item.Name + " is required, and unknown: a newer version of the format");
            if (!item.IsInside(region.Length))
            {
                Damage(
                    Invariant(
                        $"metadata {item.Name} should be {item.Length} bytes at byte {item.Offset} of the metadata "
                    ) + "region, which is not a place for it"
                );
                continue;
            }

            if (item.Length > 0)
                places.Add((item, at));
            if (!item.IsUser)
                items[item.Id] = item;
        }

        if (seen.Count(key => key.Item2) > MostUserEntries)
            findings.Damage(
                Invariant($"more than {MostUserEntries} user entries are in the metadata table"),
                region.Offset,
                TableSize,
                VhdxLayout.MetadataSection
            );
        CheckOverlaps(places, region, findings);
        return items;
    }

    private static void CheckOverlaps(
        List<(Item Item, int At)> places,
        VhdxRegions.Region region,
        DiskFindings findings
    )
    {
        places.Sort((left, right) => left.Item.Offset.CompareTo(right.Item.Offset));
        for (var i = 1; i < places.Count; i++)
        {
            var before = places[i - 1].Item;
            if (places[i].Item.Offset < before.Offset + before.Length)
                findings.Damage(
                    "metadata " + places[i].Item.Name + " overlaps metadata " + before.Name,
                    region.Offset + places[i].At,
                    EntrySize,
                    VhdxLayout.MetadataSection
                );
        }
    }

    private static VhdxMetadata ReadItems(
        IDiskSource source,
        VhdxRegions.Region region,
        Dictionary<Guid, Item> items,
        DiskFindings findings
    )
    {
        var reader = new ItemReader(source, region, items, findings);
        var sector = reader.SectorSize(VhdxLayout.LogicalSectorSize);
        reader.SectorSize(VhdxLayout.PhysicalSectorSize);
        var parameters = reader.Bytes(VhdxLayout.FileParameters, 8);
        var flags = parameters is null ? 0 : DiskBytes.UInt32Little(parameters, 4);
        var hasParent = (flags & 2) != 0;
        return new VhdxMetadata
        {
            BlockSize = reader.BlockSize(parameters),
            LeaveBlocksAllocated = (flags & 1) != 0,
            HasParent = hasParent,
            VirtualSize = reader.VirtualSize(sector ?? 512),
            DiskId = reader.Bytes(VhdxLayout.VirtualDiskId, 16) is { } id ? DiskBytes.GuidLittle(id, 0) : null,
            LogicalSectorSize = sector,
            Parent = reader.Parent(hasParent),
        };
    }

    /// <summary>One entry of the table.</summary>
    /// <param name="Id">What it is.</param>
    /// <param name="Offset">From the start of the region.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="Flags">Bit 0: a user's, bit 1: of the virtual disk, bit 2: must be understood.</param>
    private sealed record Item(Guid Id, uint Offset, uint Length, uint Flags)
    {
        public bool IsUser => (Flags & 1) != 0;

        public bool IsRequired => (Flags & 4) != 0;

        public bool IsKnown => !IsUser && NameOf(Id) is not null;

        public string Name => (IsUser ? null : NameOf(Id)) ?? Id.ToString();

        public bool IsInside(long regionLength)
        {
            if (Length == 0)
                return Offset == 0;
            return Offset >= TableSize && Length <= DiskBytes.MiB && DiskBytes.IsInside(Offset, Length, regionLength);
        }

        public static string? NameOf(Guid id) =>
            id == VhdxLayout.FileParameters ? "\"file parameters\""
            : id == VhdxLayout.VirtualDiskSize ? "\"virtual disk size\""
            : id == VhdxLayout.VirtualDiskId ? "\"virtual disk id\""
            : id == VhdxLayout.LogicalSectorSize ? "\"logical sector size\""
            : id == VhdxLayout.PhysicalSectorSize ? "\"physical sector size\""
            : id == VhdxLayout.ParentLocator ? "\"parent locator\""
            : null;
    }

    /// <summary>The values of the items, each checked (2.6.2).</summary>
    private sealed class ItemReader
    {
        private readonly IDiskSource _source;
        private readonly VhdxRegions.Region _region;
        private readonly Dictionary<Guid, Item> _items;
        private readonly DiskFindings _findings;

        public ItemReader(
            IDiskSource source,
            VhdxRegions.Region region,
            Dictionary<Guid, Item> items,
            DiskFindings findings
        )
        {
            _source = source;
            _region = region;
            _items = items;
            _findings = findings;
        }

        /// <summary>
        /// An item of at least this size, all of it; null, with damage, when it is missing or shorter.
        /// </summary>
        public byte[]? Bytes(Guid id, int least)
        {
            if (!_items.TryGetValue(id, out var item))
            {
                _findings.Damage(
                    "metadata " + Item.NameOf(id) + " is missing",
                    _region.Offset,
                    TableSize,
                    VhdxLayout.MetadataItemSection
                );
                return null;
            }

            var bytes = item.Length >= least ? _source.TryRead(_region.Offset + item.Offset, (int)item.Length) : null;
            if (bytes is null)
                Damage(id, Invariant($"has {item.Length} bytes, not {least}"));
            return bytes;
        }

        public int? SectorSize(Guid id)
        {
            if (Bytes(id, 4) is not { } bytes)
                return null;
            var size = DiskBytes.UInt32Little(bytes, 0);
            if (size is 512 or 4096)
                return (int)size;
            Damage(id, Invariant($"is {size}, neither 512 nor 4096"));
            return null;
        }

        public uint? BlockSize(byte[]? parameters)
        {
            if (parameters is null)
                return null;
            var size = DiskBytes.UInt32Little(parameters, 0);
            if (size >= DiskBytes.MiB && size <= 256 * DiskBytes.MiB && (size & (size - 1)) == 0)
                return size;
            Damage(
                VhdxLayout.FileParameters,
                Invariant($"has blocks of {size} bytes, which is no power of two from 1 MiB to 256 MiB")
            );
            return null;
        }

        public ulong? VirtualSize(int sectorSize)
        {
            if (Bytes(VhdxLayout.VirtualDiskSize, 8) is not { } bytes)
                return null;
            var size = DiskBytes.UInt64Little(bytes, 0);
            if (size > 0 && size <= (ulong)VhdxLayout.LargestDisk && size % (uint)sectorSize == 0)
                return size;
            Damage(
                VhdxLayout.VirtualDiskSize,
                Invariant($"is {size} bytes: not a whole number of sectors, or more than 64 TiB")
            );
            return null;
        }

        public ParentReference? Parent(bool hasParent)
        {
            if (!hasParent)
            {
                if (_items.ContainsKey(VhdxLayout.ParentLocator))
                    _findings.Note("a parent locator is left over in a disk without a parent");
                return null;
            }

            if (Bytes(VhdxLayout.ParentLocator, VhdxParentLocator.HeaderSize) is not { } bytes)
                return null;
            var parent = VhdxParentLocator.Parse(bytes, out var what);
            if (what is not null)
                Damage(VhdxLayout.ParentLocator, what);
            return parent;
        }

        private void Damage(Guid id, string what)
        {
            var item = _items[id];
            _findings.Damage(
                "metadata " + item.Name + " " + what,
                _region.Offset + item.Offset,
                item.Length,
                VhdxLayout.MetadataItemSection
            );
        }
    }
}
