using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs;

/// <summary>
/// One backup, from a plan to a result: recover leftovers, lock, choose the set, freeze, mirror, verify, tell the writers, commit, release.
/// Whatever goes wrong, the newest complete set is not touched and nothing is left behind.
/// </summary>
public sealed class BackupRun
{
    private readonly RunContext _context;
    private BackupPlan _plan;
    private readonly FailureLog _log = new();
    private readonly List<IDisposable> _locks = new();
    private readonly List<JobResult> _jobs = new();
    private readonly List<DiskToCheck> _disks = new();
    private readonly Guid _runId = Guid.NewGuid();
    private DateTime _started;
    private SetChooser.Choice? _choice;
    private ShadowSet? _shadows;

    private BackupRun(BackupPlan plan, RunContext context)
    {
        _plan = plan;
        _context = context;
    }

    /// <summary>Runs a plan. Everything that goes wrong once it has started is in the result.</summary>
    /// <exception cref="PlanException">The plan cannot be used; nothing was touched.</exception>
    public static RunResult Execute(BackupPlan plan, RunContext context, CancellationToken cancel)
    {
        PlanValidator.Require(plan, context.Files);
        return new BackupRun(plan, context).Run(cancel);
    }

    // Links in what people name are followed once, here; behind them nothing is.
    private static BackupPlan Resolve(BackupPlan plan, IFileSystem files) => plan with
    {
        Jobs = plan.Jobs.Select(job => job with { Folder = job.FolderName, Source = files.Resolve(job.Source), Targets = job.Targets.Select(target => ResolveTarget(files, target)).ToArray() }).ToArray(),
    };

    private static string ResolveTarget(IFileSystem files, string target)
    {
        try
        {
            return files.Resolve(target);
        }
        catch (BackupException)
        {
            return target; // Opening it says what is wrong with it.
        }
    }

    private RunResult Run(CancellationToken cancel)
    {
        _started = _context.Clock.UtcNow;
        var outcome = RunOutcome.Failed;
        try
        {
            _plan = Resolve(_plan, _context.Files);
            _context.State.Create(_context.Files);
            Lock(_context.State.Lock);
            foreach (var failure in Leftovers.Remove(_context)) _log.Warn(failure.Message + ". " + failure.Advice);
            outcome = Backup(cancel);
        }
        catch (OperationCanceledException)
        {
            _log.Add(new Failure(FailureKind.Cancelled, _plan.Name, "finish the run", "it was cancelled"));
            outcome = RunOutcome.Cancelled;
        }
        catch (BackupException e)
        {
            _log.Add(e.Failure);
        }
#pragma warning disable CA1031 // A run always ends in a result: nobody sees an exception of a scheduled task.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _log.Add(BackupException.FailureOf(e, _plan.Name, "finish the run"));
            _context.Story(e.ToString());
        }
        finally
        {
            foreach (var held in Enumerable.Reverse(_locks)) held.Dispose();
        }

        return Result(outcome);
    }

    private RunOutcome Backup(CancellationToken cancel)
    {
        var targets = _plan.Jobs.SelectMany(job => job.Targets).Distinct(PathOf.Comparer).ToList();
        foreach (var target in targets) RequireTarget(target);
        foreach (var target in targets.OrderBy(target => target, StringComparer.Ordinal)) Lock(RunLock.OnTarget(target));
        var found = targets.Select(target => SetCatalogue.List(_context.Files, target)).ToList();
        RequireReadable(found);
        for (var i = 0; i < targets.Count; i++) SetOwnership.Require(_plan, targets[i], found[i], _context.Host);
        _choice = SetChooser.Choose(_plan.Sets, found);
        _context.Story("Writing " + _choice.Set + " on " + string.Join(", ", targets) + (_choice.Keeps == null ? "." : "; " + _choice.Keeps + " stays as the last good one."));

        var sources = _plan.Jobs.Select(job => job.Source).ToList();
        var provider = _context.Providers.Choose(_plan.Shadow.Provider, sources, out var warning);
        if (warning != null) _log.Warn(warning);
        _context.Progress.Enter("making the shadow set");
        using var session = provider.Create(RequestFor(), cancel);
        var released = false;
        try
        {
            _shadows = session.Set;
            foreach (var word in session.Warnings) _log.Warn(word);
            _context.Story("Made the shadow set " + session.Set.Id.ToString("D") + " (" + session.Set.Provider + ", " + session.Set.Shadows.Count + " shadow copies).");
            var writers = targets.Select(target => new SetWriter(_context.Files, target, StateFor(target, targets))).ToList();
            CopyAndCommit(session, writers, cancel);
            released = true;
            ReleaseShadows(session);
        }
        finally
        {
            if (!released) ReleaseShadows(session);
        }

        return _log.FailureCount > 0 ? RunOutcome.Failed : _log.WarningCount > 0 ? RunOutcome.CompleteWithWarnings : RunOutcome.Complete;
    }

    private void CopyAndCommit(IShadowSession session, List<SetWriter> writers, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        // What a killed run was about to make durable must be, before the set that is older goes: the power may fail next.
        foreach (var writer in writers) writer.Settle(_choice!.Keeps);
        foreach (var writer in writers) writer.Begin();
        _context.Progress.Enter("copying");
        Mirror(new PathMap(session.Set.Shadows), writers, cancel);
        if (_log.FailureCount > 0) return;
        CheckDisks(writers, cancel);
        if (_plan.Verify)
        {
            _context.Progress.Enter("verifying");
            foreach (var writer in writers) Verify(writer, cancel);
            if (_log.FailureCount > 0) return;
        }

        cancel.ThrowIfCancellationRequested();
        _context.Progress.Enter("committing");
        session.Complete();
        foreach (var writer in writers)
            foreach (var folder in writer.Abandoned) _log.Warn(PathOf.Join(writer.Folder, folder) + " belongs to no job of the plan any more. It is kept, but no longer brought up to date; delete it when you do not need it.");
        // From here on nothing is cancelled: the set is whole, and saying so takes milliseconds.
        foreach (var writer in writers) writer.Commit(_context.Clock.UtcNow, _log.Warnings);
        _context.Story("Committed " + _choice!.Set + ".");
    }

    private void Mirror(PathMap map, List<SetWriter> writers, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var limiter = new RateLimiter(_plan.MaxBytesPerSecond);
        // Jobs that read from one disk go one after the other; different disks work at the same time.
        var byDisk = _plan.Jobs.GroupBy(job => _context.Files.GetVolume(job.Source).Disk, StringComparer.Ordinal).ToList();
        var failures = new List<Exception>();
        var threads = byDisk.Select(jobs => new Thread(() =>
        {
            try
            {
                using var engine = new MirrorEngine(_context.Files, _log, _context.Progress, limiter, _context.Workers);
                foreach (var job in jobs) MirrorJob(engine, job, map, writers, stop.Token);
            }
#pragma warning disable CA1031 // Thrown on by the thread that waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lock (failures) failures.Add(e);
                stop.Cancel();
            }
        })
        { IsBackground = true, Name = "Jobs on one disk" }).ToList();
        foreach (var thread in threads) thread.Start();
        using (_context.CountsTotal ? new SourceSurvey(_context.Files, _plan.Jobs.Select(job => (map.Map(job.Source), job.Filter)).ToList(), _context.Progress) : null)
        {
            foreach (var thread in threads) thread.Join();
        }

        if (failures.Count == 0) return;
        // What stopped the others is the reason, their cancellation is not.
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failures.FirstOrDefault(e => e is not OperationCanceledException) ?? failures[0]).Throw();
    }

    private void MirrorJob(MirrorEngine engine, BackupJob job, PathMap map, List<SetWriter> writers, CancellationToken cancel)
    {
        var folder = job.FolderName;
        var source = map.Map(job.Source);
        var owners = job.Targets.Select(target => writers.First(writer => PathOf.Comparer.Equals(writer.Target, target))).ToList();
        _context.Story("Copying " + job.Source + " to " + string.Join(", ", owners.Select(owner => PathOf.Join(owner.Folder, folder))) + ".");
        var results = engine.Run(
            new MirrorJob
            {
                Source = source,
                SourceName = job.Source,
                Filter = job.Filter,
                InSet = true,
                Targets = owners.Select(owner => owner.TargetOf(folder)).ToList(),
                OnFile = file =>
                {
                    if (!DiskChecker.IsDiskName(file)) return;
                    lock (_disks) _disks.Add(new DiskToCheck(folder + "/" + file, PathOf.Join(source, file), job.Source));
                },
            },
            cancel);
        for (var i = 0; i < owners.Count; i++)
        {
            var tally = results[i].Tally;
            lock (_jobs) _jobs.Add(new JobResult
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
            });
            if (_log.FailureCount == 0) owners[i].Publish(folder, results[i]);
        }
    }

    // What is wrong with a disk before it is copied stays wrong in the copy: the administrator should hear of it now, and a verification not blame the set for it.
    private void CheckDisks(List<SetWriter> writers, CancellationToken cancel)
    {
        _context.Progress.Enter("checking the virtual disks");
        var findings = DiskAudit.Check(_context.Files, _disks, cancel);
        foreach (var disk in findings.Where(disk => disk.Condition is DiskCondition.Damaged or DiskCondition.ChainBroken))
            _log.Warn(PathOf.Join(disk.Source, disk.File.Substring(disk.File.IndexOf('/') + 1)) + " was copied as it is, but it is not in order: " + disk.Problem + ".");
        foreach (var disk in findings.Where(disk => disk.Condition == DiskCondition.NotChecked))
            _log.Warn(PathOf.Join(disk.Source, disk.File.Substring(disk.File.IndexOf('/') + 1)) + " was copied, but whether it is in order could not be told: " + disk.Problem + ".");
        foreach (var writer in writers) writer.Note(findings);
    }

    private void Verify(SetWriter writer, CancellationToken cancel)
    {
        var report = SetVerifier.VerifyWritten(_context.Files, writer.Folder, writer.Written, _context.Progress, cancel);
        foreach (var damage in report.Damages) _log.Add(damage.Failure);
    }

    private void ReleaseShadows(IShadowSession session)
    {
        foreach (var failure in session.Release()) _log.Warn(failure.Message + ". " + failure.Advice);
    }

    private ShadowRequest RequestFor() => new()
    {
        Id = Guid.NewGuid(),
        Sources = _plan.Jobs.Select(job => new ShadowSource(job.Source, job.Filter)).ToArray(),
        Options = _plan.Shadow,
    };

    private SetState StateFor(string target, IReadOnlyList<string> targets) => new()
    {
        Plan = _plan.Name,
        Set = _choice!.Set,
        RunId = _runId,
        Sequence = _choice.Sequence,
        State = SetCondition.Writing,
        Started = _started,
        Host = _context.Host,
        Provider = _shadows!.Provider,
        Consistency = _shadows.Consistency,
        Targets = targets,
        Jobs = _plan.Jobs.Where(job => job.Targets.Contains(target, PathOf.Comparer))
            .Select(job => new SetJob { Source = job.Source, Folder = job.FolderName, Include = job.Include, Exclude = job.Exclude }).ToArray(),
    };

    private void RequireTarget(string target)
    {
        var entry = _context.Files.Find(target);
        if (entry == null) throw new BackupException(FailureKind.TargetMissing, target, "use the target", "there is no such folder");
        if (entry.Kind != EntryKind.Folder) throw new BackupException(FailureKind.TargetMissing, target, "use the target", "it is not a folder");
    }

    // A set whose state is damaged is written anew. One whose state cannot be read just now, or only by a newer program, may be the newest good one.
    private void RequireReadable(IEnumerable<IReadOnlyList<SetInfo>> found)
    {
        foreach (var set in found.SelectMany(sets => sets))
            if (set.Problem is { Kind: not FailureKind.StateDamaged } problem && _plan.Sets.Contains(set.Set, StringComparer.OrdinalIgnoreCase)) throw new BackupException(problem);
    }

    private void Lock(string path) => _locks.Add(_context.TakeLock(_context.Files, path, _plan.Name, _context.Clock.UtcNow));

    private RunResult Result(RunOutcome outcome) => new()
    {
        Outcome = outcome,
        RunId = _runId,
        Plan = _plan.Name,
        Set = _choice?.Set ?? "",
        Sequence = _choice?.Sequence ?? 0,
        Started = _started,
        Ended = _context.Clock.UtcNow,
        Host = _context.Host,
        Provider = _shadows?.Provider ?? "",
        Consistency = _shadows?.Consistency ?? Consistency.None,
        Shadows = _shadows?.Shadows ?? Array.Empty<Shadow>(),
        Jobs = _plan.Jobs.SelectMany(job => _jobs.Where(done => done.Source == job.Source)).Distinct().ToArray(),
        BytesRead = _context.Progress.BytesDone,
        BytesWritten = _context.Progress.BytesWritten,
        Failures = _log.Failures,
        FailureCount = _log.FailureCount,
        Warnings = _log.Warnings,
    };
}
