using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Runs;

/// <summary>
/// Goes through the beginning of a run as far as nothing is touched, and past everything that would stop it: an
/// administrator wants to hear of all that is wrong at once.
/// </summary>
internal sealed class PlanChecker
{
    private readonly BackupPlan _plan;
    private readonly RunContext _context;
    private readonly IFileSystem _files;
    private readonly CancellationToken _cancel;
    private readonly List<PlanProblem> _problems = new();
    private readonly List<string> _warnings = new();

    public PlanChecker(BackupPlan plan, RunContext context, CancellationToken cancel)
    {
        _plan = plan;
        _context = context;
        _files = context.Files;
        _cancel = cancel;
    }

    public PlanCheck Check()
    {
        _context.Progress.Enter("looking at the plan");
        _problems.AddRange(PlanValidator.Validate(_plan, _files));
        var leftovers = Try("(state folder)", FindLeftovers) ?? Array.Empty<JournalEntry>();
        var run = RunPreparer.ToShow(Begin(), _context);
        foreach (var problem in run.Problems)
            Add(problem.Property, problem.Failure);
        _warnings.AddRange(run.Warnings.Select(warning => warning.Ahead));
        foreach (var gap in run.Provider?.NotHeld(SourceSteps.SourcesOf(run.Plan)) ?? Array.Empty<string>())
            _warnings.Add(gap + ".");
        foreach (var job in run.Refused)
            _warnings.Add(LeftOutMachines.WouldNotBeBackedUp(job.Machine!.Name, job.Refused!));
        WarnOfFreeNames(run.Plan);
        var machines = run.Jobs.Where(job => job.Refused == null).Select(job => job.Machine).OfType<HyperVMachine>();
        var named = machines.ToList();
        var captured = Foresee(run.Plan, run.Provider as VssProvider, named);
        var jobs = run
            .Jobs.Select((job, i) => (Job: job, Property: run.Properties.OfSource(job, i)))
            .Where(item => item.Job.Machine is not { } machine || named.Contains(machine))
            .ToList();
        var targets = new TargetChecker(
            run,
            _context,
            (target, failure) => Add(run.Properties.OfTarget(target), failure),
            _warnings.Add
        );
        targets.Look();
        _context.Progress.Enter("counting the files");
        var sources = jobs.ConvertAll(item => targets.Count(item.Job, failure => Add(item.Property, failure), _cancel));
        targets.TellOfRoom();
        foreach (var (job, _) in jobs)
            WarnOfOneDisk(job);
        WarnOfOthers(run);
        var lockedBy = RunLock.HolderOf(_files, _context.State.Lock);
        if (lockedBy != null)
            _warnings.Add("A run is under way on this host: " + lockedBy + ".");
        return new PlanCheck
        {
            Plan = _plan.Name,
            File = _plan.File ?? "",
            Set = run.Choice?.Set ?? "",
            Keeps = run.Choice?.Keeps,
            Sequence = run.Choice?.Sequence ?? 0,
            Provider = run.Provider?.Name ?? "",
            Consistency = run.Provider?.Consistency ?? Consistency.None,
            Sources = sources,
            Targets = targets.Describe(),
            Machines = captured,
            Removes = targets.Removes.Select(set => set.Set).ToArray(),
            LockedBy = lockedBy,
            Leftovers = leftovers
                .Select(entry =>
                    "the shadow set "
                    + entry.Id.ToString("D")
                    + " ("
                    + entry.Provider
                    + ") of "
                    + entry.Created.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)
                )
                .ToArray(),
            Problems = _problems,
            Warnings = _warnings,
            Notices = targets.Notices,
        };
    }

    // Without the jobs that are wrong already: the others are worth a look.
    private PreparedRun Begin()
    {
        var places = new List<int>();
        var jobs = new List<BackupJob>();
        for (var i = 0; i < _plan.Jobs.Count; i++)
        {
            var (property, job) = (PlanProperties.Job(i), _plan.Jobs[i]);
            if (_problems.Exists(problem => problem.Property.StartsWith(property, StringComparison.Ordinal)))
                continue;
            if (Try(property + ".source", () => ResolvedPlan.Of(job, _files)) is not { } resolved)
                continue;
            places.Add(i);
            jobs.Add(resolved);
        }

        var plan = ResolvedPlan.Of(_plan with { Jobs = Array.Empty<BackupJob>() }, _files) with { Jobs = jobs };
        return PreparedRun.Of(plan, _context.Clock.UtcNow) with
        {
            Properties = new PlanProperties(plan, places),
            ChoosesSet = !_problems.Exists(problem =>
                problem.Property.StartsWith("sets", StringComparison.Ordinal)
                || problem.Property.StartsWith("keep", StringComparison.Ordinal)
            ),
        };
    }

    // What a run would not believe it tells of and goes on.
    private IReadOnlyList<JournalEntry> FindLeftovers()
    {
        foreach (var failure in JournalTrust.Refused(_files, _context.State.Shadows))
            _warnings.Add(failure.Message + ". " + failure.Advice);
        return Leftovers.Find(_context.Journal);
    }

    private void WarnOfFreeNames(BackupPlan decided)
    {
        if (decided.Keep == null && !decided.Sets.SequenceEqual(_plan.Sets))
            _warnings.Add(
                "Sets of other backups have the names "
                    + string.Join(" and ", _plan.Sets)
                    + ", so those of this plan are "
                    + string.Join(" and ", decided.Sets)
                    + "."
            );
    }

    // The writer captures the machines of the plan; and those that lie in its folders, which are paused just the same
    // if their guests cannot take part. Those that it cannot are taken off.
    private IReadOnlyList<HyperVMachine> Foresee(BackupPlan plan, VssProvider? provider, List<HyperVMachine> named)
    {
        if (provider == null || (plan.Jobs.Count == 0 && named.Count == 0))
            return named;
        var foreseen = Try(
            named.Count > 0 ? "virtualMachines" : "jobs",
            () => (ValueTuple<IReadOnlyList<HyperVMachine>, IReadOnlyList<string>>?)Foresee(plan, provider, named, true)
        );
        if (foreseen is not var (machines, warnings))
            return named;
        _warnings.AddRange(warnings);
        return machines;
    }

    private (IReadOnlyList<HyperVMachine> Machines, IReadOnlyList<string> Warnings) Foresee(
        BackupPlan plan,
        VssProvider provider,
        List<HyperVMachine> named,
        bool mayLeaveOut
    )
    {
        try
        {
            return provider.Foresee(
                new ShadowRequest
                {
                    Id = Guid.Empty,
                    Sources = SourceSteps.SourcesOf(plan),
                    VirtualMachines = named.Select(machine => machine.Id).ToArray(),
                    OnlineOnly = plan.OnlineOnly,
                    Options = plan.Shadow,
                }
            );
        }
        catch (MachinesRefusedException e) when (mayLeaveOut && (plan.Jobs.Count > 0 || e.Reasons.Count < named.Count))
        {
            foreach (var machine in named.Where(machine => e.Reasons.ContainsKey(machine.Id)))
                _warnings.Add(LeftOutMachines.WouldNotBeBackedUp(machine.Name, e.Reasons[machine.Id]));
            named.RemoveAll(machine => e.Reasons.ContainsKey(machine.Id));
            return Foresee(plan, provider, named, false);
        }
    }

    // All copies and the original on one disk die together, whatever letters its volumes have.
    private void WarnOfOneDisk(RunJob job)
    {
        var from = (job.Machine?.Files.Select(file => file.Path) ?? new[] { job.Source }).Select(DiskOf).ToList();
        var to = job.Targets.Select(DiskOf).Distinct(StringComparer.Ordinal).ToList();
        if (to.Count != 1 || to[0].Length == 0 || !from.Contains(to[0], StringComparer.Ordinal))
            return;
        _warnings.Add(
            (job.Machine == null ? job.Source : "The virtual machine " + job.Machine.Name)
                + " and "
                + (job.Targets.Count == 1 ? "its copy on " + job.Targets[0] : "all its copies")
                + " lie on one disk ("
                + to[0]
                + "); whatever destroys it takes both."
        );
    }

    private string DiskOf(string path)
    {
        try
        {
            return _files.GetVolume(path).Disk;
        }
        catch (BackupException)
        {
            return "";
        }
    }

    private void WarnOfOthers(PreparedRun run)
    {
        var targets = run.Targets.Select(target => target.Path).ToList();
        foreach (var folder in new[] { _context.State.Path }.Concat(OpenPlaces.Of(run.Plan, targets, run.Choice)))
            if (OpenPlaces.Problem(_files, folder) is { } warning)
                _warnings.Add(warning.Ahead);
    }

    private T? Try<T>(string property, Func<T> look)
    {
        try
        {
            return look();
        }
        catch (BackupException e)
        {
            Add(property, e.Failure);
            return default;
        }
    }

    private void Add(string property, Failure failure)
    {
        var problem = new PlanProblem(property, failure.Message + ". " + failure.Advice);
        if (!_problems.Contains(problem))
            _problems.Add(problem);
    }
}
