using System;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring;

/// <summary>
/// The bytes of a small file while they are copied: read once from the source, compared and written as often as there
/// are targets.
/// </summary>
internal sealed class SmallFileContent
{
    private const int Tries = 3;
    private readonly IFileSystem _files;
    private readonly RateLimiter _limiter;
    private readonly MirrorProgress _progress;
    private readonly Chunk _chunk;

    /// <summary>Content that a chunk holds.</summary>
    public SmallFileContent(IFileSystem files, RateLimiter limiter, MirrorProgress progress, Chunk chunk)
    {
        _files = files;
        _limiter = limiter;
        _progress = progress;
        _chunk = chunk;
    }

    /// <summary>Its length, once it is read.</summary>
    public long Length => _chunk.Length;

    /// <summary>
    /// Reads the source until two looks at it show one state, and finds and hashes its blocks.
    /// </summary>
    /// <exception cref="BackupException">It cannot be read, or does not come to rest.</exception>
    public void Read(FileTask task, CancellationToken cancel)
    {
        var hash = false;
        foreach (var slot in task.Slots)
            hash |= slot.Lane.Manifest != null;
        using var source = _files.OpenRead(task.Path, false);
        for (var attempt = 1; ; attempt++)
        {
            var before = FileTask.Look(source, cancel);
            if (before.Size > Blocks.ChunkSize)
                throw task.Changed();
            // One byte more than expected is asked for, so that growth shows.
            _limiter.Take(before.Size, cancel);
            var start = EngineProfile.Now;
            var got = source.Read(0, _chunk.Buffer, 0, Blocks.ChunkSize);
            if (got == before.Size && FileTask.IsUnchanged(before, FileTask.Look(source, cancel)))
            {
                task.Opened(before);
                _chunk.Length = got;
                _progress.Profile.AddRead(start);
                start = EngineProfile.Now;
                _chunk.Bench.Classify(_chunk, hash);
                _progress.Profile.AddHash(start);
                return;
            }

            if (attempt == Tries)
                throw task.Changed();
        }
    }

    /// <summary>The block list for its record.</summary>
    public byte[] EncodeBlocks()
    {
        var inline = Array.Empty<byte>();
        var encoder = new BlockListEncoder(
            (part, length) =>
            {
                // At most one chunk's hashes: they fit one part.
                inline = new byte[length];
                Buffer.BlockCopy(part, 0, inline, 0, length);
            }
        );
        for (var block = 0; block < _chunk.BlockCount; block++)
        {
            if (_chunk.IsZero[block])
                encoder.AddZeroes(1);
            else
                encoder.AddHash(_chunk.Hashes, block * Blocks.HashSize);
        }

        encoder.Finish();
        return inline;
    }

    /// <summary>Whether a file holds these bytes.</summary>
    /// <exception cref="BackupException">It cannot be read.</exception>
    public unsafe bool IsSameIn(string path)
    {
        var content = _chunk.Bench.Room;
        using var copy = _files.OpenRead(path, false);
        return copy.Read(0, content, 0, (int)_chunk.Length) == _chunk.Length
            && Blocks.AreEqual(_chunk.Buffer.Pointer, content.Pointer, (int)_chunk.Length);
    }

    /// <summary>Makes a file with these bytes and the source's metadata.</summary>
    /// <exception cref="BackupException">It cannot be made or written; nothing of it is left.</exception>
    public void Write(FileTask task, CopySlot slot, string path)
    {
        // Not in the block that deletes: what is in the way is not ours to delete.
        var file = Create(path);
        try
        {
            using (file)
            {
                slot.Lane.Warn(WriteData(file, task.Source.Name, slot).Warning(file, path));
                file.SetMetadata(task.Source);
                if (slot.Lane.FlushesEachFile)
                    file.Flush();
            }
        }
        catch
        {
            SmallFiles.TryDelete(_files, path);
            throw;
        }
    }

    private IBlockFile Create(string path)
    {
        try
        {
            return _files.Create(path, false);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.DestinationExists)
        {
            TargetNames.RequireFree(_files, path);
            throw;
        }
    }

    private HoleFilling WriteData(IBlockFile file, string name, CopySlot slot)
    {
        var count = (int)_chunk.BlockCount;
        var filling = HoleFilling.OfNew(file, name);
        if (count > 0 && _chunk.IsZero[count - 1] && !filling.IsNeeded)
            file.SetLength(_chunk.Length);
        for (var block = 0; block < count; block++)
        {
            if (_chunk.IsZero[block] && !filling.IsNeeded)
                continue;
            var first = block;
            while (block + 1 < count && (!_chunk.IsZero[block + 1] || filling.IsNeeded))
                block++;
            var start = first * Blocks.Size;
            var length = block * Blocks.Size + _chunk.BlockLength(block) - start;
            file.Write(start, _chunk.Buffer, start, length);
            slot.Lane.Tally.CountWritten(length);
            _progress.AddWritten(length);
        }

        return filling;
    }
}
