using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;

namespace HyperVBackup.Runs;

/// <summary>
/// One backup, from a plan to a result: recover leftovers, lock, choose the set, freeze, mirror, verify, tell the
/// writers, commit, release.
/// Whatever goes wrong, the newest complete set is not touched and nothing is left behind.
/// </summary>
public sealed class BackupRun
{
    private RunContext _context;
    private BackupPlan _plan;
    private readonly FailureLog _log = new();
    private readonly List<IDisposable> _locks = new();
    private readonly LockWatch _watch = new();
    private readonly List<ShadowSet> _shadowSets = new();
    private readonly List<DiskFinding> _findings = new();
    private readonly Dictionary<RunJob, Failure> _failed = new();
    private readonly Guid _runId = Guid.NewGuid();
    private DateTime _started;
    private DateTime _frozenAt;
    private SetTurn? _choice;
    private IReadOnlyList<string> _missing = Array.Empty<string>();
    private IReadOnlyList<RunJob> _jobs = Array.Empty<RunJob>();
    private IReadOnlyList<string> _targets = Array.Empty<string>();
    private IReadOnlyList<SetWriter> _writers = Array.Empty<SetWriter>();
    private IReadOnlyList<string> _removed = Array.Empty<string>();
    private IReadOnlyList<SetInfo> _found = Array.Empty<SetInfo>();
    private CopyStage? _stage;
    private SourceGuard? _guard;
    private RunRecord? _record;
    private long? _bytesRead;
    private bool _isPartial;

    private BackupRun(BackupPlan plan, RunContext context)
    {
        _plan = plan;
        _context = plan.EventLog ? context : context with { WriteEvent = _ => { } };
    }

    /// <summary>Runs a plan. Everything that goes wrong once it has started is in the result.</summary>
    /// <exception cref="PlanException">The plan cannot be used; nothing was touched.</exception>
    public static RunResult Execute(BackupPlan plan, RunContext context, CancellationToken cancel)
    {
        PlanValidator.Require(plan, context.Files);
        return new BackupRun(plan, context).Run(cancel);
    }

    private RunResult Run(CancellationToken cancel)
    {
        _started = _context.Clock.UtcNow;
        var outcome = RunOutcome.Failed;
        try
        {
            _plan = ResolvedPlan.Of(_plan, _context.Files);
            _context.State.Create(_context.Files);
            BeginRecord();
            Lock(_context.State.Lock);
            WarnOfOthers(_context.State.Path);
            foreach (var failure in Leftovers.Remove(_context))
                _log.Warn(failure.Message + ". " + failure.Advice);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            _watch.Begin(stop.Cancel);
            try
            {
                outcome = Backup(stop.Token);
            }
            finally
            {
                _watch.Dispose();
            }
        }
        catch (OperationCanceledException) when (_watch.Lost != null)
        {
            _log.Add(_watch.Lost!);
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
            _log.Add(SystemErrors.Of(e, _plan.Name, "finish the run"));
            _context.Story(e.ToString());
        }
        finally
        {
            foreach (var held in Enumerable.Reverse(_locks))
                held.Dispose();
        }

        return End(Result(outcome));
    }

    private void BeginRecord()
    {
        var (record, story) = (RunRecord.Begin(_context, _plan, _runId, _started), _context.Story);
        _record = record;
        _context = _context with
        {
            Story = sentence =>
            {
                record.Tell(sentence);
                story(sentence);
            },
        };
    }

    // The locks are free by now: what the plan calls may take long, or start another run.
    private RunResult End(RunResult result)
    {
        using (_record)
        {
            if (_record == null)
                return RunEvents.Tell(_context, _plan, RunHook.Call(_plan, result, _context));
            result = _record.Tell(result);
            return _record.End(
                RunEvents.Tell(_context, _plan, RunHook.Call(_plan, result, _context)),
                result.Warnings.Count,
                _plan.KeepLogs
            );
        }
    }

    private RunOutcome Backup(CancellationToken cancel)
    {
        var run = Prepare();
        CopyAll(run.Provider, cancel);
        if (_log.FailureCount > 0)
        {
            CommitPartial();
            return RunOutcome.Failed;
        }

        Commit(SetCondition.Complete);
        Prune(cancel);
        return _log.WarningCount > 0 ? RunOutcome.CompleteWithWarnings : RunOutcome.Complete;
    }

    private DecidedRun Prepare()
    {
        var begin = PreparedRun.Of(_plan, _started);
        var run = RunPreparer.ToAct(begin, _context, Lock);
        _plan = run.Plan;
        _jobs = run.Jobs;
        _choice = run.Choice;
        _missing = run.Missing;
        foreach (var warning in run.Warnings)
            _log.Warn(warning.Done);
        foreach (var job in _jobs)
            if (job.Refused != null)
                _failed.Add(job, job.Refused);
        var decided = run.Decided();
        _targets = decided.Targets;
        _found = decided.Found;
        _guard = decided.Guard;
        foreach (var sentence in run.Story)
            _context.Story(sentence);
        return decided;
    }

    // One set for all is one instant for all. But one machine that cannot be captured fails them all: then each gets a
    // set of its own.
    private void CopyAll(IShadowProvider provider, CancellationToken cancel)
    {
        var machines = Active.Where(job => job.Machine != null).ToList();
        if (machines.Count < 2 || _plan.SeparateSets != SeparateSets.Always)
        {
            if (TryFreezeTogether(provider, cancel) is { } session)
            {
                CopyFrom(session, Active, true, cancel);
                return;
            }
        }

        var folders = Active.Where(job => job.Machine == null).ToList();
        if (folders.Count > 0)
            CopyFrom(Freeze(provider, folders, cancel), folders, false, cancel);
        foreach (var job in Active.Where(job => job.Machine != null))
        {
            if (!HasFailedOtherwise && TryFreezeAlone(provider, job, cancel) is { } session)
                CopyFrom(session, new[] { job }, false, cancel);
        }

        if (_failed.Count == _jobs.Count)
        {
            foreach (var failure in _failed.Values)
                _log.Add(failure);
            return;
        }

        if (_log.FailureCount == 0)
            Verify(cancel);
    }

    // Not only files that could not be copied: then nothing is committed, not even as partial.
    private bool HasFailedOtherwise => _log.FailureCount > (_stage?.FailureCount ?? 0);

    // What nothing speaks against, so far.
    private List<RunJob> Active => _jobs.Where(job => !_failed.ContainsKey(job)).ToList();

    // Null: not in one set.
    private IShadowSession? TryFreezeTogether(IShadowProvider provider, CancellationToken cancel)
    {
        while (Active.Count > 0)
        {
            try
            {
                return Freeze(provider, Active, cancel);
            }
            catch (MachinesRefusedException e)
            {
                // Nothing was frozen yet: the others still get one set, and one instant.
                foreach (var job in Active.Where(job => job.Machine != null && e.Reasons.ContainsKey(job.Machine.Id)))
                    Fail(job, e.Reasons[job.Machine!.Id]);
            }
            catch (BackupException e)
                when (Active.Count > 1
                    && Active.Any(job => job.Machine != null)
                    && _plan.SeparateSets == SeparateSets.WhenNeeded
                    && MayDoApart(e)
                )
            {
                _log.Warn(
                    "One shadow set for all virtual machines could not be made ("
                        + e.Failure.Message
                        + "). Each was captured in a set of its own, at an instant of its own."
                );
                return null;
            }
        }

        return null;
    }

    // A writer that fails for one machine fails the set; and what is too much for one set may be little for each.
    private static bool MayDoApart(BackupException e) =>
        e is VssWriterException { IsRetryable: false } || e.HResult == VssHResult.MaximumNumberOfVolumesReached;

    private IShadowSession? TryFreezeAlone(IShadowProvider provider, RunJob job, CancellationToken cancel)
    {
        try
        {
            return Freeze(provider, new[] { job }, cancel);
        }
        catch (BackupException e) when (e.Failure.Kind != FailureKind.Cancelled)
        {
            Fail(job, e.Failure);
            return null;
        }
    }

    private void Fail(RunJob job, Failure why)
    {
        _failed[job] = why;
        _context.Story(job.Machine!.Name + " could not be captured: " + why.Message);
    }

    private IShadowSession Freeze(IShadowProvider provider, IReadOnlyList<RunJob> jobs, CancellationToken cancel)
    {
        _context.Progress.Enter("making the shadow set");
        _frozenAt = _context.Clock.UtcNow;
        var session = provider.Create(
            new ShadowRequest
            {
                Id = Guid.NewGuid(),
                Sources = jobs.Where(job => job.Machine == null)
                    .Select(job => new ShadowSource(job.Source, job.Filter))
                    .ToArray(),
                VirtualMachines = jobs.Any(job => job.Machine != null)
                    ? jobs.Where(job => job.Machine != null).Select(job => job.Machine!.Id).ToArray()
                    : Array.Empty<Guid>(),
                OnlineOnly = _plan.OnlineOnly,
                Options = _plan.Shadow,
            },
            cancel
        );
        _shadowSets.Add(session.Set);
        foreach (var word in session.Warnings)
            _log.Warn(word);
        _context.Story(
            "Made the shadow set "
                + session.Set.Id.ToString("D")
                + " ("
                + session.Set.Provider
                + ", "
                + session.Set.Shadows.Count
                + " shadow copies)."
        );
        return session;
    }

    private void CopyFrom(IShadowSession session, IReadOnlyList<RunJob> jobs, bool isAll, CancellationToken cancel)
    {
        using (session)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                _stage ??= BeginSets();
                _context.Progress.Enter("copying");
                _stage.Run(
                    jobs,
                    new PathMap(session.Set.Shadows),
                    new FrozenSource(
                        _frozenAt,
                        (session as ICloneSession)?.LiveOf,
                        session.Set.Consistency == Consistency.None
                    ),
                    cancel
                );
                _bytesRead = _context.Progress.BytesDone; // What a verification reads is no source.
                if (_failed.Count == _jobs.Count)
                    throw new BackupException(_failed.Values.First());
                CheckDisks(cancel);
                if (isAll && _log.FailureCount == 0)
                    Verify(cancel);
                if (HasFailedOtherwise)
                    return;
                cancel.ThrowIfCancellationRequested();
                // Writers hear of a success only where there was one.
                if (jobs.Any(job => _stage.FailureOf(job) != null))
                    return;
                if (session is VssShadowSession vss)
                {
                    vss.Complete(_failed.Keys.Select(job => job.Machine!.Id).ToList());
                    StoreDocuments(vss, jobs);
                }
                else
                {
                    session.Complete();
                }
            }
            finally
            {
                foreach (var failure in session.Release())
                    _log.Warn(failure.Message + ". " + failure.Advice);
            }
        }
    }

    private CopyStage BeginSets()
    {
        // What a killed run was about to make durable must be, before the set that is older goes: the power may fail
        // next.
        foreach (var target in _targets)
            _context.Progress.Profile.Flush(() => SetWriter.Settle(_context.Files, target, _choice!.KeptOn(target)));
        foreach (var target in _targets)
        foreach (var taken in SetOwnership.TakeOver(_context.Files, _plan, FoundOn(target).ToList(), _context.Host))
            _context.Story("Took " + taken + " over.");
        foreach (var unfinished in _choice!.Adopts)
            SetWriter.Adopt(_context.Files, unfinished, _choice.Set);
        _writers = _targets
            .Select(target => new SetWriter(
                _context.Files,
                target,
                StateFor(target),
                _plan.PrivateSets,
                _plan.ShareBlocks ? _choice.KeptOn(target) : null,
                DoubtedOn(target),
                KeptFolder(target)
            ))
            .ToList();
        KeepOldCopies(); // What is known to stay as it is survives even a run that is killed.
        foreach (var writer in _writers)
        {
            _watch.Require();
            _context.Progress.Profile.Flush(writer.Begin);
        }

        foreach (var folder in OpenPlaces.Of(_plan, _targets, _choice))
            WarnOfOthers(folder);
        return new CopyStage(_context, _log, _writers, _plan.MaxBytesPerSecond, Fail, _guard!)
        {
            RequireLocks = _watch.Require,
        };
    }

    // What shares its blocks with a set that was found damaged may have lost the same ones, whatever its hashes say.
    private HashSet<Guid> DoubtedOn(string target) =>
        new(FoundOn(target).Where(set => set.FoundDamaged).Select(set => set.Content!.Descent));

    private IEnumerable<SetInfo> FoundOn(string target) =>
        _found.Where(set => PathOf.Comparer.Equals(set.Target, target));

    private string? KeptFolder(string target) =>
        _choice!.KeptOn(target) is { } kept
        && SetLayout.SetFolder(target, kept) is var folder
        && _context.Files.Find(folder) is { Kind: EntryKind.Folder }
            ? folder
            : null;

    // What is wrong with a disk before it is copied stays wrong in the copy: the administrator should hear of it now,
    // and a verification not blame the set for it.
    private void CheckDisks(CancellationToken cancel)
    {
        _context.Progress.Enter("checking the virtual disks");
        _findings.AddRange(DiskAudit.Check(_context.Files, _stage!.TakeDisks(), cancel));
        foreach (var writer in _writers)
            writer.Note(_findings);
    }

    private void Verify(CancellationToken cancel)
    {
        if (!_plan.Verify)
            return;
        _context.Progress.Enter("verifying");
        foreach (var writer in _writers)
        {
            KeepOldCopies();
            var report = SetVerifier.VerifyWritten(
                _context.Files,
                writer.Folder,
                writer.Written,
                _context.Progress,
                cancel
            );
            // What others left there meanwhile spoils nothing that the set vouches for, and may stay for ever.
            foreach (var damage in report.Damages.Where(damage => damage.IsExtra))
                _log.Warn(damage.Failure.Message + ". " + damage.Failure.Advice);
            foreach (var damage in report.Damages.Where(damage => !damage.IsExtra))
                _log.Add(damage.Failure);
            foreach (var failure in report.Unverified)
                _log.Add(failure);
        }
    }

    // Of machines that could not be captured, and of those that the plan names and the host has not any more.
    private void KeepOldCopies()
    {
        foreach (var writer in _writers)
        {
            foreach (var job in _failed.Keys)
                writer.KeepOld(IdOf(job));
            foreach (
                var old in writer.KeepMissing(old =>
                    _missing.Any(word => MachineChoice.Matcher(word, new[] { old.Machine })(old))
                )
            )
                _log.Warn(
                    "The older copy of the virtual machine "
                        + old.Machine
                        + " on "
                        + writer.Target
                        + " stays, in "
                        + PathOf.Join(writer.Folder, old.Folder)
                        + "."
                );
        }
    }

    private IEnumerable<SetWriter> WritersOf(RunJob job) =>
        _writers.Where(writer => job.Targets.Contains(writer.Target, PathOf.Comparer));

    private static string IdOf(RunJob job) => job.Machine!.Id.ToString("D");

    private void StoreDocuments(VssShadowSession session, IReadOnlyList<RunJob> jobs)
    {
        var suffix = jobs.Count == 1 && jobs[0].Machine != null && _jobs.Count > 1 ? "-" + jobs[0].Folder : "";
        foreach (var writer in jobs.SelectMany(_stage!.WritersOf).Distinct())
        {
            writer.Store("backup-components" + suffix + ".xml", session.Documents.BackupComponents);
            foreach (var document in session.Documents.Writers)
                writer.Store("writer-" + document.InstanceId.ToString("D") + suffix + ".xml", document.Xml);
        }
    }

    // What was copied whole is worth having, also where something else could not be read or written. Nothing was
    // verified, and the run has failed all the same.
    private void CommitPartial()
    {
        if (HasFailedOtherwise || _stage == null || _stage.Results.All(done => done.Result.Files == 0))
            return;
        KeepOldCopies();
        if (!_writers.All(writer => writer.IsPublished))
            return;
        Commit(SetCondition.Partial);
        _isPartial = true;
    }

    // Nothing is cancelled here any more: the set is whole, and saying so takes milliseconds.
    private void Commit(SetCondition state)
    {
        _context.Progress.Enter("committing");
        var before =
            _choice!.Keeps == null
                ? Array.Empty<string>()
                : _targets.Select(target => SetLayout.SetFolder(target, _choice.Keeps)).ToArray();
        foreach (var warning in DiskWarnings.Of(_context.Files, _findings, before))
            _log.Warn(warning);
        KeepOldCopies();
        foreach (var failed in _failed)
        {
            var kept = WritersOf(failed.Key)
                .Where(writer => writer.KeepOld(IdOf(failed.Key)))
                .Select(writer => writer.Target)
                .ToList();
            _log.Warn(LeftOutMachines.WasNotBackedUp(failed.Key.Machine!.Name, failed.Value, kept));
        }

        foreach (var writer in _writers)
        foreach (var folder in writer.NewlyAbandoned)
            _log.Warn(
                PathOf.Join(writer.Folder, folder)
                    + " belongs to no job of the plan any more. It is kept, but no longer brought up to date; "
                    + "delete it when you do not need it."
            );
        foreach (var writer in _writers)
            if (TryCostOf(writer)?.Problem is { } problem)
                _log.Warn(problem);
        var now = _context.Clock.UtcNow;
        foreach (var writer in _writers)
            _context.Progress.Profile.Flush(() => Commit(writer, now, state));
        _context.Story(
            "Committed " + _choice!.Describe(_targets) + (state == SetCondition.Partial ? " as partial." : ".")
        );
    }

    // Whose lock is gone must not say that what it wrote is whole.
    private void Commit(SetWriter writer, DateTime now, SetCondition state)
    {
        _watch.Require();
        writer.Commit(now, WeakestConsistency(), _log.Warnings, state);
    }

    // By what this run knows better: how large a set is, and whether blocks could be shared.
    private SetCost? TryCostOf(SetWriter writer)
    {
        try
        {
            var cost = SetCost.Of(
                _plan,
                writer.Target,
                SetCatalogue.List(_context.Files, writer.Target),
                _context.Files,
                _context.Host
            );
            cost = cost with
            {
                SharesBlocks = writer.SharesBlocks ?? cost.SharesBlocks,
                SetsNow = cost.SetsNow + 1,
                BytesPerSet = _stage!
                    .Results.Where(done => PathOf.Comparer.Equals(done.Result.Target, writer.Target))
                    .Sum(done => done.Result.Bytes),
            };
            return cost.Weighed(_context.Files, writer.Folder);
        }
        catch (BackupException)
        {
            return null; // A forecast is not worth a run.
        }
    }

    // The new set counts already: what goes wrong with the old ones does not change that.
    private void Prune(CancellationToken cancel)
    {
        if (_plan.Keep == null)
            return;
        _watch.Require();
        _context.Progress.Enter("removing old sets");
        _removed = SetPruning.Run(
            _plan,
            _targets,
            _context,
            failure => _log.Warn(failure.Message + ". " + failure.Advice),
            cancel
        );
    }

    private SetState StateFor(string target) =>
        new()
        {
            Plan = _plan.Name,
            Set = _choice!.SetOn(target),
            RunId = _runId,
            Sequence = _choice.Sequence,
            State = SetCondition.Writing,
            Started = _started,
            Host = _context.Host,
            Provider = _shadowSets[0].Provider,
            Consistency = _shadowSets[0].Consistency,
            Targets = _targets,
            Jobs = _jobs
                .Where(job => job.Targets.Contains(target, PathOf.Comparer))
                .Select(job => new SetJob
                {
                    Source = job.Source,
                    Folder = job.Folder,
                    Include = job.Filter.Include,
                    Exclude = job.Filter.Exclude,
                    MachineId = job.Machine?.Id.ToString("D") ?? "",
                    Machine = job.Machine?.Name ?? "",
                    Capture = job.Machine?.Capture.ToString().ToLowerInvariant() ?? "",
                })
                .ToArray(),
        };

    private void WarnOfOthers(string folder)
    {
        if (OpenPlaces.Problem(_context.Files, folder) is { } warning)
            _log.Warn(warning.Done);
    }

    private void Lock(string path)
    {
        var held = _context.TakeLock(_context.Files, path, _plan.Name, _context.Clock.UtcNow);
        _locks.Add(held);
        _watch.Add(held);
    }

    private RunResult Result(RunOutcome outcome) =>
        new()
        {
            Outcome = outcome,
            RunId = _runId,
            Plan = _plan.Name,
            Set = _choice?.Set ?? "",
            Sequence = _choice?.Sequence ?? 0,
            IsPartial = _isPartial,
            Removed = _removed,
            Started = _started,
            Ended = _context.Clock.UtcNow,
            Host = _context.Host,
            Provider = _shadowSets.FirstOrDefault()?.Provider ?? "",
            Consistency = WeakestConsistency(),
            Verified = _plan.Verify && outcome is (RunOutcome.Complete or RunOutcome.CompleteWithWarnings),
            Shadows = _shadowSets.SelectMany(set => set.Shadows).ToArray(),
            Jobs = _jobs.SelectMany(job => ResultsOf(job)).ToArray(),
            Machines = _jobs.Where(job => job.Machine != null).Select(job => MachineResultOf(job, outcome)).ToArray(),
            BytesRead = _bytesRead ?? _context.Progress.BytesDone,
            BytesWritten = _context.Progress.BytesWritten,
            Profile = _stage == null ? null : _context.Progress.Profile.Times,
            Failures = _log.Failures,
            FailureCount = _log.FailureCount,
            Warnings = _log.Warnings,
        };

    private Consistency WeakestConsistency()
    {
        if (_shadowSets.Count == 0)
            return Consistency.None;
        var weakest = _shadowSets[0].Consistency;
        foreach (var set in _shadowSets)
            if (set.Consistency < weakest)
                weakest = set.Consistency;
        return weakest;
    }

    private IEnumerable<JobResult> ResultsOf(RunJob job) =>
        _stage == null
            ? Array.Empty<JobResult>()
            : _stage.Results.Where(done => done.Job == job).Select(done => done.Result);

    private MachineResult MachineResultOf(RunJob job, RunOutcome outcome)
    {
        var results = ResultsOf(job).ToList();
        var failure =
            _failed.TryGetValue(job, out var own) ? own
            : _isPartial ? _stage!.FailureOf(job)
            : outcome is RunOutcome.Failed or RunOutcome.Cancelled ? _log.Failures.FirstOrDefault()
            : null;
        return new MachineResult
        {
            Name = job.Machine!.Name,
            Id = job.Machine.Id,
            IsBackedUp = failure == null,
            Capture = job.Machine.Capture.ToString(),
            WriterState =
                failure == null ? "Stable"
                : failure.Kind == FailureKind.WriterFailed ? failure.Cause
                : "",
            Folder = job.Folder,
            Volumes = job.Machine.Volumes,
            Files = results.Select(result => result.Files).FirstOrDefault(),
            Bytes = results.Select(result => result.Bytes).FirstOrDefault(),
            BytesWritten = results.Sum(result => result.BytesWritten),
            Seconds = results.Select(result => result.Seconds).DefaultIfEmpty().Max(),
            Failure = failure,
        };
    }
}
