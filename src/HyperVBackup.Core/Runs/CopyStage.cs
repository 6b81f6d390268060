using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// Copies jobs out of a shadow set: those that read one disk one after the other, different disks at the same time.
/// </summary>
internal sealed class CopyStage
{
    private readonly RunContext _context;
    private readonly FailureLog _log;
    private readonly IReadOnlyList<SetWriter> _writers;
    private readonly RateLimiter _limiter;
    private readonly Action<RunJob, Failure> _refuse;
    private readonly Dictionary<RunJob, FailureLog> _logs = new();
    private readonly List<CopiedJob> _results = new();
    private readonly List<DiskToCheck> _disks = new();
    private readonly SourceGuard _guard;
    private FrozenSource _frozen = new(default, null, false);

    /// <summary>A stage; copies nothing yet.</summary>
    /// <param name="context">What it works with.</param>
    /// <param name="log">Told of files that could not be copied.</param>
    /// <param name="writers">The sets.</param>
    /// <param name="maxBytesPerSecond">A limit on reading; 0: none.</param>
    /// <param name="refuse">Told of virtual machines of which not a byte is copied, and why.</param>
    /// <param name="guard">Looks at each source once more before anything is deleted.</param>
    public CopyStage(
        RunContext context,
        FailureLog log,
        IReadOnlyList<SetWriter> writers,
        long maxBytesPerSecond,
        Action<RunJob, Failure> refuse,
        SourceGuard guard
    )
    {
        _refuse = refuse;
        _guard = guard;
        _context = context;
        _log = log;
        _writers = writers;
        _limiter = new RateLimiter(maxBytesPerSecond);
    }

    /// <summary>Throws when a lock of the run is lost: before a manifest takes the place of another's.</summary>
    public Action RequireLocks { get; init; } = () => { };

    /// <summary>What was done so far, for each job and target.</summary>
    public IReadOnlyList<CopiedJob> Results
    {
        get
        {
            lock (_results)
                return _results.ToArray();
        }
    }

    /// <summary>How many files and folders could not be copied.</summary>
    public long FailureCount
    {
        get
        {
            lock (_logs)
                return _logs.Values.Sum(log => log.FailureCount);
        }
    }

    /// <summary>The first reason why something of a job could not be copied; null: all of it was.</summary>
    public Failure? FailureOf(RunJob job)
    {
        lock (_logs)
            return _logs.TryGetValue(job, out var log) ? log.Failures.FirstOrDefault() : null;
    }

    /// <summary>Takes the virtual disks that were copied since it was last asked.</summary>
    public IReadOnlyList<DiskToCheck> TakeDisks()
    {
        lock (_disks)
        {
            var disks = _disks.ToArray();
            _disks.Clear();
            return disks;
        }
    }

    /// <summary>The writers of a job's targets.</summary>
    public IReadOnlyList<SetWriter> WritersOf(RunJob job) =>
        job.Targets.Select(target => _writers.First(writer => PathOf.Comparer.Equals(writer.Target, target))).ToList();

    /// <summary>Copies.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="map">Where their sources are read.</param>
    /// <param name="frozen">How they were frozen.</param>
    /// <param name="cancel">Stops it.</param>
    public void Run(IReadOnlyList<RunJob> jobs, PathMap map, FrozenSource frozen, CancellationToken cancel)
    {
        _frozen = frozen;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var failures = new List<Exception>();
        var sources = jobs.Select(job => SourceOf(job, map)).OfType<JobSource>().ToList();
        var threads = sources
            .GroupBy(source => DiskOf(source.Job), StringComparer.Ordinal)
            .Select(group => new Thread(() => CopyOneByOne(group, failures, stop))
            {
                IsBackground = true,
                Name = "Jobs on one disk",
            })
            .ToList();
        foreach (var thread in threads)
            thread.Start();
        using (
            _context.CountsTotal
                ? new SourceSurvey(
                    sources.Select(source => (source.Files, source.Path, source.Job.Filter)).ToList(),
                    _context.Progress
                )
                : null
        )
        {
            foreach (var thread in threads)
                thread.Join();
        }

        if (failures.Count == 0)
            return;
        // What stopped the others is the reason, their cancellation is not.
        ExceptionDispatchInfo
            .Capture(failures.FirstOrDefault(e => e is not OperationCanceledException) ?? failures[0])
            .Throw();
    }

    private void CopyOneByOne(IEnumerable<JobSource> jobs, List<Exception> failures, CancellationTokenSource stop)
    {
        try
        {
            foreach (var source in jobs)
                Copy(source.Job, source.Files, source.Path, stop.Token);
        }
#pragma warning disable CA1031 // Thrown on by the thread that waits.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (failures)
                failures.Add(e);
            stop.Cancel();
        }
    }

    // Null: a virtual machine whose files are not all there. It fails alone, and its copies stay as they are.
    private JobSource? SourceOf(RunJob job, PathMap map)
    {
        if (job.Machine == null)
            return new JobSource(job, _context.Files, map.Map(job.Source));
        try
        {
            var tree = new MachineTree(_context.Files, map, job.Machine);
            tree.RequireFiles(job.Machine);
            return new JobSource(job, tree, tree.Root);
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.VolumeGone)
        {
            _refuse(job, e.Failure);
            return null;
        }
    }

    private string DiskOf(RunJob job)
    {
        try
        {
            return _context.Files.GetVolume(job.OnDisk).Disk;
        }
        catch (BackupException) when (job.Machine != null)
        {
            return ""; // A machine's first folder may be gone; the job says so when it is copied.
        }
    }

    private void Copy(RunJob job, IFileSystem files, string source, CancellationToken cancel)
    {
        var owners = WritersOf(job);
        _context.Story(
            "Copying "
                + job.Source
                + " to "
                + string.Join(", ", owners.Select(owner => PathOf.Join(owner.Folder, job.Folder)))
                + "."
        );
        var started = _context.Clock.UtcNow;
        var log = new FailureLog(_log);
        lock (_logs)
            _logs[job] = log;
        var lists = new AccessListNotice();
        using var engine = new MirrorEngine(files, log, _context.Progress, _limiter, _context.Workers);
        var results = engine.Run(
            new MirrorJob
            {
                Source = source,
                SourceName = job.Source,
                Filter = job.Filter,
                InSet = true,
                Frozen = _frozen.At,
                LiveOf = _frozen.LiveOf,
                IsLive = _frozen.IsLive && job.Machine == null,
                BeforeDeleting = end => _guard.LookAgain(job, end),
                Targets = owners.Select(owner => owner.TargetOf(job.Folder)).ToList(),
                OnFile = file => NoteDisk(job, file, PathOf.Join(source, file), files as MachineTree),
                AccessLists = lists,
            },
            cancel
        );
        if (lists.Notice(job.Source) is { } notice)
            _context.Story(notice);
        var seconds = Math.Max(0, Math.Round((_context.Clock.UtcNow - started).TotalSeconds, 3));
        for (var i = 0; i < owners.Count; i++)
        {
            var tally = results[i].Tally;
            lock (_results)
                _results.Add(
                    new CopiedJob(
                        job,
                        new JobResult
                        {
                            Source = job.Source,
                            Target = owners[i].Target,
                            Folder = results[i].Target.Folder,
                            Files = tally.Files,
                            Bytes = tally.Bytes,
                            FilesCopied = tally.FilesCopied,
                            FilesUnchanged = tally.FilesUnchanged,
                            Deleted = tally.Deleted,
                            BytesWritten = tally.BytesWritten,
                            Seconds = seconds,
                        }
                    )
                );
            // Also with failures: the manifest has what was copied whole, and that is worth having.
            var owner = owners[i];
            var result = job.Machine == null ? results[i] : results[i] with { MountPoints = Array.Empty<string>() };
            RequireLocks();
            _context.Progress.Profile.Flush(() => owner.Publish(job.Folder, result));
            Miss(job, owner, owners, log);
        }
    }

    // What could not be written to one target may well be on the others.
    private static void Miss(RunJob job, SetWriter owner, IReadOnlyList<SetWriter> owners, FailureLog log)
    {
        if (log.FailureCount == 0)
            return;
        var failures = log.Failures;
        var own = failures
            .Where(failure =>
                !owners.Any(other => other != owner && PathOf.TryRelative(other.Folder, failure.Target, out _))
            )
            .ToList();
        // Of those beyond the list nobody knows whose they are.
        owner.Miss(job.Folder, own, own.Count + log.FailureCount - failures.Count);
    }

    private void NoteDisk(RunJob job, string file, string path, MachineTree? tree)
    {
        if (!DiskChecker.IsDiskName(file))
            return;
        lock (_disks)
            _disks.Add(new DiskToCheck(job.Folder + "/" + file, tree?.RealPath(path) ?? path, job.Source));
    }

    private sealed record JobSource(RunJob Job, IFileSystem Files, string Path);
}

/// <summary>How sources were frozen.</summary>
/// <param name="At">An instant before they were, UTC.</param>
/// <param name="LiveOf">As <see cref="ICloneSession.LiveOf"/>.</param>
/// <param name="IsLive">Whether they were not: the live files are read.</param>
internal sealed record FrozenSource(DateTime At, Func<FileEntry, FileEntry?>? LiveOf, bool IsLive);

/// <summary>What was done for a job on one target.</summary>
/// <param name="Job">The job.</param>
/// <param name="Result">What was done.</param>
internal sealed record CopiedJob(RunJob Job, JobResult Result);
