using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// The targets of a run to come: whether they are there, whose their sets are, which would be written, and whether it
/// has the room. Touches nothing.
/// </summary>
internal sealed class TargetChecker
{
    private BackupPlan _plan;
    private readonly RunContext _context;
    private IReadOnlyList<RunJob> _jobs;
    private readonly Action<string, Failure> _problem;
    private readonly Action<string> _warning;
    private readonly List<string> _notices = new();
    private readonly List<Target> _targets;
    private SourceGuard? _guard;

    /// <summary>A checker; looks at nothing yet.</summary>
    /// <param name="plan">The plan, with links resolved.</param>
    /// <param name="context">What a run would work with.</param>
    /// <param name="jobs">What it would copy.</param>
    /// <param name="problem">Told what makes a target unusable.</param>
    /// <param name="warning">Told what else is to be known.</param>
    public TargetChecker(
        BackupPlan plan,
        RunContext context,
        IReadOnlyList<RunJob> jobs,
        Action<string, Failure> problem,
        Action<string> warning
    )
    {
        _plan = plan;
        _context = context;
        _jobs = jobs;
        _problem = problem;
        _warning = warning;
        _targets = jobs.SelectMany(job => job.Targets)
            .Distinct(PathOf.Comparer)
            .Select(target => new Target(target))
            .ToList();
    }

    /// <summary>The set that would be written; null when that cannot be told.</summary>
    public SetTurn? Choice { get; private set; }

    /// <summary>What of the counted sources is not copied, by design.</summary>
    public IReadOnlyList<string> Notices => _notices;

    /// <summary>
    /// Older sets that would be removed once the new one is complete, because the plan's "keep" does not keep them.
    /// </summary>
    public IReadOnlyList<PruneDecision> Removes { get; private set; } = Array.Empty<PruneDecision>();

    /// <summary>
    /// The folders of the sets that a run takes an interest in, there or not; and off Windows the targets themselves:
    /// who may write to a folder there may also rename and remove what others
    /// have in it.
    /// </summary>
    public IEnumerable<string> Folders
    {
        get
        {
            var sets = _plan.Keep == null ? _plan.Sets : new[] { Choice?.Set, Choice?.Keeps }.OfType<string>();
            return _targets.SelectMany(target =>
                Own(target.Path).Concat(sets.Select(set => SetLayout.SetFolder(target.Path, set)))
            );
        }
    }

    private static IEnumerable<string> Own(string target) =>
        PathOf.IsWindows ? Array.Empty<string>() : new[] { target };

    /// <summary>Looks at the targets and their sets.</summary>
    /// <param name="choosesSet">Whether the names of the sets are in order.</param>
    public void Look(bool choosesSet)
    {
        foreach (var target in _targets)
            Guard(failure => _problem(target.Path, failure), () => LookAt(target));
        var sets = _targets.Select(target => target.Sets).OfType<IReadOnlyList<SetInfo>>().ToList();
        if (choosesSet)
            ChooseNames(sets);
        if (choosesSet && _targets.Count > 0 && sets.Count == _targets.Count)
            Choice = BackupRun.ChooseSet(
                _plan,
                _targets.ConvertAll(target => target.Path),
                sets,
                _context,
                _context.Clock.UtcNow
            );
        foreach (var target in _targets.Where(target => target.Sets != null))
            LookAtOwners(target);
        if (!choosesSet || _targets.Count == 0 || _targets.Any(target => target.Sets == null))
            return;
        var (paths, now) = (_targets.ConvertAll(target => target.Path), _context.Clock.UtcNow);
        _jobs = MachineFolders.Settle(_jobs, sets, _plan, Choice!);
        _guard = new SourceGuard(_context, _plan);
        if (_plan.Keep != null)
            Removes = SetPruning.Judge(_plan, paths, _context, now).Where(set => set.IsRemoved).ToArray();
        foreach (var target in _targets)
            Guard(failure => _problem(target.Path, failure), () => LookAtSet(target));
    }

    /// <summary>Counts what a job copies, what room its copies need, and what would be deleted from them.</summary>
    /// <param name="job">The job.</param>
    /// <param name="problem">Told of folders that cannot be read.</param>
    /// <param name="cancel">Stops it.</param>
    public SourceCheck Count(RunJob job, Action<Failure> problem, CancellationToken cancel)
    {
        if (job.Machine != null)
            job = _jobs.First(settled => settled.Machine == job.Machine); // In the folder that it has in the sets.
        var tree = job.Machine == null ? null : MachineTree.OfLiveFiles(_context.Files, job.Machine);
        var (files, source) = (tree ?? _context.Files, tree?.Root ?? job.Source);
        var there = _targets
            .Where(target => target.Volume != null && job.Targets.Contains(target.Path, PathOf.Comparer))
            .ToList();
        var copies = there.ConvertAll(target =>
            Choice == null ? null : PathOf.Join(SetLayout.SetFolder(target.Path, Choice.SetOn(target.Path)), job.Folder)
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
                    var last = _guard?.LastOn(job, there[i].Path);
                    var deletions = DeletionSurvey.Count(files, source, copy, job.Filter, true, cancel, last?.Folder);
                    there[i].Files += deletions.Files;
                    there[i].Bytes = Sizes.Add(there[i].Bytes, deletions.Bytes);
                    var has = (survey.Files, survey.Bytes);
                    if (_guard?.WhyNot(job, there[i].Path, copy, deletions.Tally, has) is { } failure)
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
            Folder = Choice == null ? "" : SetLayout.SetFolder(target.Path, Choice.SetOn(target.Path)),
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
        if (Choice == null)
            return null;
        if (target.SharesBlocks)
            return SetLayout.SetFolder(target.Path, Choice.KeptOn(target.Path)!);
        return Choice.Adopts.FirstOrDefault(set => PathOf.Comparer.Equals(set.Target, target.Path))?.Path
            ?? SetLayout.SetFolder(target.Path, Choice.SetOn(target.Path));
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
        BackupRun.RequireTarget(files, target.Path);
        target.Volume = files.GetVolume(target.Path);
        if (target.Volume.IsReadOnly)
            _problem(
                target.Path,
                new Failure(FailureKind.ReadOnlyVolume, target.Path, "write to it", "the volume is mounted read-only")
            );
        target.LockedBy = RunLock.HolderOf(files, RunLock.OnTarget(target.Path));
        if (target.LockedBy != null)
            _warning("A run is under way on " + target.Path + ": " + target.LockedBy + ".");
        target.Sets = SetCatalogue.List(files, target.Path);
    }

    private void ChooseNames(IReadOnlyList<IReadOnlyList<SetInfo>> sets)
    {
        var plan = SetOwnership.WithFreeNames(_plan, sets, _context.Host);
        if (!ReferenceEquals(plan, _plan) && !plan.Sets.SequenceEqual(_plan.Sets))
            _warning(
                "Sets of other backups have the names "
                    + string.Join(" and ", _plan.Sets)
                    + ", so those of this plan are "
                    + string.Join(" and ", plan.Sets)
                    + "."
            );
        _plan = plan;
    }

    private void LookAtOwners(Target target)
    {
        var sets = target.Sets!;
        // A set whose state is damaged is written anew; one whose state cannot be read just now stops a run.
        foreach (var set in sets.Where(set => _plan.Mine(set.Set)))
            if (set.Problem is { Kind: not FailureKind.StateDamaged } problem)
                _problem(target.Path, problem);
        foreach (var (set, why) in SetOwnership.Foreign(_plan, sets, _context.Host))
        {
            target.Foreign.Add(set.Path + ": " + why);
            if (!_plan.TakeOver)
                _problem(target.Path, SetOwnership.Refusal(target.Path, set, why, Choice?.SetOn(target.Path)));
        }
    }

    private void LookAtSet(Target target)
    {
        foreach (
            var folder in _jobs
                .Where(job => job.Targets.Contains(target.Path, PathOf.Comparer))
                .SelectMany(job => SetLayout.FoldersTo(target.Path, Choice!.SetOn(target.Path), job.Folder))
                .Distinct(PathOf.Comparer)
        )
            SetLayout.RequireReal(_context.Files, folder);
        foreach (var job in _jobs.Where(job => job.Targets.Contains(target.Path, PathOf.Comparer)))
            if (_guard!.Look(job, target.Sets!, Choice!.KeptOn) is { } failure)
                _problem(target.Path, failure);
        target.SharesBlocks =
            _plan.ShareBlocks
            && target.Volume!.ClonesBlocks
            && target.Sets!.Any(set => set.Set == Choice!.KeptOn(target.Path) && set.State == SetCondition.Complete);
        target.Cost = SetCost.Of(_plan, target.Path, target.Sets!, _context.Files, _context.Host);
        if (target.Cost.Problem is { } problem)
            _warning(problem);
        target.Current = target.Sets!.FirstOrDefault(set =>
            string.Equals(set.Set, Choice!.SetOn(target.Path), StringComparison.OrdinalIgnoreCase)
        );
        foreach (
            var folder in target
                .Current?.Jobs.Select(job => job.Folder)
                .Where(folder =>
                    !_jobs.Any(job =>
                        string.Equals(job.Folder, folder, StringComparison.OrdinalIgnoreCase)
                        && job.Targets.Contains(target.Path, PathOf.Comparer)
                    )
                )
                ?? Array.Empty<string>()
        )
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
        public Target(string path) => Path = path;

        public string Path { get; }

        public VolumeInfo? Volume { get; set; }

        public IReadOnlyList<SetInfo>? Sets { get; set; }

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
