using System;
using System.Collections.Generic;
using System.Text;

namespace HyperVBackup.Tests.Reliability;

/// <summary>Damages bytes in the ways that disks, transfers and people do.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly string[] Tokens =
    [
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":{\"a\":",
        "\"..\"",
        "\"../../etc\"",
        "\"/etc\"",
        "\"C:\\\\Windows\"",
        "null",
        "-1",
        "1e999",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999999999999999",
        "0.5",
        "true",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "//",
        "/*",
        "NaN",
        "new Date(1)",
        "\"NUL\"",
        "\"$type\":\"System.Object\"",
        "]",
        "}",
        ",",
        ":",
        "\u00ff",
        "\0",
    ];

    private readonly Random _random = new(seed);

    public Random Random => _random;

    /// <summary>One to four changes. The result may happen to equal what was given.</summary>
    public byte[] Mutate(byte[] original, bool isText)
    {
        var bytes = new List<byte>(original);
        for (var i = _random.Next(1, 5); i > 0; i--)
            Change(bytes, isText);
        return bytes.ToArray();
    }

    private void Change(List<byte> bytes, bool isText)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)_random.Next(256));
            return;
        }

        var at = _random.Next(bytes.Count);
        var length = Math.Min(bytes.Count - at, 1 + _random.Next(_random.Next(2) == 0 ? 8 : 200));
        switch (_random.Next(isText ? 10 : 8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = _random.Next(3) switch
                {
                    0 => (byte)0,
                    1 => (byte)0xFF,
                    _ => (byte)_random.Next(256),
                };
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(_random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 5:
                Swap(bytes, at, _random.Next(bytes.Count), length);
                break;
            case 6:
                for (var i = 0; i < length; i++)
                    bytes[at + i] = (byte)_random.Next(256);
                break;
            case 7:
                for (var i = 0; i < length; i++)
                    bytes[at + i] = 0;
                break;
            default:
                var token = Encoding.UTF8.GetBytes(Tokens[_random.Next(Tokens.Length)]);
                if (_random.Next(2) == 0)
                    ReplaceValue(bytes, at, token);
                else
                    bytes.InsertRange(at, token);
                break;
        }
    }

    // The value behind the next colon: so that most of what comes out is still JSON.
    private static void ReplaceValue(List<byte> bytes, int at, byte[] token)
    {
        var colon = bytes.IndexOf((byte)':', at);
        if (colon < 0)
            return;
        var end = colon + 1;
        while (end < bytes.Count && bytes[end] is not (byte)',' and not (byte)'\n' and not (byte)'}')
            end++;
        bytes.RemoveRange(colon + 1, end - colon - 1);
        bytes.InsertRange(colon + 1, token);
    }

    private static void Swap(List<byte> bytes, int one, int other, int length)
    {
        for (var i = 0; i < length && one + i < bytes.Count && other + i < bytes.Count; i++)
            (bytes[one + i], bytes[other + i]) = (bytes[other + i], bytes[one + i]);
    }
}
