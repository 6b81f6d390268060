using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Runs;

/// <summary>What a run of a plan would do, found out without touching anything. Plain data.</summary>
public sealed record RunPreview
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The set that would be written.</summary>
    public required string Set { get; init; }

    /// <summary>The set that stays as the last good one; null when there is none yet.</summary>
    public string? Keeps { get; init; }

    /// <summary>The number the run would have.</summary>
    public long Sequence { get; init; }

    /// <summary>The folders that would be read.</summary>
    public IReadOnlyList<string> Sources { get; init; } = Array.Empty<string>();

    /// <summary>The virtual machines that would be captured, with how.</summary>
    public IReadOnlyList<HyperVMachine> Machines { get; init; } = Array.Empty<HyperVMachine>();

    /// <summary>What would be written, on each target.</summary>
    public IReadOnlyList<TargetPreview> Targets { get; init; } = Array.Empty<TargetPreview>();

    /// <summary>Older sets that would be removed once the new one is complete, because the plan's "keep" does not keep them.</summary>
    public IReadOnlyList<PruneDecision> Removes { get; init; } = Array.Empty<PruneDecision>();

    /// <summary>Files that are in the set and no longer in the sources: they would be deleted. Null when they were not counted.</summary>
    public long? FilesToDelete { get; init; }

    /// <summary>Their bytes.</summary>
    public long? BytesToDelete { get; init; }

    /// <summary>Looks.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="countDeletions">Whether to walk the sources and the set, to say how much would be deleted.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="PlanException">The plan cannot be used.</exception>
    /// <exception cref="BackupException">A target is missing, or its sets are somebody else's: the run would fail in the same way.</exception>
    public static RunPreview Of(BackupPlan plan, RunContext context, bool countDeletions, CancellationToken cancel)
    {
        var files = context.Files;
        PlanValidator.Require(plan, files);
        var real = BackupRun.Resolve(plan, files);
        var machines = real.VirtualMachines.Count == 0 ? Array.Empty<HyperVMachine>() : BackupRun.ListMachines(context.Providers.Get(VssProvider.ProviderName), real);
        var jobs = RunJob.OfFolders(real).Concat(RunJob.OfMachines(real, machines)).ToList();
        var targets = jobs.SelectMany(job => job.Targets).Distinct(PathOf.Comparer).ToList();
        foreach (var target in targets) BackupRun.RequireTarget(files, target);
        var found = targets.Select(target => SetCatalogue.List(files, target)).ToList();
        for (var i = 0; i < targets.Count; i++) SetOwnership.Require(real, targets[i], found[i], context.Host);
        var choice = BackupRun.ChooseSet(real, targets, found, context, context.Clock.UtcNow);
        var deletions = countDeletions
            ? real.Jobs.SelectMany(job => job.Targets.Select(target => DeletionSurvey.Count(files, job.Source, PathOf.Join(SetLayout.SetFolder(target, choice.Set), job.FolderName), job.Filter, true, cancel))).ToList()
            : null;
        return new RunPreview
        {
            Plan = real.Name,
            Set = choice.Set,
            Keeps = choice.Keeps,
            Sequence = choice.Sequence,
            Sources = jobs.Select(job => job.Source).Distinct(PathOf.Comparer).ToArray(),
            Machines = machines,
            Targets = targets.Select((target, i) => Preview(files, target, choice.Set, found[i]) with { Cost = SetCost.Of(real, target, found[i], files, context.Host) }).ToArray(),
            Removes = real.Keep == null ? Array.Empty<PruneDecision>() : SetPruning.Judge(real, targets, context, context.Clock.UtcNow).Where(set => set.IsRemoved).ToArray(),
            FilesToDelete = deletions?.Sum(survey => survey.Files),
            BytesToDelete = deletions?.Sum(survey => survey.Bytes),
        };
    }

    private static TargetPreview Preview(IFileSystem files, string target, string set, IReadOnlyList<SetInfo> found) => new()
    {
        Target = target,
        Folder = SetLayout.SetFolder(target, set),
        Current = found.FirstOrDefault(info => string.Equals(info.Set, set, StringComparison.OrdinalIgnoreCase)),
        FreeBytes = files.GetVolume(target).FreeBytes,
    };
}

/// <summary>One target of a previewed run.</summary>
public sealed record TargetPreview
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The folder of the set that would be written.</summary>
    public required string Folder { get; init; }

    /// <summary>What that set is now; null when it is not there yet.</summary>
    public SetInfo? Current { get; init; }

    /// <summary>Bytes free on the target's volume.</summary>
    public long FreeBytes { get; init; }

    /// <summary>What the plan's sets cost there.</summary>
    public SetCost? Cost { get; init; }
}
