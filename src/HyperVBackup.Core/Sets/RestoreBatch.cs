using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>
/// Small files of a restore: copied side by side, made durable together, and only then given their names. One flush of
/// the volume for hundreds of files instead of one for each.
/// </summary>
internal sealed class RestoreBatch
{
    private const int MostFiles = 512;
    private const long MostBytes = 64 * 1024 * 1024;
    private readonly IFileSystem _files;
    private readonly string _destination;
    private readonly WorkerCrew _crew;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly List<Action<ReadThrough>> _copies = new();
    private readonly List<Action> _inOrder = new();
    private bool? _flushesWhole;
    private long _bytes;

    public RestoreBatch(
        IFileSystem files,
        string destination,
        WorkerCrew crew,
        MirrorProgress progress,
        CancellationToken cancel
    )
    {
        _files = files;
        _destination = destination;
        _crew = crew;
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Whether a file is part of a batch: one chunk at most, and its block list in its record.</summary>
    public static bool Takes(ManifestRecord record) => record.BlocksAt == 0 && record.Entry.Size <= Blocks.ChunkSize;

    /// <summary>
    /// Whether each file must be flushed by whoever writes it, because the volume cannot be flushed as a whole.
    /// </summary>
    public bool FlushesEachFile => !(_flushesWhole ??= _files.TryFlushVolume(_destination));

    /// <summary>Adds a file.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="copy">Copies it, on any worker; is given a way to read files.</param>
    /// <param name="publish">Gives it its name, once it is durable; in the order of the files, on the thread that adds
    /// them.</param>
    public void Add(long bytes, Action<ReadThrough> copy, Action publish)
    {
        _ = FlushesEachFile;
        _copies.Add(copy);
        _inOrder.Add(publish);
        _bytes += bytes;
        if (_copies.Count >= MostFiles || _bytes >= MostBytes)
            Run();
    }

    /// <summary>Does something when all files that were added before have their names.</summary>
    public void Then(Action action)
    {
        if (_inOrder.Count == 0)
            action();
        else
            _inOrder.Add(action);
    }

    /// <summary>Copies and publishes what was added.</summary>
    public void Run()
    {
        if (_inOrder.Count == 0)
            return;
        var next = -1;
        _crew.Run(bench =>
        {
            for (var i = Interlocked.Increment(ref next); i < _copies.Count; i = Interlocked.Increment(ref next))
            {
                _cancel.ThrowIfCancellationRequested();
                _copies[i]((file, path, length, handler) => Read(bench.Chunk, file, path, length, handler));
            }
        });
        var isDurable = FlushesEachFile;
        if (!isDurable)
            _progress.Profile.Flush(() => isDurable = _files.TryFlushVolume(_destination));
        if (!isDurable)
            throw new BackupException(
                FailureKind.IoError,
                _destination,
                "flush the volume",
                "the system refused; what was restored may not be on the medium"
            );
        foreach (var action in _inOrder)
        {
            _cancel.ThrowIfCancellationRequested();
            action();
        }

        _copies.Clear();
        _inOrder.Clear();
        _bytes = 0;
    }

    private void Read(Chunk chunk, IBlockFile file, string path, long length, IChunkHandler handler)
    {
        chunk.Length = length;
        var start = EngineProfile.Now;
        var got = file.Read(0, chunk.Buffer, 0, (int)length);
        _progress.Profile.AddRead(start);
        if (got < length)
            throw new BackupException(FailureKind.SourceChanged, path, "read", "it became shorter while it was read");
        start = EngineProfile.Now;
        chunk.Bench.Classify(chunk, true);
        _progress.Profile.AddHash(start);
        handler.Prepare(chunk);
        handler.Process(chunk);
        handler.Finish(chunk);
    }
}

/// <summary>Reads the first bytes of a file, hashes their blocks and hands them to a handler.</summary>
/// <param name="file">The file.</param>
/// <param name="path">Its path, for messages.</param>
/// <param name="length">How many bytes.</param>
/// <param name="handler">What happens to them.</param>
internal delegate void ReadThrough(IBlockFile file, string path, long length, IChunkHandler handler);
