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
    private readonly Dictionary<string, string> _targetProperties = new(PathOf.Comparer);

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
        var places = Enumerable
            .Range(0, _plan.Jobs.Count)
            .Where(i =>
                !_problems.Any(problem => problem.Property.StartsWith(JobProperty(i), StringComparison.Ordinal))
            )
            .ToList();
        var plan = BackupRun.Resolve(_plan with { Jobs = places.Select(i => _plan.Jobs[i]).ToArray() }, _files);
        NameTargets(plan, places);
        var leftovers = Try("(state folder)", () => Leftovers.Find(_context.Journal)) ?? Array.Empty<JournalEntry>();
        var provider = ChooseProvider(plan);
        var named =
            (
                plan.VirtualMachines.Count == 0 || provider == null
                    ? null
                    : Try(
                        "virtualMachines",
                        () => BackupRun.ListMachines(provider, plan, (_, why) => WarnOfMissing(why))
                    )
            ) ?? Array.Empty<HyperVMachine>();
        var machines = TakeApart(plan, named);
        var captured = Foresee(plan, provider as VssProvider, machines);
        var jobs = RunJob
            .OfFolders(plan)
            .Select((job, i) => (Job: job, Property: JobProperty(places[i]) + ".source"))
            .Concat(RunJob.OfMachines(plan, machines).Select(job => (Job: job, Property: "virtualMachines")))
            .ToList();
        var targets = new TargetChecker(
            plan,
            _context,
            jobs.ConvertAll(item => item.Job),
            (target, failure) => Add(_targetProperties[target], failure),
            _warnings.Add
        );
        targets.Look(
            !_problems.Any(problem =>
                problem.Property.StartsWith("sets", StringComparison.Ordinal)
                || problem.Property.StartsWith("keep", StringComparison.Ordinal)
            )
        );
        _context.Progress.Enter("counting the files");
        var sources = jobs.ConvertAll(item => targets.Count(item.Job, failure => Add(item.Property, failure), _cancel));
        targets.TellOfRoom();
        foreach (var (job, _) in jobs)
            WarnOfOneDisk(job);
        WarnOfOthers(targets);
        var lockedBy = RunLock.HolderOf(_files, _context.State.Lock);
        if (lockedBy != null)
            _warnings.Add("A run is under way on this host: " + lockedBy + ".");
        return new PlanCheck
        {
            Plan = _plan.Name,
            File = _plan.File ?? "",
            Set = targets.Choice?.Set ?? "",
            Keeps = targets.Choice?.Keeps,
            Sequence = targets.Choice?.Sequence ?? 0,
            Provider = provider?.Name ?? "",
            Consistency = provider?.Consistency ?? Consistency.None,
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

    private IShadowProvider? ChooseProvider(BackupPlan plan)
    {
        var isForMachines = plan.VirtualMachines.Count > 0;
        string? warning = null;
        var sources = plan.Jobs.Select(job => new ShadowSource(job.Source, job.Filter)).ToList();
        var provider = Try(
            isForMachines ? "virtualMachines" : "shadow.provider",
            () =>
                _context.Providers.Choose(
                    isForMachines ? VssProvider.ProviderName : plan.Shadow.Provider,
                    sources,
                    false,
                    out warning
                )
        );
        if (warning != null)
            _warnings.Add(warning);
        foreach (var gap in provider?.NotHeld(sources) ?? Array.Empty<string>())
            _warnings.Add(gap + ".");
        return provider;
    }

    // A machine that lies on its only target is left out, as long as there is something else to back up.
    private List<HyperVMachine> TakeApart(BackupPlan plan, IReadOnlyList<HyperVMachine> named)
    {
        var refused = RunJob.OfMachines(plan, named).Where(job => job.Refused != null).ToList();
        var isAll = plan.Jobs.Count == 0 && refused.Count == named.Count;
        foreach (var job in refused)
        {
            if (isAll)
                Add("virtualMachineTargets", job.Refused!);
            else
                WarnOfRefused(job.Machine!.Name, job.Refused!);
        }

        return named.Where(machine => refused.All(job => job.Machine != machine)).ToList();
    }

    private void WarnOfRefused(string machine, Failure why) =>
        _warnings.Add("The virtual machine " + machine + " would NOT be backed up: " + why.Message + ". " + why.Advice);

    private void WarnOfMissing(Failure why) =>
        _warnings.Add(
            "This host has no such virtual machine: "
                + why.Target
                + ". Here "
                + why.Cause
                + ". Correct the plan if the machine was renamed or removed."
        );

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
                    Sources = plan.Jobs.Select(job => new ShadowSource(job.Source, job.Filter)).ToArray(),
                    VirtualMachines = named.Select(machine => machine.Id).ToArray(),
                    OnlineOnly = plan.OnlineOnly,
                    Options = plan.Shadow,
                }
            );
        }
        catch (MachinesRefusedException e) when (mayLeaveOut && (plan.Jobs.Count > 0 || e.Reasons.Count < named.Count))
        {
            foreach (var machine in named.Where(machine => e.Reasons.ContainsKey(machine.Id)))
                WarnOfRefused(machine.Name, e.Reasons[machine.Id]);
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

    private void WarnOfOthers(TargetChecker targets)
    {
        foreach (var folder in new[] { _context.State.Path }.Concat(targets.Folders))
            if (Permissions.Problem(_files, folder) is { } problem)
                _warnings.Add(problem.Message + ". " + problem.Advice);
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

    private static string JobProperty(int index) => "jobs[" + index.ToString(CultureInfo.InvariantCulture) + "]";

    // Where the plan names what the run knows by its path behind links: the first place.
    private void NameTargets(BackupPlan resolved, IReadOnlyList<int> places)
    {
        var named = resolved
            .Jobs.SelectMany(
                (job, k) =>
                    job.Targets.Select(
                        (target, i) =>
                            (
                                target,
                                JobProperty(places[k]) + ".targets[" + i.ToString(CultureInfo.InvariantCulture) + "]"
                            )
                    )
            )
            .Concat(
                resolved.VirtualMachineTargets.Select(
                    (target, i) => (target, "virtualMachineTargets[" + i.ToString(CultureInfo.InvariantCulture) + "]")
                )
            );
        foreach (var (target, property) in named)
            if (!_targetProperties.ContainsKey(target))
                _targetProperties.Add(target, property);
    }
}
