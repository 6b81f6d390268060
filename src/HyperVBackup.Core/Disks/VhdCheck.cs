using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>Checks one VHD.</summary>
internal sealed class VhdCheck
{
    private const string LocatorSection = "VHD specification, Dynamic Disk Header Format, Parent Locator Entries";

    // A path has at most 32,767 UTF-16 units.
    private const int LongestLocator = 64 * 1024;

    private readonly IDiskSource _source;
    private readonly DiskFindings _findings;
    private readonly CancellationToken _cancellation;

    public VhdCheck(IDiskSource source, DiskFindings findings, CancellationToken cancellation)
    {
        _source = source;
        _findings = findings;
        _cancellation = cancellation;
    }

    public DiskReport Run(DiskReport report)
    {
        report = report with { Format = DiskFormat.Vhd };
        if (ChooseFooter() is not { } footer)
            return report;
        report = report with { Kind = footer.Kind, DiskId = footer.UniqueId, LogicalSectorSize = 512 };
        if (!CheckFooter(footer))
            return report;
        report = report with { VirtualSize = (long)footer.CurrentSize };
        if (footer.Kind == DiskKind.Fixed)
        {
            CheckFixed(footer);
            return report;
        }

        return CheckDynamic(footer, report);
    }

    // "If the checksum verification fails, … use the header": of a dynamic disk the copy at the start will do.
    private VhdFooter? ChooseFooter()
    {
        var end = VhdFooter.FindAtEnd(_source);
        if (end is { ChecksumMatches: true })
            return end;
        var copy = VhdFooter.TryRead(_source, 0, VhdFooter.Size);
        var copyServes = copy is { ChecksumMatches: true, Kind: DiskKind.Dynamic or DiskKind.Differencing };
        if (end is not null)
            _findings.Damage(
                "the checksum of the footer does not match",
                end.Offset,
                end.Length,
                VhdFooter.Section,
                copyServes
            );
        else
            _findings.Damage(
                "there is no footer at the end of the file",
                Math.Max(0, _source.Length - VhdFooter.Size),
                VhdFooter.Size,
                VhdFooter.Section,
                copyServes
            );
        return copyServes ? copy : null;
    }

    private bool CheckFooter(VhdFooter footer)
    {
        var before = _findings.Damages.Count;
        void Damage(string what, int field, int length) =>
            _findings.Damage(what, footer.Offset + field, length, VhdFooter.Section);
        if (footer.Version >> 16 != 1)
            Damage(Invariant($"the footer has version 0x{footer.Version:X8}, not 1.0"), 12, 4);
        if (footer.Kind == DiskKind.Unknown)
            Damage(Invariant($"disk type {footer.DiskType} is none of fixed, dynamic and differencing"), 60, 4);
        if (footer.CurrentSize == 0 || footer.CurrentSize % 512 != 0 || footer.CurrentSize > long.MaxValue)
            Damage(Invariant($"a disk of {footer.CurrentSize} bytes is no whole number of sectors"), 48, 8);
        if ((footer.Features & 2) == 0)
            _findings.Note("the footer's feature bit that must always be set is not");
        if (footer.IsSavedState)
            _findings.Note("the disk belongs to a saved virtual machine");
        return _findings.Damages.Count == before;
    }

    private void CheckFixed(VhdFooter footer)
    {
        if (footer.CurrentSize == (ulong)footer.Offset)
            return;
        var missing = footer.CurrentSize > (ulong)footer.Offset;
        var what = Invariant($"a fixed disk of {footer.CurrentSize} bytes has {footer.Offset} bytes before its footer");
        if (missing)
            _findings.Damage(
                what,
                footer.Offset,
                (long)footer.CurrentSize - footer.Offset,
                "VHD specification, Fixed Hard Disk Image"
            );
        else
            _findings.Damage(
                what,
                (long)footer.CurrentSize,
                footer.Offset - (long)footer.CurrentSize,
                "VHD specification, Fixed Hard Disk Image"
            );
    }

    private DiskReport CheckDynamic(VhdFooter footer, DiskReport report)
    {
        var extents = new FileExtents();
        CheckCopy(footer);
        extents.Add(_findings, "copy of the footer", 0, VhdFooter.Size, VhdFooter.Section);
        // A footer taken from the start stands for the one that should be at the end.
        var end = footer.Offset > 0 ? footer.Offset : _source.Length - VhdFooter.Size;
        if (ReadHeader(footer, extents, end) is not { } header)
            return report;
        report = report with { BlockSize = header.BlockSize };
        if (footer.Kind == DiskKind.Differencing)
            report = report with { Parent = ReadParent(header, (long)footer.DataOffset, extents, end) };
        if (CheckTable(footer, header, extents, end))
            new VhdBlockCheck(_source, _findings, _cancellation).Run(header, extents, end);
        return report;
    }

    private void CheckCopy(VhdFooter footer)
    {
        if (footer.Offset == 0)
            return;
        var copy = VhdFooter.TryRead(_source, 0, VhdFooter.Size);
        if (copy is null)
            _findings.Damage(
                "there is no copy of the footer at the start of the file",
                0,
                VhdFooter.Size,
                VhdFooter.Section,
                true
            );
        else if (!copy.ChecksumMatches)
            _findings.Damage(
                "the checksum of the footer's copy does not match",
                0,
                VhdFooter.Size,
                VhdFooter.Section,
                true
            );
        else if (!copy.DescribesSameDiskAs(footer))
            _findings.Damage(
                "the footer and its copy at the start describe different disks",
                0,
                VhdFooter.Size,
                VhdFooter.Section
            );
    }

    private VhdDynamicHeader? ReadHeader(VhdFooter footer, FileExtents extents, long end)
    {
        var offset = footer.DataOffset;
        if (offset % 512 != 0 || !DiskBytes.IsInside(offset, VhdDynamicHeader.Size, end))
        {
            _findings.Damage(
                Invariant($"the dynamic header should be at byte {offset}, which is no sector of the file"),
                footer.Offset + 16,
                8,
                VhdFooter.Section
            );
            return null;
        }

        if (_source.TryRead((long)offset, VhdDynamicHeader.Size) is not { } bytes)
        {
            _findings.Damage(
                "the file ends inside the dynamic header",
                (long)offset,
                VhdDynamicHeader.Size,
                VhdDynamicHeader.Section
            );
            return null;
        }

        var header = new VhdDynamicHeader(bytes);
        void Damage(string what, int field, int length) =>
            _findings.Damage(what, (long)offset + field, length, VhdDynamicHeader.Section);
        if (!header.HasCookie)
            Damage("there is no dynamic header", 0, 8);
        else if (!header.ChecksumMatches)
            Damage("the checksum of the dynamic header does not match", 0, VhdDynamicHeader.Size);
        else if (header.Version >> 16 != 1)
            Damage(Invariant($"the dynamic header has version 0x{header.Version:X8}, not 1.0"), 24, 4);
        else
        {
            extents.Add(_findings, "dynamic header", (long)offset, VhdDynamicHeader.Size, VhdDynamicHeader.Section);
            return header;
        }

        return null;
    }

    private bool CheckTable(VhdFooter footer, VhdDynamicHeader header, FileExtents extents, long end)
    {
        var before = _findings.Damages.Count;
        var at = (long)footer.DataOffset;
        if (header.BlockSize < 512 || (header.BlockSize & (header.BlockSize - 1)) != 0)
        {
            _findings.Damage(
                Invariant($"a block of {header.BlockSize} bytes is no power of two of sectors"),
                at + 32,
                4,
                VhdDynamicHeader.Section
            );
            return false;
        }

        var needed = (footer.CurrentSize + header.BlockSize - 1) / header.BlockSize;
        if (header.MaxTableEntries < needed)
            _findings.Damage(
                Invariant(
                    $"the block allocation table has {header.MaxTableEntries} entries, the disk has {needed} blocks"
                ),
                at + 28,
                4,
                VhdDynamicHeader.Section
            );
        var size = header.MaxTableEntries * 4L;
        if (header.TableOffset % 512 != 0 || !DiskBytes.IsInside(header.TableOffset, (ulong)size, end))
        {
            var what =
                Invariant($"the block allocation table should be {size} bytes at byte {header.TableOffset}, ")
                + "which is not in the file";
            _findings.Damage(what, at + 16, 16, VhdDynamicHeader.Section);
            return false;
        }

        extents.Add(_findings, "block allocation table", (long)header.TableOffset, size, VhdBlockCheck.Section);
        return _findings.Damages.Count == before;
    }

    private ParentReference ReadParent(VhdDynamicHeader header, long headerAt, FileExtents extents, long end)
    {
        var paths = new List<(string Platform, string Path)>();
        foreach (var locator in header.Locators)
        {
            if (!DiskBytes.IsInside(locator.Offset, locator.Length, end))
            {
                var platform = locator.Platform.Replace('\0', ' ');
                var place = Invariant($"{locator.Length} bytes at byte {locator.Offset}");
                var what = "the parent locator \"" + platform + "\" should be " + place + ", which is not in the file";
                _findings.Damage(what, headerAt + locator.EntryAt, 24, LocatorSection);
                continue;
            }

            extents.Add(_findings, "parent locator", (long)locator.Offset, locator.Length, LocatorSection);
            if (locator.Platform is not ("W2ru" or "W2ku") || locator.Length > LongestLocator)
                continue;
            if (_source.TryRead((long)locator.Offset, (int)locator.Length) is { } bytes)
                paths.Add((locator.Platform, DiskBytes.Text(Encoding.Unicode, bytes, 0, bytes.Length)));
        }

        // "W2ru" before "W2ku": the relative path is the one that survives a move.
        var inOrder = paths
            .OrderByDescending(path => path.Platform, StringComparer.Ordinal)
            .Select(path => path.Path)
            .ToList();
        inOrder.Add(header.ParentName);
        inOrder.RemoveAll(path => path.Length == 0);
        if (inOrder.Count == 0)
            _findings.Damage("a differencing disk names no parent", headerAt + 64, 512, VhdDynamicHeader.Section);
        return new ParentReference(new[] { header.ParentId }, inOrder.Distinct(StringComparer.Ordinal).ToList());
    }
}
