using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using HyperVBackup.Bench.Measuring;
using HyperVBackup.Bench.Works;

namespace HyperVBackup.Bench.Data;

/// <summary>What is copied: made once, and found again by the next run when it was kept.</summary>
internal sealed class TestData
{
    /// <summary>Bytes of the pieces of a disk that change.</summary>
    public const int Piece = 64 * 1024;

    private const int Changed = 4 * 1024;
    private const int Version = 1;
    private readonly string _folder;
    private readonly Action<string> _say;
    private readonly Prng _changes = new(77);

    public TestData(string folder, Action<string> say)
    {
        _folder = folder;
        _say = say;
        Directory.CreateDirectory(folder);
    }

    /// <summary>A folder with one disk full of data, and the path of the disk.</summary>
    public (string Folder, string Disk) FullDisk(string name, long size, ulong seed) =>
        Disk(
            name,
            string.Create(CultureInfo.InvariantCulture, $"full disk {size} {seed}"),
            path => VhdxImage.CreateFull(path, size, seed)
        );

    /// <summary>A folder with one disk that is mostly holes, and the path of the disk.</summary>
    public (string Folder, string Disk) SparseDisk(string name, long size, long data, ulong seed) =>
        Disk(
            name,
            string.Create(CultureInfo.InvariantCulture, $"sparse disk {size} {data} {seed}"),
            path => VhdxImage.CreateSparse(path, size, data, seed)
        );

    /// <summary>
    /// A folder of small files, a hundred to a folder. Their names are such that no copier must look into them to find
    /// them unchanged.
    /// </summary>
    public string SmallFiles(string name, int count, ulong seed) =>
        Make(
            name,
            string.Create(CultureInfo.InvariantCulture, $"small files {count} {seed}"),
            folder =>
            {
                const int smallest = 1024;
                const int largest = 64 * 1024;
                var prng = new Prng(seed);
                var buffer = new byte[largest];
                for (var i = 0; i < count; i++)
                {
                    var sub = Path.Combine(folder, (i / 100).ToString("D4", CultureInfo.InvariantCulture));
                    if (i % 100 == 0)
                        Directory.CreateDirectory(sub);
                    var bytes = buffer.AsSpan(0, smallest + (int)prng.Below(largest - smallest + 1));
                    prng.Fill(bytes);
                    File.WriteAllBytes(
                        Path.Combine(sub, i.ToString("D6", CultureInfo.InvariantCulture) + ".dat"),
                        bytes
                    );
                }
            }
        );

    /// <summary>
    /// Changes 4 KiB in each of 1 % of the 64 KiB pieces of a full disk, scattered, and tells how many bytes these
    /// pieces have.
    /// </summary>
    public long ChangeScattered(string disk, long diskSize)
    {
        var pieces = diskSize / Piece;
        var chosen = new HashSet<long>();
        while (chosen.Count < Math.Max(1, pieces / 100))
            chosen.Add(_changes.Below(pieces));
        var buffer = new byte[Changed];
        using var file = new FileStream(disk, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
        foreach (var piece in chosen)
        {
            // The disk's bytes begin on a MiB of the file: pieces of the disk are pieces of the file.
            var at = VhdxImage.PayloadAt(diskSize) + piece * Piece + _changes.Below(Piece / Changed) * Changed;
            file.Position = at;
            file.ReadExactly(buffer);
            _changes.Change(buffer);
            file.Position = at;
            file.Write(buffer);
        }

        file.Flush(true);
        return chosen.Count * (long)Piece;
    }

    private (string Folder, string Disk) Disk(string name, string what, Action<string> make)
    {
        var folder = Make(name, what, into => make(Path.Combine(into, "disk.vhdx")));
        return (folder, Path.Combine(folder, "disk.vhdx"));
    }

    private string Make(string name, string what, Action<string> make)
    {
        var folder = Path.Combine(_folder, name);
        var mark = folder + ".made";
        what += " version " + Version;
        if (File.Exists(mark) && File.ReadAllText(mark) == what)
            return folder;
        _say("making test data: " + what);
        File.Delete(mark);
        if (Directory.Exists(folder))
            Directory.Delete(folder, true);
        Directory.CreateDirectory(folder);
        make(folder);
        File.WriteAllText(mark, what);
        return folder;
    }
}
