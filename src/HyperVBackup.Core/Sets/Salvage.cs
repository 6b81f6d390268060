using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;

namespace HyperVBackup.Sets;

/// <summary>
/// What is left of a damaged file of a set: its blocks that have their hash, where they belong, and zeroes in place
/// of the others. It gets a name that
/// nobody takes for the whole file, and a list of what is missing beside it.
/// </summary>
internal static class Salvage
{
    /// <summary>What the name of such a file ends with.</summary>
    public const string Suffix = ".salvaged";

    /// <summary>Brings back what is left.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="from">The file in the set.</param>
    /// <param name="path">Where the whole file would have been restored to.</param>
    /// <param name="entry">What it was.</param>
    /// <param name="known">Its block list.</param>
    /// <param name="force">Whether what an earlier try brought back is replaced.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What became of it, to follow the file's path.</returns>
    public static string Run(
        IFileSystem files,
        string from,
        string path,
        FileEntry entry,
        BlockListReader known,
        bool force,
        CancellationToken cancel
    )
    {
        var salvaged = path + Suffix;
        if (!force && files.Find(salvaged) != null)
            return " is damaged; " + salvaged + " is there already and was left alone";
        var temporary = PathOf.Join(PathOf.Parent(path)!, TemporaryNames.Next());
        var bad = new List<(long Offset, long Length)>();
        try
        {
            using (var source = files.OpenRead(from, false))
            using (var copy = files.Create(temporary, false))
            {
                var filling = HoleFilling.SetLength(copy, entry.Name, 0, entry.Size);
                Copy(source, copy, entry.Size, known, bad, filling, cancel);
                copy.SetMetadata(entry);
                copy.Flush();
            }

            files.Rename(temporary, salvaged);
        }
        catch
        {
            SmallFiles.TryDelete(files, temporary);
            throw;
        }

        var missing = bad.Sum(range => range.Length);
        var list =
            "What is left of "
            + from
            + ": "
            + (entry.Size - missing)
            + " of "
            + entry.Size
            + " bytes.\nThese bytes are zero, because in the set they do not have their hash or cannot be read:\n"
            + string.Concat(bad.Select(range => range.Offset + " to " + (range.Offset + range.Length - 1) + "\n"));
        SmallFiles.Replace(files, salvaged + ".txt", Encoding.UTF8.GetBytes(list));
        return " is damaged; what is left of it, "
            + (entry.Size - missing)
            + " of "
            + entry.Size
            + " bytes, is in "
            + salvaged
            + ", and the list of what is missing beside it";
    }

    private static void Copy(
        IBlockFile source,
        IBlockFile copy,
        long size,
        BlockListReader known,
        List<(long Offset, long Length)> bad,
        HoleFilling filling,
        CancellationToken cancel
    )
    {
        using var bench = new Workbench();
        var chunk = bench.Chunk;
        var unreadable = new bool[Blocks.PerChunk];
        for (long offset = 0; offset < size; offset += Blocks.ChunkSize)
        {
            cancel.ThrowIfCancellationRequested();
            chunk.Offset = offset;
            chunk.Length = Math.Min(Blocks.ChunkSize, size - offset);
            for (var block = 0; block < chunk.BlockCount; block++)
                unreadable[block] = !TryRead(source, chunk, block);
            bench.Classify(chunk, true);
            var lane = chunk.Lanes[0];
            for (var block = 0; block < chunk.BlockCount; block++)
                lane.IsZero[block] = !known.Next(lane.Hashes, block * Blocks.HashSize);
            lane.CompareHashes(chunk);
            for (var block = 0; block < chunk.BlockCount; block++)
            {
                var at = offset + (long)block * Blocks.Size;
                var (start, length) = (block * Blocks.Size, chunk.BlockLength(block));
                var isBad = unreadable[block] || lane.Differs[block];
                if (isBad)
                    Add(bad, at, length);
                if (isBad)
                    Array.Clear(chunk.Buffer.Bytes, chunk.Buffer.First + start, length);
                if (filling.Covers(at, length) || !(isBad || chunk.IsZero[block]))
                    copy.Write(at, chunk.Buffer, start, length);
            }
        }
    }

    // Block by block: one bad sector must not cost its neighbours.
    private static bool TryRead(IBlockFile source, Chunk chunk, int block)
    {
        var start = block * Blocks.Size;
        var length = chunk.BlockLength(block);
        var got = 0;
        try
        {
            got = source.Read(chunk.Offset + start, chunk.Buffer, start, length);
            return got == length;
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.IoError)
        {
            return false;
        }
        finally
        {
            if (got < length)
                Array.Clear(chunk.Buffer.Bytes, chunk.Buffer.First + start + got, length - got);
        }
    }

    private static void Add(List<(long Offset, long Length)> bad, long offset, long length)
    {
        if (bad.Count > 0 && bad[bad.Count - 1] is var last && last.Offset + last.Length == offset)
            bad[bad.Count - 1] = (last.Offset, last.Length + length);
        else
            bad.Add((offset, length));
    }
}
