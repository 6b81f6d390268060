using System.Text;

namespace HyperVBackup.Files;

/// <summary>
/// Names to bytes and back without loss. POSIX names are any bytes, Windows names any UTF-16, and both must survive a
/// manifest.
/// A byte that is no UTF-8 becomes a lone surrogate U+DC80…U+DCFF (as Python's "surrogateescape", PEP 383);
/// any other lone surrogate becomes three bytes of generalised UTF-8 (WTF-8).
/// </summary>
public static class NameCodec
{
    private static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>The bytes of a name, without a terminator.</summary>
    public static byte[] Encode(string name)
    {
        if (IsWellFormed(name))
            return Strict.GetBytes(name);
        var bytes = new System.Collections.Generic.List<byte>(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsHighSurrogate(c) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]))
            {
                bytes.AddRange(Strict.GetBytes(name.Substring(i++, 2)));
            }
            else if (c >= 0xDC80 && c <= 0xDCFF)
            {
                bytes.Add((byte)(c - 0xDC00));
            }
            else if (char.IsSurrogate(c))
            {
                bytes.Add((byte)(0xE0 | (c >> 12)));
                bytes.Add((byte)(0x80 | ((c >> 6) & 0x3F)));
                bytes.Add((byte)(0x80 | (c & 0x3F)));
            }
            else
            {
                bytes.AddRange(Strict.GetBytes(c.ToString()));
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The name of these bytes.</summary>
    public static string Decode(byte[] bytes, int start, int count)
    {
        try
        {
            return Strict.GetString(bytes, start, count);
        }
        catch (DecoderFallbackException)
        {
            return DecodeLoose(bytes, start, start + count);
        }
    }

    private static string DecodeLoose(byte[] bytes, int i, int end)
    {
        var name = new StringBuilder(end - i);
        while (i < end)
        {
            var length = SequenceLength(bytes, i, end);
            if (length > 0)
            {
                name.Append(Strict.GetString(bytes, i, length));
                i += length;
            }
            else if (IsEncodedSurrogate(bytes, i, end, out var surrogate))
            {
                name.Append(surrogate);
                i += 3;
            }
            else
            {
                name.Append((char)(0xDC00 + bytes[i++]));
            }
        }

        return name.ToString();
    }

    // A valid sequence by RFC 3629, section 4; 0 when the bytes at i are none.
    private static int SequenceLength(byte[] bytes, int i, int end)
    {
        var lead = bytes[i];
        if (lead < 0x80)
            return 1;
        var length =
            lead >= 0xC2 && lead <= 0xDF ? 2
            : (lead & 0xF0) == 0xE0 ? 3
            : lead >= 0xF0 && lead <= 0xF4 ? 4
            : 0;
        if (length == 0 || i + length > end)
            return 0;
        for (var k = 1; k < length; k++)
            if ((bytes[i + k] & 0xC0) != 0x80)
                return 0;
        var second = bytes[i + 1];
        return lead switch
        {
            0xE0 when second < 0xA0 => 0,
            0xED when second > 0x9F => 0,
            0xF0 when second < 0x90 => 0,
            0xF4 when second > 0x8F => 0,
            _ => length,
        };
    }

    // Not U+DC80…U+DCFF: those stand for single bytes, and their own encoding must come back as three such bytes.
    // And a high one only where no low one can follow: the two would read as one character and come back as other
    // bytes.
    private static bool IsEncodedSurrogate(byte[] bytes, int i, int end, out char surrogate)
    {
        surrogate = '\0';
        if (
            i + 3 > end
            || bytes[i] != 0xED
            || bytes[i + 1] < 0xA0
            || bytes[i + 1] > 0xBF
            || (bytes[i + 2] & 0xC0) != 0x80
        )
            return false;
        surrogate = (char)(0xD000 | ((bytes[i + 1] & 0x3F) << 6) | (bytes[i + 2] & 0x3F));
        if (char.IsHighSurrogate(surrogate))
            return i + 3 == end || SequenceLength(bytes, i + 3, end) > 0;
        return surrogate < 0xDC80 || surrogate > 0xDCFF;
    }

    /// <summary>Whether a name is valid Unicode, so that any text can hold it.</summary>
    internal static bool IsWellFormed(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsSurrogate(name[i]))
                continue;
            if (!char.IsHighSurrogate(name[i]) || i + 1 == name.Length || !char.IsLowSurrogate(name[i + 1]))
                return false;
            i++;
        }

        return true;
    }
}
