using System;
using System.Buffers.Binary;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Tests.Disks;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// A program that does not stop writing while it is backed up. It rewrites blocks of a VHDX (64 KiB each: pass, number,
/// checksum) one after the other, pass
/// after pass, and after each block adds one numbered line to a log. Each write is on the disk before the next begins,
/// as a database writes. So one instant of
/// the VHDX has blocks of one pass up to some point and of the pass before behind it, and one instant of both files has
/// as many lines as blocks were written,
/// or one less.
/// </summary>
internal sealed class LiveDisk : IDisposable
{
    private const int BlockSize = 64 * 1024;
    private const int Blocks = 64;
    private const int LineLength = 16; // No line lies across two pages.
    private readonly object _gate = new();
    private readonly Thread _thread;
    private long _written;
    private bool _stop;
    private Exception? _failure;

    private LiveDisk(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        var image = VhdxImage.Fixed().Bytes;
        for (var block = 0; block < Blocks; block++)
            Fill(0, block).CopyTo(image, VhdxImage.FirstBlock + block * BlockSize);
        File.WriteAllBytes(DiskIn(folder), image);
        File.WriteAllBytes(LogIn(folder), []);
        _thread = new Thread(Run) { IsBackground = true, Name = "Live disk" };
    }

    /// <summary>The folder of both files.</summary>
    public string Folder { get; }

    /// <summary>How many blocks have been written.</summary>
    public long Written
    {
        get
        {
            lock (_gate)
                return _written;
        }
    }

    /// <summary>Makes both files and starts.</summary>
    public static LiveDisk Start(string folder)
    {
        var disk = new LiveDisk(folder);
        disk._thread.Start();
        disk.Await(Blocks + 1);
        return disk;
    }

    /// <summary>Returns when every block has been written again, and some twice.</summary>
    public void AwaitPass() => Await(Blocks * 3 / 2);

    /// <summary>How many blocks had been written when this copy of the disk was its present.</summary>
    /// <exception cref="InvalidDataException">It never was: it is no one instant of the disk.</exception>
    public static long InstantOfDisk(string folder)
    {
        var image = File.ReadAllBytes(DiskIn(folder));
        long newest = -1,
            count = 0;
        for (var block = 0; block < Blocks; block++)
        {
            var content = image.AsSpan(VhdxImage.FirstBlock + block * BlockSize, BlockSize);
            var pass = BinaryPrimitives.ReadInt64LittleEndian(content);
            if (!content.SequenceEqual(Fill(pass, block)))
                throw new InvalidDataException("Block " + block + " is torn.");
            if (newest < 0)
                newest = pass;
            if (pass == newest && count == block)
                count++;
            else if (pass != newest - 1)
                throw new InvalidDataException(
                    "Block " + block + " is of pass " + pass + ", while the first is of pass " + newest + "."
                );
        }

        return newest == 0 ? 0 : (newest - 1) * Blocks + count;
    }

    /// <summary>How many lines this copy of the log has.</summary>
    /// <exception cref="InvalidDataException">It is torn: a line is missing, or not whole.</exception>
    public static long InstantOfLog(string folder)
    {
        var log = File.ReadAllBytes(LogIn(folder));
        var lines = log.Length / LineLength;
        for (var line = 0; line < lines; line++)
            if (!log.AsSpan(line * LineLength, LineLength).SequenceEqual(Line(line + 1)))
                throw new InvalidDataException("Line " + (line + 1) + " is torn.");
        return log.Length % LineLength == 0 ? lines : throw new InvalidDataException("The last line is not whole.");
    }

    public void Dispose()
    {
        lock (_gate)
            _stop = true;
        _thread.Join();
    }

    private static string DiskIn(string folder) => Path.Combine(folder, "live.vhdx");

    private static string LogIn(string folder) => Path.Combine(folder, "live.log");

    private static byte[] Line(long number) => Encoding.ASCII.GetBytes(number.ToString("D15", null) + "\n");

    // Pass, number and a checksum of both, over and over: no part of the block can be of another time.
    private static byte[] Fill(long pass, int number)
    {
        const int piece = 48;
        var block = new byte[BlockSize];
        BinaryPrimitives.WriteInt64LittleEndian(block, pass);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(8), number);
        SHA256.HashData(block.AsSpan(0, 16), block.AsSpan(16));
        for (var at = piece; at < BlockSize; at += piece)
            block.AsSpan(0, Math.Min(piece, BlockSize - at)).CopyTo(block.AsSpan(at));
        return block;
    }

    private void Await(int more)
    {
        lock (_gate)
        {
            for (var until = _written + more; _written < until; )
            {
                if (_failure != null)
                    throw new InvalidOperationException("The live disk could not be written.", _failure);
                Monitor.Wait(_gate);
            }
        }
    }

    private void Run()
    {
        try
        {
            using var disk = new FileStream(
                DiskIn(Folder),
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite,
                0,
                FileOptions.WriteThrough
            );
            using var log = new FileStream(
                LogIn(Folder),
                FileMode.Append,
                FileAccess.Write,
                FileShare.ReadWrite,
                0,
                FileOptions.WriteThrough
            );
            for (var number = 0L; ; number++)
            {
                var block = (int)(number % Blocks);
                disk.Position = VhdxImage.FirstBlock + block * BlockSize;
                disk.Write(Fill(number / Blocks + 1, block));
                log.Write(Line(number + 1));
                lock (_gate)
                {
                    _written++;
                    Monitor.PulseAll(_gate);
                    if (_stop)
                        return;
                }
            }
        }
#pragma warning disable CA1031 // Told to whoever waits.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                _failure = e;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
