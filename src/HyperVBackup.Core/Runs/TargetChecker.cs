using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// The targets of a run to come, beyond what it decides by: what the set holds that would be written, what would go
/// from it, and whether there is the room. Touches nothing.
/// </summary>
internal sealed class TargetChecker
{
    private readonly PreparedRun _run;
    private readonly RunContext _context;
    private readonly Action<string, Failure> _problem;
    private readonly Action<string> _warning;
    private readonly List<string> _notices = new();
    private readonly List<Target> _targets;

    /// <summary>A checker; looks at nothing yet.</summary>
    /// <param name="run">The run, prepared to be shown.</param>
    /// <param name="context">What it would work with.</param>
    /// <param name="problem">Told what makes a target unusable, beyond what the run was found to end with.</param>
    /// <param name="warning">Told what else is to be known.</param>
    public TargetChecker(PreparedRun run, RunContext context, Action<string, Failure> problem, Action<string> warning)
    {
        _run = run;
        _context = context;
        _problem = problem;
        _warning = warning;
        _targets = run.Targets.Select(target => new Target(target)).ToList();
    }

    /// <summary>What of the counted sources is not copied, by design.</summary>
    public IReadOnlyList<string> Notices => _notices;

    /// <summary>
    /// Older sets that would be removed once the new one is complete, because the plan's "keep" does not keep them.
    /// </summary>
    public IReadOnlyList<PruneDecision> Removes { get; private set; } = Array.Empty<PruneDecision>();

    /// <summary>Looks at the targets and their sets.</summary>
    public void Look()
    {
        foreach (var target in _targets.Where(target => target.Prepared.IsThere))
            Guard(failure => _problem(target.Path, failure), () => LookAt(target));
        if (_run.Choice is not { } choice)
            return;
        if (_run.Plan.Keep != null)
            Removes = SetPruning
                .Judge(_run.Plan, _targets.ConvertAll(target => target.Sets!), _context, _run.Started)
                .Where(set => set.IsRemoved)
                .ToArray();
        foreach (var target in _targets)
            Guard(failure => _problem(target.Path, failure), () => LookAtSet(target, choice));
    }

    /// <summary>Counts what a job copies, what room its copies need, and what would be deleted from them.</summary>
    /// <param name="job">The job.</param>
    /// <param name="problem">Told of folders that cannot be read.</param>
    /// <param name="cancel">Stops it.</param>
    public SourceCheck Count(RunJob job, Action<Failure> problem, CancellationToken cancel)
    {
        var tree = job.Machine == null ? null : MachineTree.OfLiveFiles(_context.Files, job.Machine);
        var (files, source) = (tree ?? _context.Files, tree?.Root ?? job.Source);
        var there = _targets
            .Where(target => target.Volume != null && job.Targets.Contains(target.Path, PathOf.Comparer))
            .ToList();
        var copies = there.ConvertAll(target =>
            _run.Choice == null
                ? null
                : PathOf.Join(SetLayout.SetFolder(target.Path, _run.Choice.SetOn(target.Path)), job.Folder)
        );
        var survey = SpaceSurvey.Of(
            files,
            source,
            job.Filter,
            job.OnDisk,
            there.ConvertAll(target => (BaseOf(target) is { } set ? PathOf.Join(set, job.Folder) : null, target.Path)),
            ManifestFormat.MostBytesOf,
            cancel
        );
        foreach (var failure in survey.Problems)
            problem(failure);
        if (survey.AccessLists.Notice(job.Source) is { } notice)
            _notices.Add(notice);
        foreach (var folder in survey.Mounted)
            _warning(MountedFolders.Warning(PathOf.Join(job.Source, folder.Path), folder.Entry)!);
        for (var i = 0; i < there.Count; i++)
        {
            there[i].Needed = Sizes.Add(there[i].Needed, survey.Needed[i]);
            if (copies[i] is not { } copy || survey.Problems.Count > 0)
                continue;
            Guard(
                problem,
                () =>
                {
                    var last = _run.Guard?.LastOn(job, there[i].Path);
                    var deletions = DeletionSurvey.Count(files, source, copy, job.Filter, true, cancel, last?.Folder);
                    there[i].Files += deletions.Files;
                    there[i].Bytes = Sizes.Add(there[i].Bytes, deletions.Bytes);
                    var has = (survey.Files, survey.Bytes);
                    if (_run.Guard?.WhyNot(job, there[i].Path, copy, deletions.Tally, has) is { } failure)
                        problem(failure);
                }
            );
        }

        return new SourceCheck
        {
            Source = job.Source,
            Folder = job.Folder,
            Targets = job.Targets,
            Files = survey.Files,
            Bytes = survey.Bytes,
        };
    }

    /// <summary>Tells of targets that have not the room for what was counted.</summary>
    public void TellOfRoom()
    {
        foreach (var same in Volumes.Where(same => !Fits(same)))
        {
            var deleted = SetStateLimits.Sum(same.Select(target => target.Bytes));
            var cause =
                (same.Any(target => target.SharesBlocks) ? "it takes at least " : "in the worst case it takes ")
                + HumanText.Size(SetStateLimits.Sum(same.Select(target => target.Needed)))
                + ", and "
                + HumanText.Size(same.First().Volume!.FreeBytes)
                + " are free"
                + (
                    deleted == 0
                        ? ""
                        : "; the " + HumanText.Size(deleted) + " that would be deleted are deleted after the copies"
                );
            _problem(
                same.First().Path,
                new Failure(
                    FailureKind.DiskFull,
                    string.Join(", ", same.Select(target => target.Path)),
                    "hold the set",
                    cause
                )
                {
                    Advice = "Free space on the volume, leave something out, or choose another target.",
                }
            );
        }
    }

    /// <summary>What is known of each target by now.</summary>
    public IReadOnlyList<TargetCheck> Describe()
    {
        var tooSmall = Volumes.Where(same => !Fits(same)).SelectMany(same => same).ToList();
        return _targets.ConvertAll(target => new TargetCheck
        {
            Target = target.Path,
            Volume = target.Volume?.Root ?? "",
            FileSystem = target.Volume?.FileSystem ?? "",
            IsBehindAnother = target.Volume?.IsBehindAnother == true,
            FreeBytes = target.Volume?.FreeBytes ?? 0,
            TotalBytes = target.Volume?.TotalBytes ?? 0,
            NeededBytes = target.Needed,
            Fits = !tooSmall.Contains(target),
            Folder = _run.Choice == null ? "" : SetLayout.SetFolder(target.Path, _run.Choice.SetOn(target.Path)),
            Current = target.Current,
            FilesToDelete = target.Files,
            BytesToDelete = target.Bytes,
            ForeignSets = target.Foreign,
            LockedBy = target.LockedBy,
            Cost = target.Cost,
        });
    }

    // What the new set begins with: a clone of the newest complete one, where blocks can be shared; what an unfinished
    // one holds; or what it holds itself.
    private string? BaseOf(Target target)
    {
        if (_run.Choice == null)
            return null;
        if (target.SharesBlocks)
            return SetLayout.SetFolder(target.Path, _run.Choice.KeptOn(target.Path)!);
        return _run.Choice.Adopts.FirstOrDefault(set => PathOf.Comparer.Equals(set.Target, target.Path))?.Path
            ?? SetLayout.SetFolder(target.Path, _run.Choice.SetOn(target.Path));
    }

    // Targets on one volume share its room.
    private IEnumerable<IGrouping<ulong, Target>> Volumes =>
        _targets.Where(target => target.Volume != null).GroupBy(target => target.Volume!.Id);

    private static bool Fits(IEnumerable<Target> same) =>
        !same.First().Volume!.KnowsRoom
        || SetStateLimits.Sum(same.Select(target => target.Needed)) <= same.First().Volume!.FreeBytes;

    private void LookAt(Target target)
    {
        var files = _context.Files;
        target.Volume = files.GetVolume(target.Path);
        if (target.Volume.IsReadOnly)
            _problem(
                target.Path,
                new Failure(FailureKind.ReadOnlyVolume, target.Path, "write to it", "the volume is mounted read-only")
            );
        target.LockedBy = RunLock.HolderOf(files, RunLock.OnTarget(target.Path));
        if (target.LockedBy != null)
            _warning("A run is under way on " + target.Path + ": " + target.LockedBy + ".");
        if (target.Sets is { } sets)
            target.Foreign.AddRange(
                SetOwnership.Foreign(_run.Plan, sets, _context.Host).Select(item => item.Set.Path + ": " + item.Why)
            );
    }

    private void LookAtSet(Target target, SetTurn choice)
    {
        var (plan, set) = (_run.Plan, choice.SetOn(target.Path));
        var jobs = _run.Jobs.Where(job => job.Targets.Contains(target.Path, PathOf.Comparer)).ToList();
        foreach (
            var folder in jobs.SelectMany(job => SetLayout.FoldersTo(target.Path, set, job.Folder))
                .Distinct(PathOf.Comparer)
        )
            SetLayout.RequireReal(_context.Files, folder);
        target.SharesBlocks =
            plan.ShareBlocks
            && target.Volume is { ClonesBlocks: true }
            && target.Sets!.Any(there =>
                there.Set == choice.KeptOn(target.Path) && there.State == SetCondition.Complete
            );
        target.Cost = SetCost.Of(plan, target.Path, target.Sets!, _context.Files, _context.Host);
        if (target.Cost.Problem is { } problem)
            _warning(problem);
        target.Current = target.Sets!.FirstOrDefault(there =>
            string.Equals(there.Set, set, StringComparison.OrdinalIgnoreCase)
        );
        foreach (var folder in target.Current?.Jobs.Select(job => job.Folder) ?? Array.Empty<string>())
            if (!jobs.Exists(job => string.Equals(job.Folder, folder, StringComparison.OrdinalIgnoreCase)))
                _warning(
                    PathOf.Join(target.Current!.Path, folder)
                        + " belongs to no job of the plan any more. It would be kept, but no longer brought up to date."
                );
    }

    private static void Guard(Action<Failure> problem, Action look)
    {
        try
        {
            look();
        }
        catch (BackupException e)
        {
            problem(e.Failure);
        }
    }

    private sealed class Target
    {
        public Target(PreparedTarget prepared) => Prepared = prepared;

        public PreparedTarget Prepared { get; }

        public string Path => Prepared.Path;

        public IReadOnlyList<SetInfo>? Sets => Prepared.Sets;

        public VolumeInfo? Volume { get; set; }

        public SetInfo? Current { get; set; }

        public List<string> Foreign { get; } = new();

        public string? LockedBy { get; set; }

        public SetCost? Cost { get; set; }

        public bool SharesBlocks { get; set; }

        public long Needed { get; set; }

        public long Files { get; set; }

        public long Bytes { get; set; }
    }
}
