using System;
using System.Linq;
using System.Threading;

namespace HyperVBackup.Disks;

/// <summary>
/// Checks the structure of virtual disks without attaching them: every checksum, every bound, no two structures in one
/// place.
/// Damage is data, never an exception; only I/O errors and cancellation pass through. Memory and time are bounded
/// whatever a file claims of itself.
/// </summary>
internal static class DiskChecker
{
    /// <summary>Whether a file of this name should be a virtual disk: .vhd, .avhd, .vhdx, .avhdx.</summary>
    public static bool IsDiskName(string name) => FormatOfName(name) != DiskFormat.Unknown;

    /// <summary>Checks one file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="name">Its name or path. As Hyper-V does, the extension decides which format to expect: the first
    /// bytes of a fixed VHD are the guest's.</param>
    /// <param name="cancellation">Looked at between reads.</param>
    public static DiskReport Check(IDiskSource source, string name, CancellationToken cancellation = default)
    {
        var findings = new DiskFindings();
        var report = new DiskReport { Name = name, FileLength = source.Length };
        var format = FormatOfName(name);
        if (format == DiskFormat.Unknown)
            format = FormatOfContent(source);
        report = format switch
        {
            DiskFormat.Vhd => new VhdCheck(source, findings, cancellation).Run(report),
            DiskFormat.Vhdx => new VhdxCheck(source, findings, cancellation).Run(report),
            _ => NotADisk(report, findings),
        };
        if (format != DiskFormat.Unknown && findings.Damages.Count > 0 && report.VirtualSize is null)
            NoteOtherFormat(source, format, findings);
        return report with { Damages = findings.Damages, HasMoreDamage = findings.HasMore, Notes = findings.Notes };
    }

    /// <summary>
    /// Whether any of the signatures of the format that the name promises is there. A file with none is no damaged disk
    /// but something else altogether.
    /// </summary>
    public static bool HasSignature(IDiskSource source, string name)
    {
        if (FormatOfName(name) == DiskFormat.Vhd)
            return HasText(source, 0, VhdFooter.Cookie)
                || HasText(source, source.Length - VhdFooter.Size, VhdFooter.Cookie)
                || HasText(source, source.Length - VhdFooter.OldSize, VhdFooter.Cookie);
        return HasText(source, 0, VhdxLayout.FileSignature)
            || new[] { VhdxLayout.Header1, VhdxLayout.Header2 }.Any(at => HasText(source, at, "head"))
            || new[] { VhdxLayout.RegionTable1, VhdxLayout.RegionTable2 }.Any(at => HasText(source, at, "regi"));
    }

    private static bool HasText(IDiskSource source, long offset, string text) =>
        offset >= 0 && source.TryRead(offset, text.Length) is { } bytes && DiskBytes.HasText(bytes, 0, text);

    private static DiskReport NotADisk(DiskReport report, DiskFindings findings)
    {
        findings.Note("this is neither a VHD nor a VHDX; nothing was checked");
        return report;
    }

    private static void NoteOtherFormat(IDiskSource source, DiskFormat format, DiskFindings findings)
    {
        var found = FormatOfContent(source);
        if (found == DiskFormat.Unknown || found == format)
            return;
        findings.Note(
            found == DiskFormat.Vhd
                ? "the content looks like a VHD, but the name says VHDX"
                : "the content looks like a VHDX, but the name says VHD"
        );
    }

    private static DiskFormat FormatOfName(string name)
    {
        bool Ends(string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
        if (Ends(".vhdx") || Ends(".avhdx"))
            return DiskFormat.Vhdx;
        return Ends(".vhd") || Ends(".avhd") ? DiskFormat.Vhd : DiskFormat.Unknown;
    }

    // The footer first: the start of a fixed VHD is whatever the guest wrote there, the footer is out of its reach.
    private static DiskFormat FormatOfContent(IDiskSource source)
    {
        if (VhdFooter.FindAtEnd(source) is not null)
            return DiskFormat.Vhd;
        return source.TryRead(0, 8) is { } start && DiskBytes.HasText(start, 0, VhdxLayout.FileSignature)
            ? DiskFormat.Vhdx
            : DiskFormat.Unknown;
    }
}
