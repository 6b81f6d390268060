using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>The region table of a VHDX ([MS-VHDX] 2.2.3): where the BAT and the metadata are.</summary>
internal sealed class VhdxRegions
{
    private const int TableSize = 64 * 1024;
    private const int MostEntries = 2047;
    private const int EntrySize = 32;

    private VhdxRegions(Region? bat, Region? metadata)
    {
        Bat = bat;
        Metadata = metadata;
    }

    /// <summary>Null when it is missing or misplaced.</summary>
    public Region? Bat { get; }

    /// <summary>Null when it is missing or misplaced.</summary>
    public Region? Metadata { get; }

    /// <summary>Reads both copies and checks the regions of the first that is whole.</summary>
    public static VhdxRegions? Read(IDiskSource source, DiskFindings findings, FileExtents extents)
    {
        var first = TryReadTable(source, VhdxLayout.RegionTable1, out var firstWhat);
        var second = TryReadTable(source, VhdxLayout.RegionTable2, out var secondWhat);
        var someIntact = first is not null || second is not null;
        if (firstWhat is not null)
            findings.Damage(
                "region table 1: " + firstWhat,
                VhdxLayout.RegionTable1,
                TableSize,
                VhdxLayout.RegionSection,
                someIntact
            );
        if (secondWhat is not null)
            findings.Damage(
                "region table 2: " + secondWhat,
                VhdxLayout.RegionTable2,
                TableSize,
                VhdxLayout.RegionSection,
                someIntact
            );
        if (!someIntact)
            return null;
        if (first is not null && second is not null && !SameEntries(first, second))
            findings.Damage(
                "the two region tables differ",
                VhdxLayout.RegionTable1,
                2 * TableSize,
                VhdxLayout.RegionSection
            );
        return CheckEntries(
            first ?? second!,
            first is not null ? VhdxLayout.RegionTable1 : VhdxLayout.RegionTable2,
            source.Length,
            findings,
            extents
        );
    }

    private static byte[]? TryReadTable(IDiskSource source, long offset, out string? what)
    {
        what = null;
        var bytes = source.TryRead(offset, TableSize);
        if (bytes is null)
            what = "the file ends inside it";
        else if (!DiskBytes.HasText(bytes, 0, "regi"))
            what = "there is no signature";
        else if (!VhdxHeader.ChecksumMatches(bytes))
            what = "the checksum does not match";
        else if (DiskBytes.UInt32Little(bytes, 8) > MostEntries)
            what = Invariant($"{DiskBytes.UInt32Little(bytes, 8)} entries are more than fit");
        return what is null ? bytes : null;
    }

    // What follows the last entry is reserved and may be anything.
    private static bool SameEntries(byte[] first, byte[] second)
    {
        var used = 16 + (int)DiskBytes.UInt32Little(first, 8) * EntrySize;
        return first.Skip(8).Take(4).SequenceEqual(second.Skip(8).Take(4))
            && first.Skip(16).Take(used - 16).SequenceEqual(second.Skip(16).Take(used - 16));
    }

    private static VhdxRegions CheckEntries(
        byte[] table,
        long tableAt,
        long fileLength,
        DiskFindings findings,
        FileExtents extents
    )
    {
        Region? bat = null,
            metadata = null;
        var seen = new HashSet<Guid>();
        var count = (int)DiskBytes.UInt32Little(table, 8);
        for (var i = 0; i < count; i++)
        {
            var at = 16 + i * EntrySize;
            void Damage(string what) => findings.Damage(what, tableAt + at, EntrySize, VhdxLayout.RegionSection);
            var id = DiskBytes.GuidLittle(table, at);
            var offset = DiskBytes.UInt64Little(table, at + 16);
            var length = DiskBytes.UInt32Little(table, at + 24);
            var isRequired = (DiskBytes.UInt32Little(table, at + 28) & 1) != 0;
            var isKnown = id == VhdxLayout.BatRegion || id == VhdxLayout.MetadataRegion;
            var name =
                id == VhdxLayout.BatRegion ? "BAT"
                : id == VhdxLayout.MetadataRegion ? "metadata region"
                : Invariant($"region {id}");
            if (!seen.Add(id))
            {
                Damage("the " + name + " is in the region table twice");
                continue;
            }

            if (!isKnown && isRequired)
                Damage("the " + name + " is required, and unknown: a newer version of the format");
            if (
                offset % DiskBytes.MiB != 0
                || length % DiskBytes.MiB != 0
                || offset < DiskBytes.MiB
                || length == 0
                || !DiskBytes.IsInside(offset, length, fileLength)
            )
            {
                Damage(
                    Invariant(
                        $"the {name} should be {length} bytes at byte {offset}, which are no whole MiBs of the file"
                    )
                );
                continue;
            }

            extents.Add(findings, name, (long)offset, length, VhdxLayout.RegionSection);
            if (id == VhdxLayout.BatRegion)
                bat = new Region((long)offset, length);
            else if (isKnown)
                metadata = new Region((long)offset, length);
        }

        if (!seen.Contains(VhdxLayout.BatRegion))
            findings.Damage("the region table has no BAT", tableAt, TableSize, VhdxLayout.RegionSection);
        if (!seen.Contains(VhdxLayout.MetadataRegion))
            findings.Damage("the region table has no metadata region", tableAt, TableSize, VhdxLayout.RegionSection);
        return new VhdxRegions(bat, metadata);
    }

    /// <summary>A region's place, inside the file.</summary>
    /// <param name="Offset">Bytes.</param>
    /// <param name="Length">Bytes.</param>
    internal sealed record Region(long Offset, long Length);
}
