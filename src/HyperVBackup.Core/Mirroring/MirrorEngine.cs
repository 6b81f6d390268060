using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Makes target folders mirrors of a source folder. Owns the threads and buffers, which one job after the other uses;
/// jobs on different disks have an engine each.
/// </summary>
internal sealed class MirrorEngine : IDisposable
{
    /// <summary>
    /// Enough to keep a disk's queue filled while every processor hashes; each takes up to two chunks of memory.
    /// </summary>
    public static readonly int DefaultWorkers = Math.Max(8, Math.Min(12, Environment.ProcessorCount + 2));

    private readonly IFileSystem _files;
    private readonly FailureLog _log;
    private readonly MirrorProgress _progress;
    private readonly RateLimiter _limiter;
    private readonly WorkerCrew _crew;
    private ChunkPump? _pump;

    public MirrorEngine(
        IFileSystem files,
        FailureLog log,
        MirrorProgress progress,
        RateLimiter? limiter = null,
        int workers = 0
    )
    {
        _files = files;
        _log = log;
        _progress = progress;
        Lane = progress.OpenLane();
        _limiter = limiter ?? new RateLimiter(0);
        _crew = new WorkerCrew(workers > 0 ? workers : DefaultWorkers, "Mirror");
    }

    /// <summary>What it is at, for whoever shows it.</summary>
    public ProgressLane Lane { get; }

    /// <summary>
    /// Mirrors. Failures of single files go to the log, and the rest is done.
    /// </summary>
    /// <returns>
    /// What was done to each target, in their order; the length of each new manifest and its SHA-256.
    /// </returns>
    /// <exception cref="BackupException">The source cannot be read at all, or a target is full, read-only or
    /// gone.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<MirroredTarget> Run(MirrorJob job, CancellationToken cancel)
    {
        var lanes = new List<TargetLane>();
        try
        {
            foreach (var target in job.Targets)
            {
                PrepareFolder(target.Folder);
                if (job.InSet)
                    OtherVolumes.Refuse(_files, target.Folder, "write into it");
                lanes.Add(new TargetLane(_files, target, _log));
            }

            using var walk = new MirrorWalk(this, _files, job, lanes, _log, _progress, cancel);
            walk.Run();
            return lanes.Select(lane => Finish(lane) with { MountPoints = walk.MountPoints.ToArray() }).ToList();
        }
        finally
        {
            foreach (var lane in lanes)
                lane.Dispose();
        }
    }

    /// <summary>Copies small files side by side.</summary>
    public void CopySmall(IReadOnlyList<FileTask> tasks, bool publish, CancellationToken cancel)
    {
        if (tasks.Count == 0)
            return;
        var next = -1;
        _crew.Run(bench =>
        {
            var copier = new SmallFileCopy(_files, _limiter, _progress, bench, cancel);
            int i;
            while ((i = Interlocked.Increment(ref next)) < tasks.Count)
            {
                cancel.ThrowIfCancellationRequested();
                var task = tasks[i];
                Lane.EnterFile(task.Relative, 0);
                MirrorWalk.GuardSource(task, _log, () => copier.Execute(task, publish));
            }
        });
    }

    /// <summary>Copies one large file with all threads.</summary>
    public void CopyLarge(FileTask task, CancellationToken cancel)
    {
        _pump ??= new ChunkPump(_crew, _limiter, _progress.Profile);
        Lane.EnterFile(task.Relative, task.Source.Size);
        using var copy = new LargeFileCopy(_files, task, _progress, Lane);
        MirrorWalk.GuardSource(task, _log, () => copy.Execute(_pump, cancel));
    }

    public void Dispose()
    {
        _progress.Close(Lane);
        _crew.Dispose();
        _pump?.Dispose();
    }

    private void PrepareFolder(string folder)
    {
        var entry = _files.Find(folder);
        if (entry == null)
            _files.CreateFolder(folder, !PathOf.IsWindows); // Its owner's alone, until all in it is done.
        else if (entry.Kind == EntryKind.Link)
            throw new BackupException(
                FailureKind.LinkRefused,
                folder,
                "write to it",
                "it is a link, and links are not followed"
            );
        else if (entry.Kind != EntryKind.Folder)
            throw new BackupException(FailureKind.NotSupported, folder, "write to it", "it is not a folder");
    }

    private MirroredTarget Finish(TargetLane lane)
    {
        // First the data, then the manifest that describes it.
        _progress.Profile.Flush(lane.FlushVolume);
        if (lane.Manifest == null)
            return new MirroredTarget(lane.Target, lane.Tally, 0, "");
        var hash = Array.Empty<byte>();
        _progress.Profile.Flush(() => hash = lane.Manifest.Finish());
        return new MirroredTarget(
            lane.Target,
            lane.Tally,
            lane.Manifest.Length,
            BitConverter.ToString(hash).Replace("-", "").ToLowerInvariant()
        );
    }
}

/// <summary>A target after its job.</summary>
/// <param name="Target">The target.</param>
/// <param name="Tally">What was done.</param>
/// <param name="ManifestBytes">Length of the new manifest.</param>
/// <param name="ManifestSha256">Its hash, hexadecimal.</param>
internal sealed record MirroredTarget(MirrorTarget Target, MirrorTally Tally, long ManifestBytes, string ManifestSha256)
{
    /// <summary>
    /// Folders below the source that are of another volume than the folder around them, and hold files that were
    /// copied.
    /// </summary>
    public IReadOnlyList<string> MountPoints { get; init; } = Array.Empty<string>();
}
