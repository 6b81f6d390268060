using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>Compares the content of a set's files with the hashes that its manifests have of their blocks.</summary>
internal sealed class ContentCheck
{
    private readonly IFileSystem _files;
    private readonly VerifyFindings _findings;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private long _bytesRead;

    public ContentCheck(IFileSystem files, VerifyFindings findings, MirrorProgress progress, CancellationToken cancel)
    {
        _files = files;
        _findings = findings;
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Bytes of the files that were read to their ends.</summary>
    public long BytesRead => _bytesRead;

    /// <summary>Reads a file of more than one chunk, with all threads.</summary>
    public void ReadLarge(string name, string path, ManifestRecord record, ManifestReader reader, ChunkPump pump)
    {
        Guard(
            name,
            path,
            () =>
            {
                using var file = Medium.OpenRead(_files, path);
                pump.Run(
                    file,
                    path,
                    record.Entry.Size,
                    1,
                    new BlockCheck(name, path, reader.BlocksOf(record), _findings.Damages, _progress),
                    _cancel
                );
                _bytesRead += record.Entry.Size;
            }
        );
    }

    /// <summary>Reads files of at most one chunk side by side, and empties the list.</summary>
    public void ReadSmall(SetJob job, string root, List<ManifestRecord> records, ManifestReader reader, WorkerCrew crew)
    {
        if (records.Count == 0)
            return;
        var next = -1;
        crew.Run(bench =>
        {
            for (var i = Interlocked.Increment(ref next); i < records.Count; i = Interlocked.Increment(ref next))
            {
                _cancel.ThrowIfCancellationRequested();
                var record = records[i];
                var name = job.Folder + "/" + record.Path;
                var path = PathOf.Join(root, record.Path);
                Guard(name, path, () => ReadSmall(name, path, record, reader, bench.Chunk));
            }
        });
        records.Clear();
    }

    private void ReadSmall(string name, string path, ManifestRecord record, ManifestReader reader, Chunk chunk)
    {
        using var file = Medium.OpenRead(_files, path);
        var check = new BlockCheck(name, path, reader.BlocksOf(record), _findings.Damages, _progress);
        chunk.Offset = 0;
        chunk.Length = record.Entry.Size;
        if (record.Entry.Size > Blocks.ChunkSize)
            throw ManifestFormat.Damaged(path, "its record is that of a small file");
        var start = EngineProfile.Now;
        var got = file.Read(0, chunk.Buffer, 0, (int)chunk.Length);
        _progress.Profile.AddRead(start);
        if (got < chunk.Length)
            throw new BackupException(
                FailureKind.FileDiffers,
                path,
                "verify it",
                "it became shorter while it was read"
            );
        start = EngineProfile.Now;
        chunk.Bench.Classify(chunk, true);
        _progress.Profile.AddHash(start);
        check.Prepare(chunk);
        check.Process(chunk);
        check.Finish(chunk);
        Interlocked.Add(ref _bytesRead, record.Entry.Size);
    }

    private void Guard(string name, string path, Action read)
    {
        try
        {
            read();
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            _findings.Add(name, e.Failure);
        }
    }
}
