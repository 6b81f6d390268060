using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Files;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Sets;

/// <summary>
/// Names that are no valid Unicode (see <see cref="NameCodec"/>) in JSON, whose text cannot hold them: their bytes
/// stand beside the name, as hexadecimal digits. What is read is what was written.
/// </summary>
internal static class NameBytes
{
    private const string Suffix = "Bytes";

    /// <summary>
    /// Puts the bytes of a property's name beside it, where the text alone would not come back the same.
    /// </summary>
    public static JObject WithBytesOf(this JObject json, string property, string name)
    {
        if (!NameCodec.IsWellFormed(name))
            json[property + Suffix] = Digits(name);
        return json;
    }

    /// <summary>
    /// Puts names into a property, and those whose text would not come back the same into one beside it, as bytes.
    /// </summary>
    public static JObject WithNames(this JObject json, string property, IReadOnlyCollection<string> names)
    {
        json[property] = new JArray(names.Where(NameCodec.IsWellFormed));
        var others = names.Where(name => !NameCodec.IsWellFormed(name)).Select(Digits).ToList();
        if (others.Count > 0)
            json[property + Suffix] = new JArray(others);
        return json;
    }

    /// <summary>The names of which only the bytes are given.</summary>
    /// <exception cref="FormatException">They are no hexadecimal digits.</exception>
    public static IEnumerable<string> ReadOthers(JObject json, string property) =>
        json[property + Suffix] is JArray others
            ? others.Select(digits => NameOf((string?)digits ?? "", property)).ToList()
            : Enumerable.Empty<string>();

    /// <summary>The name that such bytes stand for; null when there are none, so that the text is the name.</summary>
    /// <exception cref="FormatException">They are no hexadecimal digits.</exception>
    public static string? Read(JObject json, string property)
    {
        if ((string?)json[property + Suffix] is not { } digits)
            return null;
        return NameOf(digits, property);
    }

    private static string Digits(string name) =>
        BitConverter.ToString(NameCodec.Encode(name)).Replace("-", "").ToLowerInvariant();

    private static string NameOf(string digits, string property)
    {
        if (digits.Length % 2 != 0)
            throw new FormatException("its " + property + Suffix + " ends in the middle of a byte");
        var bytes = Enumerable
            .Range(0, digits.Length / 2)
            .Select(i =>
                byte.Parse(digits.Substring(2 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            )
            .ToArray();
        return NameCodec.Decode(bytes, 0, bytes.Length);
    }
}
