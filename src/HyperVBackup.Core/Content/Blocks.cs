using System;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HyperVBackup.Files;

namespace HyperVBackup.Content;

/// <summary>
/// The grain of everything: what is hashed, compared and written is a block; what is read at once is a chunk of blocks.
/// </summary>
internal static class Blocks
{
    /// <summary>
    /// Bytes per hash. Of 64 KiB pieces that change scattered, at most twice their size is written; the manifest takes
    /// 256 MiB per TiB of data.
    /// </summary>
    public const int Size = 128 * 1024;

    /// <summary>Bytes per read: large enough for the full rate of disks and RAID stripes.</summary>
    public const int ChunkSize = 4 * 1024 * 1024;

    /// <summary>Blocks in a full chunk.</summary>
    public const int PerChunk = ChunkSize / Size;

    /// <summary>Bytes of a SHA-256 hash.</summary>
    public const int HashSize = 32;

    /// <summary>How many blocks a file of this size has; the last may be short.</summary>
    public static long Count(long size) => (size / Size) + (size % Size == 0 ? 0 : 1);

    /// <summary>
    /// Whether all bytes are zero. Data mostly shows in the first word, zeroes are read at memory speed.
    /// </summary>
    public static unsafe bool IsZero(byte* bytes, int count)
    {
        var words = (ulong*)bytes;
        var i = 0;
        for (; i <= count - 64; i += 64, words += 8)
            if ((words[0] | words[1] | words[2] | words[3] | words[4] | words[5] | words[6] | words[7]) != 0)
                return false;
        for (; i < count; i++)
            if (bytes[i] != 0)
                return false;
        return true;
    }

    /// <summary>Whether two ranges hold the same bytes.</summary>
    public static unsafe bool AreEqual(byte* one, byte* other, int count)
    {
        var a = (ulong*)one;
        var b = (ulong*)other;
        var i = 0;
        for (; i <= count - 32; i += 32, a += 4, b += 4)
            if (((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) != 0)
                return false;
        for (; i < count; i++)
            if (one[i] != other[i])
                return false;
        return true;
    }

    /// <summary>Whether two hashes are equal.</summary>
    public static bool SameHash(byte[] one, int oneStart, byte[] other, int otherStart)
    {
        for (var i = 0; i < HashSize; i++)
            if (one[oneStart + i] != other[otherStart + i])
                return false;
        return true;
    }
}

/// <summary>SHA-256 of one thread.</summary>
internal sealed class BlockHasher : IDisposable
{
    private readonly HashAlgorithm _sha = Make();

    /// <summary>Hashes a part of the buffer into <paramref name="into"/>.</summary>
    public void Hash(AlignedBuffer buffer, int start, int count, byte[] into, int at) =>
        Buffer.BlockCopy(_sha.ComputeHash(buffer.Bytes, buffer.First + start, count), 0, into, at, Blocks.HashSize);

    /// <inheritdoc/>
    public void Dispose() => _sha.Dispose();

    // .NET Framework's SHA256.Create is the managed implementation, several times slower than the system's; it knows
    // the other by name.
    private static HashAlgorithm Make() =>
        RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal)
        && CryptoConfig.CreateFromName("System.Security.Cryptography.SHA256Cng") is HashAlgorithm native
            ? native
            : SHA256.Create();
}
