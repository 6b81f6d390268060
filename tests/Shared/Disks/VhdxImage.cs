using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Files;

namespace HyperVBackup.Tests.Disks;

/// <summary>A VHDX of eight blocks of 1 MiB, two of them present, built by [MS-VHDX] alone.</summary>
internal sealed class VhdxImage : DiskImage
{
    public const int MiB = 1 << 20;
    public const int Header1 = 64 << 10;
    public const int Header2 = 128 << 10;
    public const int Regions1 = 192 << 10;
    public const int Regions2 = 256 << 10;
    public const int Log = 1 * MiB;
    public const int Metadata = 2 * MiB;
    public const int Bat = 3 * MiB;
    public const int FirstBlock = 4 * MiB;
    public const int Items = Metadata + (64 << 10);
    public const int ParametersItem = Items;
    public const int SizeItem = Items + 8;
    public const int IdItem = Items + 16;
    public const int LogicalItem = Items + 32;
    public const int PhysicalItem = Items + 36;
    public const int LocatorItem = Items + 40;
    public const int VirtualSize = 8 * MiB;

    /// <summary>Of a BAT with 1 MiB blocks and 512-byte sectors: 4096 payload entries, then a sector bitmap.</summary>
    public const int ChunkRatio = 4096;

    public static readonly Guid DataWriteGuid = new("11111111-2222-3333-4444-555555555555");
    public static readonly Guid LogGuid = new("66666666-7777-8888-9999-aaaaaaaaaaaa");
    public static readonly Guid DiskId = new("0f0e0d0c-0b0a-0908-0706-050403020100");
    public static readonly Guid ParentGuid = new("83ed0ec3-24c8-49a6-a959-5e4bf1288bfb");

    private static readonly Guid ParentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    private VhdxImage(string name)
        : base(6 * MiB, name) { }

    public static VhdxImage Dynamic(Guid? dataWriteGuid = null)
    {
        var image = new VhdxImage("dynamic.vhdx");
        image.Put(0, "vhdxfile");
        image.PutHeader(Header1, 7, dataWriteGuid ?? DataWriteGuid);
        image.PutHeader(Header2, 8, dataWriteGuid ?? DataWriteGuid);
        foreach (var at in new[] { Regions1, Regions2 })
        {
            image.Put(at, "regi");
            image.PutLittle(at + 8, 2, 4);
            image.PutRegion(at, 0, new Guid("2DC27766-F623-4200-9D64-115E9BFD4A08"), Bat, MiB, true);
            image.PutRegion(at, 1, new Guid("8B7CA206-4790-4B9A-B8FE-575F050F886E"), Metadata, MiB, true);
        }

        image.SealRegions();
        image.PutMetadata();
        image.PutBat(0, 6, 4);
        image.PutBat(2, 6, 5);
        return image;
    }

    public static VhdxImage Fixed()
    {
        var image = Dynamic();
        image.Name = "fixed.vhdx";
        image.PutLittle(ParametersItem + 4, 1, 4);
        image.Resize(12 * MiB);
        for (var i = 0; i < 8; i++)
            image.PutBat(i, 6, 4 + (ulong)i);
        return image;
    }

    /// <summary>Block 0 is partially present, with the sector bitmap at MiB 5; block 2 is in the parent.</summary>
    public static VhdxImage Differencing(
        Guid? dataWriteGuid = null,
        Guid? parent = null,
        string parentPath = "..\\Base\\parent.vhdx"
    )
    {
        var image = Dynamic(dataWriteGuid);
        image.Name = "child.avhdx";
        image.PutLittle(ParametersItem + 4, 2, 4);
        image.PutLocator(
            ("parent_linkage", "{" + (parent ?? ParentGuid) + "}"),
            ("relative_path", parentPath),
            ("absolute_win32_path", "\\\\?\\D:\\Base\\parent.vhdx")
        );
        image.PutBat(0, 7, 4);
        image.PutBat(2, 0, 0);
        image.PutBat(ChunkRatio, 6, 5);
        return image;
    }

    public void PutGuid(long at, Guid value) => Put(at, value.ToByteArray());

    public void PutHeader(int at, ulong sequence, Guid dataWriteGuid)
    {
        Put(at, "head");
        PutLittle(at + 8, sequence, 8);
        PutGuid(at + 16, new Guid("99999999-0000-0000-0000-000000000001"));
        PutGuid(at + 32, dataWriteGuid);
        PutLittle(at + 66, 1, 2);
        PutLittle(at + 68, MiB, 4);
        PutLittle(at + 72, Log, 8);
        Seal(at, 4096);
    }

    /// <summary>Changes a field in both headers and corrects their checksums.</summary>
    public void PutInHeaders(int field, ulong value, int size)
    {
        foreach (var at in new[] { Header1, Header2 })
        {
            PutLittle(at + field, value, size);
            Seal(at, 4096);
        }
    }

    public void PutRegion(int table, int index, Guid id, ulong offset, uint length, bool isRequired)
    {
        var at = table + 16 + index * 32;
        PutGuid(at, id);
        PutLittle(at + 16, offset, 8);
        PutLittle(at + 24, length, 4);
        PutLittle(at + 28, isRequired ? 1u : 0u, 4);
    }

    /// <summary>Changes a field in both region tables and corrects their checksums.</summary>
    public void PutInRegions(int field, ulong value, int size)
    {
        PutLittle(Regions1 + field, value, size);
        PutLittle(Regions2 + field, value, size);
        SealRegions();
    }

    public void SealRegions()
    {
        Seal(Regions1, 65536);
        Seal(Regions2, 65536);
    }

    public void Seal(int at, int length)
    {
        PutLittle(at + 4, 0, 4);
        PutLittle(at + 4, Crc32C.Compute(Bytes, at, length), 4);
    }

    public void PutBat(long index, uint state, ulong mib) => PutLittle(Bat + index * 8, (mib << 20) | state, 8);

    /// <summary>Where entry <paramref name="index"/> of the metadata table stands.</summary>
    public static int ItemEntry(int index) => Metadata + 32 + index * 32;

    public void PutItemEntry(int index, Guid id, long offset, long length, uint flags)
    {
        PutGuid(ItemEntry(index), id);
        PutLittle(ItemEntry(index) + 16, (ulong)offset, 4);
        PutLittle(ItemEntry(index) + 20, (ulong)length, 4);
        PutLittle(ItemEntry(index) + 24, flags, 4);
    }

    public void PutLocator(params (string Key, string Value)[] pairs)
    {
        var strings = LocatorItem + 20 + pairs.Length * 12;
        PutGuid(LocatorItem, new Guid("B04AEFB7-D19E-4A81-B789-25B8E9445913"));
        PutLittle(LocatorItem + 18, (ulong)pairs.Length, 2);
        for (var i = 0; i < pairs.Length; i++)
        {
            var at = LocatorItem + 20 + i * 12;
            foreach (
                var (text, offsetAt, lengthAt) in new[]
                {
                    (pairs[i].Key, at, at + 8),
                    (pairs[i].Value, at + 4, at + 10),
                }
            )
            {
                var bytes = Encoding.Unicode.GetBytes(text);
                Put(strings, bytes);
                PutLittle(offsetAt, (ulong)(strings - LocatorItem), 4);
                PutLittle(lengthAt, (ulong)bytes.Length, 2);
                strings += bytes.Length;
            }
        }

        PutItemEntry(5, ParentLocator, LocatorItem - Metadata, strings - LocatorItem, 4);
        PutLittle(Metadata + 10, 6, 2);
    }

    /// <summary>Makes the log dirty: entries of this GUID are to be replayed.</summary>
    public void MarkDirty(Guid? guid = null)
    {
        foreach (var at in new[] { Header1, Header2 })
        {
            PutGuid(at + 48, guid ?? LogGuid);
            Seal(at, 4096);
        }
    }

    /// <summary>Writes a log entry; returns where the next one goes.</summary>
    public int PutLogEntry(
        int at,
        ulong sequence,
        int tail,
        IReadOnlyList<LogWrite> writes,
        ulong flushed = 0,
        ulong last = 0,
        Guid? guid = null,
        int logLength = MiB
    )
    {
        var descriptorSectors = (64 + writes.Count * 32 + 4095) / 4096;
        var entry = new byte[4096 * (descriptorSectors + writes.Count(write => write.Data is not null))];
        var image = new VhdxImage("entry") { Bytes = entry };
        image.Put(0, "loge");
        image.PutLittle(8, (ulong)entry.Length, 4);
        image.PutLittle(12, (ulong)tail, 4);
        image.PutLittle(16, sequence, 8);
        image.PutLittle(24, (ulong)writes.Count, 4);
        image.PutGuid(32, guid ?? LogGuid);
        image.PutLittle(48, flushed, 8);
        image.PutLittle(56, last, 8);
        var dataAt = descriptorSectors * 4096;
        for (var i = 0; i < writes.Count; i++)
        {
            var descriptor = 64 + i * 32;
            image.PutLittle(descriptor + 16, (ulong)writes[i].Offset, 8);
            image.PutLittle(descriptor + 24, sequence, 8);
            if (writes[i].Data is not { } data)
            {
                image.Put(descriptor, "zero");
                image.PutLittle(descriptor + 8, (ulong)writes[i].ZeroLength, 8);
                continue;
            }

            image.Put(dataAt, data);
            image.Put(descriptor, "desc");
            image.Put(descriptor + 4, data[4092..]);
            image.Put(descriptor + 8, data[..8]);
            image.Put(dataAt, "data");
            image.PutLittle(dataAt + 4, sequence >> 32, 4);
            image.PutLittle(dataAt + 4092, sequence & 0xFFFFFFFF, 4);
            dataAt += 4096;
        }

        image.Seal(0, entry.Length);
        for (var i = 0; i < entry.Length; i++)
            Bytes[Log + (at + i) % logLength] = entry[i];
        return (at + entry.Length) % logLength;
    }

    /// <summary>
    /// The 4 KiB of the file at this offset, changed, as a write for the log; the file itself stays as it is.
    /// </summary>
    public LogWrite Changed(int sector, Action<VhdxImage> change)
    {
        var copy = new VhdxImage("copy") { Bytes = (byte[])Bytes.Clone() };
        change(copy);
        return new LogWrite(sector, copy.Bytes[sector..(sector + 4096)], 0);
    }

    private void PutMetadata()
    {
        Put(Metadata, "metadata");
        PutLittle(Metadata + 10, 5, 2);
        PutItemEntry(0, new Guid("CAA16737-FA36-4D43-B3B6-33F0AA44E76B"), ParametersItem - Metadata, 8, 4);
        PutItemEntry(1, new Guid("2FA54224-CD1B-4876-B211-5DBED83BF4B8"), SizeItem - Metadata, 8, 6);
        PutItemEntry(2, new Guid("BECA12AB-B2E6-4523-93EF-C309E000C746"), IdItem - Metadata, 16, 6);
        PutItemEntry(3, new Guid("8141BF1D-A96F-4709-BA47-F233A8FAAB5F"), LogicalItem - Metadata, 4, 6);
        PutItemEntry(4, new Guid("CDA348C7-445D-4471-9CC9-E9885251C556"), PhysicalItem - Metadata, 4, 6);
        PutLittle(ParametersItem, MiB, 4);
        PutLittle(SizeItem, VirtualSize, 8);
        PutGuid(IdItem, DiskId);
        PutLittle(LogicalItem, 512, 4);
        PutLittle(PhysicalItem, 4096, 4);
    }

    /// <summary>A write for the log: 4 KiB of data, or zeroes.</summary>
    internal sealed record LogWrite(long Offset, byte[]? Data, long ZeroLength);
}
