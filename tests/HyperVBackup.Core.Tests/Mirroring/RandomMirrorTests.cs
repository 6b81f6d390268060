using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

public class RandomMirrorTests
{
    private static readonly int[] Sizes =
    [
        0,
        1,
        4095,
        4096,
        4097,
        Blocks.Size - 1,
        Blocks.Size,
        Blocks.Size + 1,
        3 * Blocks.Size + 77,
        Blocks.ChunkSize - 1,
        Blocks.ChunkSize,
        Blocks.ChunkSize + 1,
        Blocks.ChunkSize + Blocks.Size,
        2 * Blocks.ChunkSize + 4096,
        3 * Blocks.ChunkSize + 12345,
    ];

    private static readonly string[] Names =
    [
        "disk.vhdx",
        "data.vhd",
        "a.txt",
        "b.xml",
        "notes",
        "deep",
        "x.avhdx",
        "log.txt",
    ];

    public static TheoryData<int> Seeds() =>
        new(Enumerable.Range(1, Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1" ? 400 : 12));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_changed_every_target_equals_the_source_after_each_backup(int seed)
    {
        var random = new Random(seed);
        using var bench = new MirrorBench(targets: 1 + seed % 2);
        for (var round = 0; round < 5; round++)
        {
            Change(bench.Source, random);
            bench.Backup(trustBase: random.Next(4) > 0);
            Assert.Empty(bench.Log.Failures);
            for (var i = 0; i < 1 + seed % 2; i++)
            {
                Tree.AssertEqual(bench.Source, bench.Target(i));
                Assert.Equal(ManifestOf(bench.Source), ReadManifest(bench.Manifest(i)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Without_a_set_too(int seed)
    {
        var random = new Random(seed + 1000);
        using var bench = new MirrorBench();
        for (var round = 0; round < 4; round++)
        {
            Change(bench.Source, random);
            bench.Mirror();
            Assert.Empty(bench.Log.Failures);
            Tree.AssertEqual(bench.Source, bench.Target());
        }
    }

    // What the manifest must say, worked out without the engine: path, size and the hash of every block ("0" where it
    // is all zero).
    private static List<string> ManifestOf(string folder) =>
        Directory
            .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Select(path =>
                Path.GetRelativePath(folder, path).Replace('\\', '/')
                + " "
                + (Directory.Exists(path) ? "folder" : DescribeBlocks(File.ReadAllBytes(path)))
            )
            .Order(StringComparer.Ordinal)
            .ToList();

    private static string DescribeBlocks(byte[] content)
    {
        var blocks = Enumerable
            .Range(0, (int)Blocks.Count(content.Length))
            .Select(i =>
                content.AsSpan(i * Blocks.Size, Math.Min(Blocks.Size, content.Length - i * Blocks.Size)).ToArray()
            );
        return content.Length
            + " "
            + string.Join(
                ",",
                blocks.Select(block =>
                    block.All(b => b == 0)
                        ? "0"
                        : Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(block))
                )
            );
    }

    private static List<string> ReadManifest(string path)
    {
        using var reader = new ManifestReader(HyperVBackup.Files.FileSystems.Current, path);
        var lines = new List<string>();
        foreach (var record in reader.All())
        {
            if (record.Entry.Kind == HyperVBackup.Files.EntryKind.Folder)
            {
                lines.Add(record.Path + " folder");
                continue;
            }

            var list = reader.BlocksOf(record);
            var hash = new byte[Blocks.HashSize];
            var blocks = new List<string>();
            while (list.Left > 0)
                blocks.Add(list.Next(hash, 0) ? Convert.ToHexString(hash) : "0");
            lines.Add(record.Path + " " + record.Entry.Size + " " + string.Join(",", blocks));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static void Change(string folder, Random random)
    {
        for (var i = 0; i < 6; i++)
        {
            var parent = random.Next(3) == 0 ? Path.Combine(folder, "sub" + random.Next(2)) : folder;
            var path = Path.Combine(parent, Names[random.Next(Names.Length)]);
            switch (random.Next(8))
            {
                case 0:
                    Remove(path);
                    break;
                case 1:
                    Remove(path);
                    Directory.CreateDirectory(path);
                    break;
                case 2 or 3 when File.Exists(path) && new FileInfo(path).Length > 0:
                    Scribble(path, random);
                    break;
                case 4 when File.Exists(path):
                    Resize(path, random);
                    break;
                default:
                    Remove(path);
                    Tree.Write(path, Content(random));
                    break;
            }
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, true);
        else if (File.Exists(path))
            File.Delete(path);
    }

    // Some bytes change; half of the time neither size nor time stamp shows it, where content decides.
    private static void Scribble(string path, Random random)
    {
        var time = File.GetLastWriteTimeUtc(path);
        using (var file = File.Open(path, FileMode.Open))
        {
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                file.Position = random.NextInt64(file.Length);
                if (random.Next(3) == 0)
                    file.Write(new byte[Math.Min(file.Length - file.Position, 300_000)]);
                else
                    file.WriteByte((byte)random.Next(256));
            }
        }

        if (ContentKinds.ContentDecides(path) && random.Next(2) == 0)
            File.SetLastWriteTimeUtc(path, time);
        else
            File.SetLastWriteTimeUtc(path, time.AddSeconds(1));
    }

    private static void Resize(string path, Random random)
    {
        var time = File.GetLastWriteTimeUtc(path);
        using (var file = File.Open(path, FileMode.Open))
            file.SetLength(Sizes[random.Next(Sizes.Length)]);
        File.SetLastWriteTimeUtc(path, time.AddSeconds(2));
    }

    private static byte[] Content(Random random)
    {
        var content = new byte[Sizes[random.Next(Sizes.Length)]];
        switch (random.Next(4))
        {
            case 0:
                break;
            case 1:
                random.NextBytes(content);
                break;
            default:
                for (var i = 0; i < 4 && content.Length > 0; i++)
                {
                    var start = random.Next(content.Length);
                    random.NextBytes(content.AsSpan(start, random.Next(content.Length - start)));
                }

                break;
        }

        return content;
    }
}
