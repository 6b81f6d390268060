using System;
using System.Text;

namespace HyperVBackup.Disks;

/// <summary>
/// Numbers, GUIDs and ranges as they lie in a file. VHD is big-endian, VHDX little-endian; the suffix says which.
/// </summary>
internal static class DiskBytes
{
    /// <summary>1 KiB.</summary>
    public const long KiB = 1 << 10;

    /// <summary>1 MiB.</summary>
    public const long MiB = 1 << 20;

    /// <summary>1 TiB.</summary>
    public const long TiB = 1L << 40;

    public static ushort UInt16Little(byte[] data, int at) => (ushort)(data[at] | (data[at + 1] << 8));

    public static uint UInt32Little(byte[] data, int at) =>
        UInt16Little(data, at) | ((uint)UInt16Little(data, at + 2) << 16);

    public static ulong UInt64Little(byte[] data, int at) =>
        UInt32Little(data, at) | ((ulong)UInt32Little(data, at + 4) << 32);

    public static ushort UInt16Big(byte[] data, int at) => (ushort)((data[at] << 8) | data[at + 1]);

    public static uint UInt32Big(byte[] data, int at) => ((uint)UInt16Big(data, at) << 16) | UInt16Big(data, at + 2);

    public static ulong UInt64Big(byte[] data, int at) => ((ulong)UInt32Big(data, at) << 32) | UInt32Big(data, at + 4);

    public static void PutBig(byte[] data, int at, ulong value, int size)
    {
        for (var i = size - 1; i >= 0; i--, value >>= 8)
            data[at + i] = (byte)value;
    }

    /// <summary>A GUID in Windows' mixed order, as VHDX stores it.</summary>
    public static Guid GuidLittle(byte[] data, int at)
    {
        var bytes = new byte[16];
        Buffer.BlockCopy(data, at, bytes, 0, 16);
        return new Guid(bytes);
    }

    /// <summary>A UUID byte by byte as it is written (RFC 4122), as VHD stores it.</summary>
    public static Guid GuidBig(byte[] data, int at)
    {
        var bytes = new byte[16];
        Buffer.BlockCopy(data, at, bytes, 0, 16);
        Array.Reverse(bytes, 0, 4);
        Array.Reverse(bytes, 4, 2);
        Array.Reverse(bytes, 6, 2);
        return new Guid(bytes);
    }

    /// <summary>The inverse of <see cref="GuidBig"/>.</summary>
    public static void PutGuidBig(byte[] data, int at, Guid value)
    {
        var bytes = value.ToByteArray();
        Array.Reverse(bytes, 0, 4);
        Array.Reverse(bytes, 4, 2);
        Array.Reverse(bytes, 6, 2);
        Buffer.BlockCopy(bytes, 0, data, at, 16);
    }

    /// <summary>Whether these ASCII characters stand there.</summary>
    public static bool HasText(byte[] data, int at, string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (data[at + i] != text[i])
                return false;
        return true;
    }

    /// <summary>Whether a range with untrusted bounds lies inside a file of this length. Cannot overflow.</summary>
    public static bool IsInside(ulong offset, ulong length, long fileLength) =>
        fileLength >= 0 && offset <= (ulong)fileLength && length <= (ulong)fileLength - offset;

    /// <summary>
    /// The bytes of a range, or null when the file ends before it does. The caller bounds <paramref name="count"/>.
    /// </summary>
    public static byte[]? TryRead(this IDiskSource source, long offset, int count)
    {
        if (offset < 0 || !IsInside((ulong)offset, (ulong)count, source.Length))
            return null;
        var bytes = new byte[count];
        return source.Read(offset, bytes, 0, count) == count ? bytes : null;
    }

    /// <summary>
    /// A string from a disk, fit to be printed: ends at the first NUL, control characters become '?'.
    /// </summary>
    public static string Text(Encoding encoding, byte[] data, int at, int count)
    {
        var text = new StringBuilder(encoding.GetString(data, at, count));
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
                text.Length = i;
            else if (char.IsControl(text[i]))
                text[i] = '?';
        }

        return text.ToString();
    }
}
