using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;

namespace HyperVBackup.Content;

/// <summary>What happens to the chunks of a file.</summary>
internal interface IChunkHandler
{
    /// <summary>Whether blocks that are not zero must be hashed.</summary>
    bool WantsHashes { get; }

    /// <summary>
    /// How many bytes from here on may be handed over as one hole, given that the source reads as zero there.
    /// </summary>
    long HoleAhead(long offset, long length);

    /// <summary>Called in the order of the file, one chunk at a time, before it is read.</summary>
    void Prepare(Chunk chunk);

    /// <summary>Called on any worker, several at once, when the chunk has been read and its blocks are known.</summary>
    void Process(Chunk chunk);

    /// <summary>Called in the order of the file, one chunk at a time.</summary>
    void Finish(Chunk chunk);

    /// <summary>Called on any worker when one has failed: nobody may wait for an earlier chunk any more.</summary>
    void Stop();
}

/// <summary>
/// Streams a large file through a crew: each worker takes the next chunk, reads it, hashes it and lets the handler
/// write what differs. So while one waits for the
/// source another hashes and a third writes, and nothing has to be handed from thread to thread. Chunks are taken and
/// finished in order; memory is the chunks'.
/// </summary>
internal sealed class ChunkPump : IDisposable
{
    private readonly WorkerCrew _crew;
    private readonly Stack<Chunk> _free = new();
    private readonly Dictionary<long, Chunk> _done = new();
    private readonly object _take = new();
    private readonly object _finish = new();
    private readonly RateLimiter _limiter;
    private readonly EngineProfile _profile;
    private int _unmade;

    public ChunkPump(WorkerCrew crew, RateLimiter limiter, EngineProfile profile)
    {
        _profile = profile;
        _crew = crew;
        _limiter = limiter;
        // Two spare chunks let workers go on while an early chunk is late. They are made when they are first needed.
        _unmade = crew.Size + 2;
    }

    /// <summary>Streams the first <paramref name="length"/> bytes of a file.</summary>
    /// <exception cref="BackupException">The file cannot be read, is shorter than that, or the handler
    /// failed.</exception>
    public void Run(
        IBlockFile file,
        string path,
        long length,
        int lanes,
        IChunkHandler handler,
        CancellationToken cancel
    )
    {
        var run = new PumpRun(file, path, length, handler);
        try
        {
            _crew.Run(bench => Work(run, lanes, bench, cancel));
        }
        finally
        {
            foreach (var chunk in _done.Values)
                _free.Push(chunk);
            _done.Clear();
        }
    }

    public void Dispose()
    {
        foreach (var chunk in _free)
            chunk.Dispose();
    }

    private void Work(PumpRun run, int lanes, Workbench bench, CancellationToken cancel)
    {
        try
        {
            for (var chunk = Take(run, lanes); chunk != null; chunk = Take(run, lanes))
            {
                try
                {
                    cancel.ThrowIfCancellationRequested();
                    chunk.Bench = bench;
                    if (!chunk.IsHole)
                        Examine(run, chunk, cancel);
                    run.Handler.Process(chunk);
                    Finish(run, chunk, cancel);
                }
                catch
                {
                    lock (_finish)
                    {
                        if (!_free.Contains(chunk))
                            _done[chunk.Index] = chunk;
                    }

                    throw;
                }
            }
        }
        catch
        {
            Stop(run);
            throw;
        }
    }

    private Chunk? Take(PumpRun run, int lanes)
    {
        lock (_take)
        {
            Chunk chunk;
            lock (_finish)
            {
                while (_free.Count == 0 && _unmade == 0 && !run.Stopped)
                    Monitor.Wait(_finish);
                if (run.Stopped || run.Next >= run.Length)
                    return null;
                chunk = _free.Count > 0 ? _free.Pop() : Make();
            }

            try
            {
                chunk.UseLanes(lanes);
                Assign(run, chunk);
                run.Handler.Prepare(chunk);
            }
            catch
            {
                lock (_finish)
                    _free.Push(chunk);
                throw;
            }

            return chunk;
        }
    }

    private Chunk Make()
    {
        _unmade--;
        return new Chunk();
    }

    private static void Assign(PumpRun run, Chunk chunk)
    {
        chunk.Index = run.Index++;
        chunk.Offset = run.Next;
        chunk.Length = Math.Min(Blocks.ChunkSize, run.Length - run.Next);
        chunk.IsHole = false;
        var data = run.DataAt(run.Next);
        if (data > run.Next)
        {
            // Whole blocks of the hole; a block that is data in part is read.
            var hole = data >= run.Length ? run.Length - run.Next : (data - run.Next) / Blocks.Size * Blocks.Size;
            // Chunks stay on their grid, so that reads stay large and aligned.
            if (hole < run.Length - run.Next)
                hole = hole < Blocks.ChunkSize ? 0 : hole / Blocks.ChunkSize * Blocks.ChunkSize;
            if (hole > 0)
                hole = run.Handler.HoleAhead(run.Next, hole);
            if (hole > 0)
            {
                chunk.IsHole = true;
                chunk.Length = hole;
            }
        }

        run.Next += chunk.Length;
    }

    private void Examine(PumpRun run, Chunk chunk, CancellationToken cancel)
    {
        var length = (int)chunk.Length;
        _limiter.Take(length, cancel);
        var start = EngineProfile.Now;
        var got = run.File.Read(chunk.Offset, chunk.Buffer, 0, length);
        _profile.AddRead(start);
        if (got < length)
            throw new BackupException(
                FailureKind.SourceChanged,
                run.Path,
                "read",
                "it became shorter while it was read"
            );
        start = EngineProfile.Now;
        chunk.Bench.Classify(chunk, run.Handler.WantsHashes);
        _profile.AddHash(start);
    }

    private void Finish(PumpRun run, Chunk chunk, CancellationToken cancel)
    {
        lock (_finish)
        {
            _done.Add(chunk.Index, chunk);
            while (!run.Stopped && _done.TryGetValue(run.NextToFinish, out var first))
            {
                cancel.ThrowIfCancellationRequested();
                run.Handler.Finish(first);
                _done.Remove(run.NextToFinish++);
                _free.Push(first);
            }

            Monitor.PulseAll(_finish);
        }
    }

    private void Stop(PumpRun run)
    {
        lock (_finish)
        {
            run.Stopped = true;
            Monitor.PulseAll(_finish);
        }

        run.Handler.Stop();
    }

    private sealed class PumpRun
    {
        private long _dataStart;
        private long _dataEnd = -1;

        public PumpRun(IBlockFile file, string path, long length, IChunkHandler handler)
        {
            File = file;
            Path = path;
            Length = length;
            Handler = handler;
        }

        public IBlockFile File { get; }

        public string Path { get; }

        public long Length { get; }

        public IChunkHandler Handler { get; }

        public long Index { get; set; }

        public long Next { get; set; }

        public long NextToFinish { get; set; }

        public bool Stopped { get; set; }

        /// <summary>
        /// The first byte at or after an offset that may hold data; <see cref="Length"/> or more when only zeroes
        /// follow.
        /// </summary>
        public long DataAt(long offset)
        {
            if (offset < _dataEnd)
                return Math.Max(offset, _dataStart);
            if (File.NextData(offset, out _dataStart, out _dataEnd))
                return _dataStart;
            _dataStart = long.MaxValue;
            _dataEnd = long.MaxValue;
            return _dataStart;
        }
    }
}
