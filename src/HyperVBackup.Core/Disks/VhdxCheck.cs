using System;
using System.Threading;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>
/// Checks one VHDX: identifier, headers, log, regions, metadata, BAT, in this order, each reached through the one
/// before.
/// </summary>
internal sealed class VhdxCheck
{
    private readonly IDiskSource _source;
    private readonly DiskFindings _findings;
    private readonly CancellationToken _cancellation;
    private readonly FileExtents _extents = new();

    public VhdxCheck(IDiskSource source, DiskFindings findings, CancellationToken cancellation)
    {
        _source = source;
        _findings = findings;
        _cancellation = cancellation;
    }

    public DiskReport Run(DiskReport report)
    {
        report = report with { Format = DiskFormat.Vhdx };
        if (_source.TryRead(0, 8) is not { } start || !DiskBytes.HasText(start, 0, VhdxLayout.FileSignature))
            _findings.Damage("the file does not start with a VHDX identifier", 0, 8, VhdxLayout.IdentifierSection);
        if (VhdxHeader.Choose(_source, _findings) is not { } header)
            return report;
        report = report with { DataWriteGuid = header.DataWriteGuid, HasDirtyLog = header.LogGuid != Guid.Empty };
        if (header.Version != 1)
        {
            _findings.Damage(
                Invariant($"the header has version {header.Version}, not 1"),
                header.Offset + 66,
                2,
                VhdxLayout.HeaderSpecSection
            );
            return report;
        }

        _extents.Add(_findings, "header section", 0, VhdxLayout.HeaderSection, VhdxLayout.HeaderSpecSection);
        return ReplayLog(header) is { } content ? CheckContent(content, report) : report;
    }

    // The file as an attach would see it; null when that cannot be told.
    private IDiskSource? ReplayLog(VhdxHeader header)
    {
        var isDirty = header.LogGuid != Guid.Empty;
        if (
            header.LogOffset % DiskBytes.MiB != 0
            || header.LogLength % DiskBytes.MiB != 0
            || !DiskBytes.IsInside(header.LogOffset, header.LogLength, _source.Length)
        )
        {
            var what =
                Invariant($"the log should be {header.LogLength} bytes at byte {header.LogOffset}, ")
                + "which are no whole MiBs of the file";
            _findings.Damage(what, header.Offset + 68, 12, VhdxLayout.HeaderSpecSection);
            return isDirty ? null : _source;
        }

        _extents.Add(_findings, "log", (long)header.LogOffset, header.LogLength, VhdxLayout.HeaderSpecSection);
        if (!isDirty)
            return _source;
        if (header.LogVersion != 0)
        {
            _findings.Damage(
                Invariant($"the log to replay has version {header.LogVersion}, not 0"),
                header.Offset + 64,
                2,
                VhdxLayout.HeaderSpecSection
            );
            return null;
        }

        if (header.LogLength > VhdxLog.LargestFollowed)
        {
            _findings.Note(
                Invariant(
                    $"dirty log of {header.LogLength} bytes, too long to follow: what it may change was not checked"
                )
            );
            return null;
        }

        return LayOver(header);
    }

    private VhdxOverlay? LayOver(VhdxHeader header)
    {
        var at = (long)header.LogOffset;
        var ring = _source.TryRead(at, (int)header.LogLength);
        var entries = ring is null ? null : VhdxLog.FindActiveSequence(ring, header.LogGuid);
        if (ring is null || entries is null || entries.Count == 0)
        {
            _findings.Damage(
                "the log is to be replayed, but it has no valid sequence of entries",
                at,
                header.LogLength,
                VhdxLayout.ReplaySection
            );
            return null;
        }

        var flushed = entries[entries.Count - 1].FlushedFileOffset;
        if (flushed > (ulong)_source.Length)
        {
            var missing = (long)Math.Min(flushed, long.MaxValue) - _source.Length;
            _findings.Damage(
                Invariant($"the file was cut off: its log has seen it {flushed} bytes long"),
                _source.Length,
                missing,
                VhdxLayout.ReplaySection
            );
        }

        var overlay = new VhdxOverlay(_source, ring, entries);
        if (overlay.HasTooManyZeroRanges)
        {
            _findings.Note("dirty log with too many zero descriptors to follow: what it may change was not checked");
            return null;
        }

        _findings.Note(Invariant($"dirty log: {entries.Count} entries will be replayed at attach"));
        return overlay;
    }

    private DiskReport CheckContent(IDiskSource content, DiskReport report)
    {
        if (VhdxRegions.Read(content, _findings, _extents) is not { Metadata: { } metadataRegion } regions)
            return report;
        var metadata = VhdxMetadata.Read(content, metadataRegion, _findings);
        report = report with
        {
            Kind =
                metadata.BlockSize is null ? DiskKind.Unknown
                : metadata.HasParent ? DiskKind.Differencing
                : metadata.LeaveBlocksAllocated ? DiskKind.Fixed
                : DiskKind.Dynamic,
            VirtualSize = (long?)metadata.VirtualSize,
            BlockSize = metadata.BlockSize,
            LogicalSectorSize = metadata.LogicalSectorSize,
            DiskId = metadata.DiskId,
            Parent = metadata.Parent,
        };
        if (
            regions.Bat is not { } bat
            || metadata.VirtualSize is not { } size
            || metadata.BlockSize is not { } blockSize
            || metadata.LogicalSectorSize is not { } sector
        )
            return report;

        var blocks = new VhdxBlocks((long)size, blockSize, sector, metadata.HasParent);
        if (blocks.EntryCount * 8 > bat.Length)
            _findings.Damage(
                Invariant($"the BAT has {bat.Length} bytes, its {blocks.EntryCount} entries need more"),
                bat.Offset,
                bat.Length,
                VhdxLayout.BatSection
            );
        else
            new VhdxBlockCheck(content, _findings, _extents, blocks, bat.Offset).Run(_cancellation);
        return report;
    }
}
