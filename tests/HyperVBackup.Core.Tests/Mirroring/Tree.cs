using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using HyperVBackup.Files;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>
/// A folder as a plain list of facts, so that two folders can be compared by what a person would call equal.
/// </summary>
internal static class Tree
{
    /// <summary>One line for every entry: path, kind, size, time, attributes, content or link target.</summary>
    public static List<string> Describe(string folder)
    {
        var lines = new List<string>();
        Add(folder, "", lines);
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    public static void AssertEqual(string expected, string actual) =>
        Assert.Equal(Describe(expected), Describe(actual));

    public static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    public static void Write(string path, string content) => Write(path, System.Text.Encoding.UTF8.GetBytes(content));

    public static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void Add(string root, string relative, List<string> lines)
    {
        foreach (var entry in FileSystems.Current.List(relative.Length == 0 ? root : PathOf.Join(root, relative)))
        {
            var path = relative.Length == 0 ? entry.Name : relative + "/" + entry.Name;
            var full = PathOf.Join(root, path);
            var content = entry.Kind switch
            {
                EntryKind.File => entry.Size + " " + Hash(full),
                EntryKind.Link => "-> " + entry.LinkTarget,
                _ => "",
            };
            lines.Add(
                $"{path} {entry.Kind} {content} "
                    + $"{entry.Modified.Seconds}.{entry.Modified.Nanoseconds:D9} {entry.Attributes:x}"
            );
            if (entry.Kind == EntryKind.Folder)
                Add(root, path, lines);
        }
    }

    // Through the seam, because the framework cannot open every name the system allows.
    private static string Hash(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = FileSystems.Current.OpenRead(path, false);
        using var buffer = new AlignedBuffer(1 << 20);
        long offset = 0;
        for (int got; (got = file.Read(offset, buffer, 0, buffer.Size)) > 0; offset += got)
            hash.AppendData(buffer.Bytes, buffer.First, got);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
