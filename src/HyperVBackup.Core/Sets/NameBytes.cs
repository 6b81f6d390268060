using System;
using System.Globalization;
using System.Linq;
using HyperVBackup.Files;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Sets;

/// <summary>
/// Names that are no valid Unicode (see <see cref="NameCodec"/>) in JSON, whose text cannot hold them: their bytes stand beside the name, as hexadecimal digits. What is read is what was written.
/// </summary>
internal static class NameBytes
{
    private const string Suffix = "Bytes";

    /// <summary>Puts the bytes of a property's name beside it, where the text alone would not come back the same.</summary>
    public static JObject WithBytesOf(this JObject json, string property, string name)
    {
        if (!NameCodec.IsWellFormed(name)) json[property + Suffix] = BitConverter.ToString(NameCodec.Encode(name)).Replace("-", "").ToLowerInvariant();
        return json;
    }

    /// <summary>The name that such bytes stand for; null when there are none, so that the text is the name.</summary>
    /// <exception cref="FormatException">They are no hexadecimal digits.</exception>
    public static string? Read(JObject json, string property)
    {
        if ((string?)json[property + Suffix] is not { } digits) return null;
        if (digits.Length % 2 != 0) throw new FormatException("its " + property + Suffix + " ends in the middle of a byte");
        var bytes = Enumerable.Range(0, digits.Length / 2).Select(i => byte.Parse(digits.Substring(2 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToArray();
        return NameCodec.Decode(bytes, 0, bytes.Length);
    }
}
