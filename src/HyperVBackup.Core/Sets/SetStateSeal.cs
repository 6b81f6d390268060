using System;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Sets;

/// <summary>
/// The checksum of a set.json, its last property: the SHA-256 of the file's bytes in which its own 64 digits are
/// zeroes. Bits that rot in a name or a time are found by it.
/// It is no signature: who may write the file can write the checksum as well.
/// </summary>
internal static class SetStateSeal
{
    /// <summary>The property's name.</summary>
    public const string Property = "sha256";

    private const int Digits = 64;

    /// <summary>The bytes of a set.json, with its checksum.</summary>
    public static byte[] Close(JObject json)
    {
        json.Remove(Property);
        json[Property] = new string('0', Digits);
        var bytes = Encoding.UTF8.GetBytes(json.ToString(Formatting.Indented) + "\n");
        var at = LastIndexOf(bytes, Encoding.ASCII.GetBytes(new string('0', Digits)));
        Encoding.ASCII.GetBytes(Hash(bytes), 0, Digits, bytes, at);
        return bytes;
    }

    /// <summary>Whether a file has the checksum that it says; true for those of versions that wrote none.</summary>
    public static bool Holds(byte[] bytes, JObject json)
    {
        if (json[Property] is not { } token)
            return true;
        if (token.Type != JTokenType.String || (string?)token is not { Length: Digits } said)
            return false;
        var copy = (byte[])bytes.Clone();
        var at = LastIndexOf(copy, Encoding.ASCII.GetBytes(said));
        if (at < 0)
            return false;
        for (var i = 0; i < Digits; i++)
            copy[at + i] = (byte)'0';
        return string.Equals(Hash(copy), said, StringComparison.Ordinal);
    }

    private static string Hash(byte[] bytes)
    {
        using var sha = SHA256.Create();
        return BitConverter.ToString(sha.ComputeHash(bytes)).Replace("-", "").ToLowerInvariant();
    }

    private static int LastIndexOf(byte[] bytes, byte[] part)
    {
        for (var at = bytes.Length - part.Length; at >= 0; at--)
        {
            var i = 0;
            while (i < part.Length && bytes[at + i] == part[i])
                i++;
            if (i == part.Length)
                return at;
        }

        return -1;
    }
}
