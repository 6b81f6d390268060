using System;

namespace HyperVBackup.Disks;

/// <summary>The fixed places, names and sections of a VHDX ([MS-VHDX] 2.1 and 2.2).</summary>
internal static class VhdxLayout
{
    public const string FileSignature = "vhdxfile";
    public const long Header1 = 64 * DiskBytes.KiB;
    public const long Header2 = 128 * DiskBytes.KiB;
    public const long RegionTable1 = 192 * DiskBytes.KiB;
    public const long RegionTable2 = 256 * DiskBytes.KiB;

    /// <summary>Bytes of the section with the file identifier, the headers and the region tables.</summary>
    public const long HeaderSection = DiskBytes.MiB;

    /// <summary>Bytes: the largest virtual disk (2.6.2.2).</summary>
    public const long LargestDisk = 64 * DiskBytes.TiB;

    public const string IdentifierSection = "[MS-VHDX] 2.2.1";
    public const string HeaderSpecSection = "[MS-VHDX] 2.2.2";
    public const string RegionSection = "[MS-VHDX] 2.2.3";
    public const string LogSection = "[MS-VHDX] 2.3";
    public const string ReplaySection = "[MS-VHDX] 2.3.3";
    public const string BatSection = "[MS-VHDX] 2.5";
    public const string BatEntrySection = "[MS-VHDX] 2.5.1";
    public const string MetadataSection = "[MS-VHDX] 2.6.1";
    public const string MetadataItemSection = "[MS-VHDX] 2.6.2";
    public const string LocatorSection = "[MS-VHDX] 2.6.2.6";

    public static readonly Guid BatRegion = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    public static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");
    public static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    public static readonly Guid VirtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    public static readonly Guid VirtualDiskId = new("BECA12AB-B2E6-4523-93EF-C309E000C746");
    public static readonly Guid LogicalSectorSize = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    public static readonly Guid PhysicalSectorSize = new("CDA348C7-445D-4471-9CC9-E9885251C556");
    public static readonly Guid ParentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");
    public static readonly Guid VhdxLocatorType = new("B04AEFB7-D19E-4A81-B789-25B8E9445913");
}
