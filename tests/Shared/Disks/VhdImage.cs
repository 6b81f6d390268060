using System;
using System.Text;
using HyperVBackup.Content;
using HyperVBackup.Disks;

namespace HyperVBackup.Tests.Disks;

/// <summary>A VHD of four blocks of 512 KiB, two of them allocated, built by the specification alone.</summary>
internal sealed class VhdImage : DiskImage
{
    public const int Header = 512;
    public const int Table = 1536;
    public const int RelativeLocator = 2048;
    public const int AbsoluteLocator = 2560;
    public const int Blocks = 4096;
    public const int BlockSize = 512 * 1024;

    /// <summary>1024 sectors have a bitmap of 128 bytes, padded to a sector.</summary>
    public const int BlockWithBitmap = 512 + BlockSize;
    public const long VirtualSize = 4 * BlockSize;

    public static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");
    public static readonly Guid ParentId = new("fedcba98-7654-3210-0123-456789abcdef");

    private VhdImage(int length, string name)
        : base(length, name) { }

    public int Footer => Bytes.Length - 512;

    /// <summary>A fixed disk of 64 KiB.</summary>
    public static VhdImage Fixed()
    {
        var image = new VhdImage(65536 + 512, "fixed.vhd");
        image.Put(image.Footer, FixedVhdFooter.Create(65536, Id, new DateTime(2009, 1, 2, 3, 4, 5, DateTimeKind.Utc)));
        return image;
    }

    public static VhdImage Dynamic()
    {
        var image = new VhdImage(Blocks + 2 * BlockWithBitmap + 512, "dynamic.vhd");
        image.PutFooters(3);
        image.Put(Header, "cxsparse");
        image.PutBig(Header + 8, ulong.MaxValue, 8);
        image.PutBig(Header + 16, Table, 8);
        image.PutBig(Header + 24, 0x10000, 4);
        image.PutBig(Header + 28, 4, 4);
        image.PutBig(Header + 32, BlockSize, 4);
        image.SealHeader();
        for (var i = 0; i < 128; i++)
            image.PutBig(Table + i * 4, uint.MaxValue, 4);
        image.PutBig(Table, Blocks / 512, 4);
        image.PutBig(Table + 8, (Blocks + BlockWithBitmap) / 512, 4);
        return image;
    }

    public static VhdImage Differencing(Guid? id = null, Guid? parentId = null, string parentName = "parent.vhd")
    {
        var image = Dynamic();
        image.Name = "child.avhd";
        image.PutFooters(4, id);
        var parent = (parentId ?? ParentId).ToByteArray(true);
        image.Put(Header + 40, parent);
        image.Put(Header + 64, Encoding.BigEndianUnicode.GetBytes(parentName));
        image.PutLocator(0, "W2ku", AbsoluteLocator, "D:\\SystemVHD\\" + parentName);
        image.PutLocator(1, "W2ru", RelativeLocator, ".\\" + parentName);
        image.SealHeader();
        return image;
    }

    public void PutLocator(int index, string platform, int at, string path)
    {
        var text = Encoding.Unicode.GetBytes(path);
        var entry = Header + 576 + index * 24;
        Put(entry, platform);
        PutBig(entry + 4, 512, 4);
        PutBig(entry + 8, (ulong)text.Length, 4);
        PutBig(entry + 16, (ulong)at, 8);
        Put(at, text);
    }

    public void SealHeader() => Seal(Header, 1024, 36);

    /// <summary>Corrects the checksums of both footers.</summary>
    public void SealFooters()
    {
        Seal(0, 512, 64);
        Seal(Footer, 512, 64);
    }

    /// <summary>Changes a field in both footers and corrects their checksums.</summary>
    public void PutInFooters(int field, ulong value, int size)
    {
        PutBig(field, value, size);
        PutBig(Footer + field, value, size);
        SealFooters();
    }

    public void Seal(int at, int length, int checksumAt)
    {
        PutBig(at + checksumAt, 0, 4);
        uint sum = 0;
        for (var i = 0; i < length; i++)
            sum += Bytes[at + i];
        PutBig(at + checksumAt, ~sum, 4);
    }

    private void PutFooters(uint type, Guid? id = null)
    {
        foreach (var at in new[] { 0, Footer })
        {
            Put(at, "conectix");
            PutBig(at + 8, 2, 4);
            PutBig(at + 12, 0x10000, 4);
            PutBig(at + 16, Header, 8);
            Put(at + 28, "win ");
            PutBig(at + 32, 0xA0000, 4);
            Put(at + 36, "Wi2k");
            PutBig(at + 40, VirtualSize, 8);
            PutBig(at + 48, VirtualSize, 8);
            PutBig(at + 56, 60, 2);
            Bytes[at + 58] = 4;
            Bytes[at + 59] = 17;
            PutBig(at + 60, type, 4);
            Put(at + 68, (id ?? Id).ToByteArray(true));
        }

        SealFooters();
    }
}
