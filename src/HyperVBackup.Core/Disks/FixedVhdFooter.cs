using System;
using System.Text;

namespace HyperVBackup.Disks;

/// <summary>
/// The footer that makes a raw image a fixed VHD: append it to the image's bytes. Deterministic: the same arguments
/// give the same bytes.
/// Microsoft's "Virtual Hard Disk Image Format Specification", 1.0, "Hard Disk Footer Format".
/// </summary>
public static class FixedVhdFooter
{
    /// <summary>Bytes.</summary>
    public const int Size = VhdFooter.Size;

    /// <summary>Bytes: 2040 GiB, the largest VHD.</summary>
    public const long LargestDisk = 2040L << 30;

    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The exact 512 bytes.</summary>
    /// <param name="virtualSize">Bytes of the raw image: a multiple of 512, above 0, at most
    /// <see cref="LargestDisk"/>.</param>
    /// <param name="id">The disk's unique id, which differencing disks name their parent by.</param>
    /// <param name="createdUtc">Creation, cut to seconds, from 2000 to 2136.</param>
    /// <param name="creator">
    /// Four ASCII characters. Programs such as QEMU take the disk's size from its geometry, which is rounded down,
    /// unless the creator is one they know;
    /// "win " makes them all take the size itself.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside what the format holds.</exception>
    public static byte[] Create(long virtualSize, Guid id, DateTime createdUtc, string creator = "win ")
    {
        if (virtualSize <= 0 || virtualSize > LargestDisk || virtualSize % 512 != 0)
            throw new ArgumentOutOfRangeException(nameof(virtualSize));
        if (creator is null || Encoding.ASCII.GetByteCount(creator) != 4)
            throw new ArgumentOutOfRangeException(nameof(creator));
        var seconds = (createdUtc.ToUniversalTime() - Epoch).Ticks / TimeSpan.TicksPerSecond;
        if (createdUtc.ToUniversalTime() < Epoch || seconds > uint.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(createdUtc));

        var footer = new byte[Size];
        Encoding.ASCII.GetBytes(VhdFooter.Cookie, 0, 8, footer, 0);
        DiskBytes.PutBig(footer, 8, 2, 4); // A bit that must always be set.
        DiskBytes.PutBig(footer, 12, 0x0001_0000, 4);
        DiskBytes.PutBig(footer, 16, ulong.MaxValue, 8); // No dynamic header.
        DiskBytes.PutBig(footer, 24, (ulong)seconds, 4);
        Encoding.ASCII.GetBytes(creator, 0, 4, footer, 28);
        DiskBytes.PutBig(footer, 32, 0x000A_0000, 4);
        Encoding.ASCII.GetBytes("Wi2k", 0, 4, footer, 36);
        DiskBytes.PutBig(footer, 40, (ulong)virtualSize, 8);
        DiskBytes.PutBig(footer, 48, (ulong)virtualSize, 8);
        PutGeometry(footer, 56, virtualSize / 512);
        DiskBytes.PutBig(footer, 60, 2, 4);
        DiskBytes.PutGuidBig(footer, 68, id);
        DiskBytes.PutBig(footer, VhdFooter.ChecksumAt, VhdFooter.ChecksumOf(footer, Size, VhdFooter.ChecksumAt), 4);
        return footer;
    }

    // Appendix "CHS Calculation": the smallest geometry an ATA BIOS can address the sectors with.
    private static void PutGeometry(byte[] footer, int at, long sectors)
    {
        const long mostAta = 65535L * 16 * 255;
        const long mostTranslated = 65535L * 16 * 63;
        long perTrack,
            heads,
            tracks;
        sectors = Math.Min(sectors, mostAta);
        if (sectors >= mostTranslated)
        {
            perTrack = 255;
            heads = 16;
            tracks = sectors / perTrack;
        }
        else
        {
            perTrack = 17;
            tracks = sectors / perTrack;
            heads = Math.Max(4, (tracks + 1023) / 1024);
            if (tracks >= heads * 1024 || heads > 16)
            {
                perTrack = 31;
                heads = 16;
                tracks = sectors / perTrack;
            }

            if (tracks >= heads * 1024)
            {
                perTrack = 63;
                heads = 16;
                tracks = sectors / perTrack;
            }
        }

        DiskBytes.PutBig(footer, at, (ulong)(tracks / heads), 2);
        footer[at + 2] = (byte)heads;
        footer[at + 3] = (byte)perTrack;
    }
}
