using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Text;

namespace HyperVBackup.Bench.Data;

/// <summary>
/// Fixed VHDX files ([MS-VHDX] 2): headers, region tables, metadata and BAT as they must be, so that what checks
/// virtual disks finds one, and all blocks
/// present, so that the file is as large as the disk.
/// </summary>
internal static class VhdxImage
{
    /// <summary>Bytes per payload block, the default of Hyper-V. Disks are whole blocks.</summary>
    public const long BlockSize = 32 * MiB;

    /// <summary>Bytes of one stretch of data in a sparse disk.</summary>
    public const long Stretch = 8 * MiB;

    private const long MiB = 1 << 20;
    private const int KiB = 1 << 10;
    private const int SectorSize = 512;
    private const long LogAt = MiB;
    private const long MetadataAt = 2 * MiB;
    private const long BatAt = 3 * MiB;

    /// <summary>Where the disk's own bytes begin in the file.</summary>
    public static long PayloadAt(long diskSize) => BatAt + BatSize(diskSize);

    /// <summary>Makes a disk full of data.</summary>
    public static void CreateFull(string path, long diskSize, ulong seed)
    {
        using var file = Begin(path, diskSize, seed);
        var prng = new Prng(seed);
        var buffer = new byte[4 * MiB];
        file.Position = PayloadAt(diskSize);
        for (long done = 0; done < diskSize; done += buffer.Length)
        {
            prng.Fill(buffer);
            file.Write(buffer);
        }

        file.Flush(true);
    }

    /// <summary>Makes a disk with stretches of data here and there and holes between them.</summary>
    public static void CreateSparse(string path, long diskSize, long dataSize, ulong seed)
    {
        using var file = Begin(path, diskSize, seed);
        file.SetLength(PayloadAt(diskSize) + diskSize);
        var prng = new Prng(seed);
        var buffer = new byte[Stretch];
        foreach (var at in Stretches(diskSize, dataSize, seed))
        {
            file.Position = at;
            prng.Fill(buffer);
            file.Write(buffer);
        }

        file.Flush(true);
    }

    /// <summary>
    /// Where the stretches of a sparse disk begin in its file: off the grid of any copier, on that of the file systems
    /// in it and around it.
    /// </summary>
    public static IEnumerable<long> Stretches(long diskSize, long dataSize, ulong seed)
    {
        var prng = new Prng(~seed);
        var count = dataSize / Stretch;
        var room = diskSize / count / (64 * KiB) * (64 * KiB);
        for (long i = 0; i < count; i++)
            yield return PayloadAt(diskSize) + i * room + prng.Below((room - Stretch) / (64 * KiB) + 1) * 64 * KiB;
    }

    private static FileStream Begin(string path, long diskSize, ulong seed)
    {
        if (diskSize % BlockSize != 0)
            throw new ArgumentOutOfRangeException(nameof(diskSize));
        var id = new Guid((int)seed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        Write(file, 0, Identifier());
        Write(file, 64 * KiB, Header(1, id));
        Write(file, 128 * KiB, Header(2, id));
        foreach (var at in new[] { 192 * KiB, 256 * KiB })
            Write(file, at, RegionTable(diskSize));
        Write(file, MetadataAt, Metadata(diskSize, id));
        Write(file, BatAt, Bat(diskSize));
        return file;
    }

    private static void Write(FileStream file, long at, byte[] bytes)
    {
        file.Position = at;
        file.Write(bytes);
    }

    private static byte[] Identifier() => Encoding.ASCII.GetBytes("vhdxfile");

    // [MS-VHDX] 2.2.2. No log GUID: there is nothing to replay.
    private static byte[] Header(ulong sequence, Guid id)
    {
        var bytes = new byte[4 * KiB];
        Encoding.ASCII.GetBytes("head", bytes);
        Put(bytes, 8, sequence);
        id.TryWriteBytes(bytes.AsSpan(16));
        id.TryWriteBytes(bytes.AsSpan(32));
        bytes[66] = 1;
        Put(bytes, 68, (uint)MiB);
        Put(bytes, 72, (ulong)LogAt);
        Put(bytes, 4, Crc32C(bytes));
        return bytes;
    }

    // [MS-VHDX] 2.2.3.
    private static byte[] RegionTable(long diskSize)
    {
        var bytes = new byte[64 * KiB];
        Encoding.ASCII.GetBytes("regi", bytes);
        Put(bytes, 8, 2u);
        PutRegion(16, "2DC27766-F623-4200-9D64-115E9BFD4A08", BatAt, BatSize(diskSize));
        PutRegion(48, "8B7CA206-4790-4B9A-B8FE-575F050F886E", MetadataAt, MiB);
        Put(bytes, 4, Crc32C(bytes));
        return bytes;

        void PutRegion(int at, string region, long offset, long length)
        {
            new Guid(region).TryWriteBytes(bytes.AsSpan(at));
            Put(bytes, at + 16, (ulong)offset);
            Put(bytes, at + 24, (uint)length);
            Put(bytes, at + 28, 1u);
        }
    }

    // [MS-VHDX] 2.6: the table, then the items at 64 KiB.
    private static byte[] Metadata(long diskSize, Guid id)
    {
        var bytes = new byte[64 * KiB + 64];
        Encoding.ASCII.GetBytes("metadata", bytes);
        bytes[10] = 5;
        PutEntry(0, "CAA16737-FA36-4D43-B3B6-33F0AA44E76B", 0, 8, 4);
        PutEntry(1, "2FA54224-CD1B-4876-B211-5DBED83BF4B8", 8, 8, 6);
        PutEntry(2, "BECA12AB-B2E6-4523-93EF-C309E000C746", 16, 16, 6);
        PutEntry(3, "8141BF1D-A96F-4709-BA47-F233A8FAAB5F", 32, 4, 6);
        PutEntry(4, "CDA348C7-445D-4471-9CC9-E9885251C556", 36, 4, 6);
        Put(bytes, 64 * KiB, (uint)BlockSize);
        Put(bytes, 64 * KiB + 4, 1u); // LeaveBlockAllocated: a fixed disk
        Put(bytes, 64 * KiB + 8, (ulong)diskSize);
        id.TryWriteBytes(bytes.AsSpan(64 * KiB + 16));
        Put(bytes, 64 * KiB + 32, (uint)SectorSize);
        Put(bytes, 64 * KiB + 36, 4096u);
        return bytes;

        void PutEntry(int index, string item, int offset, uint length, uint flags)
        {
            var at = 32 + index * 32;
            new Guid(item).TryWriteBytes(bytes.AsSpan(at));
            Put(bytes, at + 16, (uint)(64 * KiB + offset));
            Put(bytes, at + 20, length);
            Put(bytes, at + 24, flags);
        }
    }

    // [MS-VHDX] 2.5: after each chunk of payload blocks comes the entry of a sector bitmap, which a disk without parent
    // has not got.
    private static byte[] Bat(long diskSize)
    {
        const ulong fullyPresent = 6;
        var bytes = new byte[BatSize(diskSize)];
        for (long block = 0; block < diskSize / BlockSize; block++)
            Put(
                bytes,
                (int)(block + block / BlocksPerChunk) * 8,
                (ulong)((PayloadAt(diskSize) + block * BlockSize) / MiB) << 20 | fullyPresent
            );
        return bytes;
    }

    private static long BlocksPerChunk => (1L << 23) * SectorSize / BlockSize;

    private static long BatSize(long diskSize)
    {
        var blocks = diskSize / BlockSize;
        return ((blocks + blocks / BlocksPerChunk) * 8 + MiB - 1) / MiB * MiB;
    }

    private static void Put(byte[] bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);

    private static void Put(byte[] bytes, int at, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);

    private static uint Crc32C(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
