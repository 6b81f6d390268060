namespace HyperVBackup.Files;

/// <summary>
/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), as VHDX ([MS-VHDX] 2.2), iSCSI (RFC 3720, 12.1) and our
/// manifests use it.
/// Eight bytes per step through eight tables ("slicing by 8"): netstandard2.0 cannot reach the processor's own
/// instruction.
/// </summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] Table = BuildTable();

    /// <summary>The checksum of one range.</summary>
    public static uint Compute(byte[] data, int start, int count) => Append(0, data, start, count);

    /// <summary>
    /// The checksum of everything <paramref name="crc"/> covers followed by this range. Start with 0.
    /// </summary>
    public static uint Append(uint crc, byte[] data, int start, int count)
    {
        var table = Table;
        var end = start + count;
        var i = start;
        crc = ~crc;
        for (; i <= end - 8; i += 8)
        {
            var low =
                crc ^ (data[i] | ((uint)data[i + 1] << 8) | ((uint)data[i + 2] << 16) | ((uint)data[i + 3] << 24));
            crc =
                table[0x700 + (int)(low & 0xFF)]
                ^ table[0x600 + (int)((low >> 8) & 0xFF)]
                ^ table[0x500 + (int)((low >> 16) & 0xFF)]
                ^ table[0x400 + (int)(low >> 24)]
                ^ table[0x300 + data[i + 4]]
                ^ table[0x200 + data[i + 5]]
                ^ table[0x100 + data[i + 6]]
                ^ table[data[i + 7]];
        }

        for (; i < end; i++)
            crc = (crc >> 8) ^ table[(int)((crc ^ data[i]) & 0xFF)];
        return ~crc;
    }

    // Entry k * 256 + b: what the byte b does to the checksum when k more bytes follow it.
    private static uint[] BuildTable()
    {
        var table = new uint[8 * 256];
        for (uint b = 0; b < 256; b++)
        {
            var crc = b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            table[b] = crc;
        }

        for (var i = 256; i < table.Length; i++)
            table[i] = (table[i - 256] >> 8) ^ table[(int)(table[i - 256] & 0xFF)];
        return table;
    }
}
