using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using HyperVBackup.Disks;

namespace HyperVBackup.Cli.Demo;

/// <summary>
/// Fixed VHDs as a guest fills them: stretches of data, stretches of zeroes, and the footer that makes them virtual
/// disks. The same seed gives the same bytes.
/// </summary>
internal static class DiskImage
{
    private const int Stretch = 4 * 1024 * 1024;
    private static readonly DateTime Created = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    /// <summary>Makes a disk; half of it was never written by its guest.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Bytes of the virtual disk; whole stretches of 4 MiB.</param>
    /// <param name="seed">Makes it unlike other disks.</param>
    /// <param name="cancel">Stops it.</param>
    public static void Create(string path, long size, int seed, CancellationToken cancel)
    {
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            file.SetLength(size + FixedVhdFooter.Size);
            var state = (ulong)seed;
            var buffer = new byte[Stretch];
            for (long offset = 0; offset < size; offset += 2 * Stretch)
            {
                cancel.ThrowIfCancellationRequested();
                Fill(buffer, ref state);
                file.Position = offset;
                file.Write(buffer);
            }

            file.Position = size;
            file.Write(FixedVhdFooter.Create(size, new Guid(seed, 0, 0, new byte[8]), Created));
        }

        // Whole seconds, which can be set again exactly.
        File.SetLastWriteTimeUtc(path, Created);
    }

    /// <summary>
    /// Writes into a disk as its guest does while it runs: here and there, anywhere in it. The size stays, and so does
    /// the time stamp, as it may for
    /// the open disk of a running machine.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="writes">How many places.</param>
    /// <param name="length">Bytes at each.</param>
    /// <param name="seed">Makes it unlike other changes.</param>
    public static void Change(string path, int writes, int length, int seed)
    {
        var modified = File.GetLastWriteTimeUtc(path);
        var state = (ulong)seed;
        var buffer = new byte[length];
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            var places = (file.Length - FixedVhdFooter.Size - length) / 4096;
            for (var i = 0; i < writes; i++)
            {
                file.Position = (long)(Next(ref state) % (ulong)places) * 4096;
                Fill(buffer, ref state);
                file.Write(buffer);
            }
        }

        File.SetLastWriteTimeUtc(path, modified);
    }

    private static void Fill(byte[] buffer, ref ulong state)
    {
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(buffer.AsSpan()))
            word = Next(ref state);
    }

    // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    private static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
