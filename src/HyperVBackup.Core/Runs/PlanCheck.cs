using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Text;

namespace HyperVBackup.Runs;

/// <summary>
/// What a plan comes to on this host now, and everything that would be in its way, found out without touching anything.
/// Plain data.
/// What only shows when files are opened and disks written to is not foreseen: a file that somebody holds, a bad
/// sector.
/// </summary>
public sealed record PlanCheck
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>Its file; empty when it was not read from one.</summary>
    public string File { get; init; } = "";

    /// <summary>Whether nothing is known that would keep a run from making a complete set.</summary>
    public bool IsValid => Problems.Count == 0;

    /// <summary>Whether every target has the room, in the worst case.</summary>
    public bool Fits => Targets.All(target => target.Fits);

    /// <summary>0 fine, 2 the plan cannot be used, 3 there are warnings.</summary>
    public int ExitCode =>
        !IsValid ? ExitCodes.BadArguments
        : Warnings.Count > 0 ? ExitCodes.Warnings
        : ExitCodes.Complete;

    /// <summary>The set that would be written; empty when that cannot be told.</summary>
    public string Set { get; init; } = "";

    /// <summary>The set that stays as the last good one; null when there is none yet.</summary>
    public string? Keeps { get; init; }

    /// <summary>The number the run would have.</summary>
    public long Sequence { get; init; }

    /// <summary>The shadow provider that would be used; empty when there is none.</summary>
    public string Provider { get; init; } = "";

    /// <summary>How consistent the copies would be.</summary>
    public Consistency Consistency { get; init; }

    /// <summary>What would be copied: folders, and virtual machines as "vm:" and their name.</summary>
    public IReadOnlyList<SourceCheck> Sources { get; init; } = Array.Empty<SourceCheck>();

    /// <summary>Where to.</summary>
    public IReadOnlyList<TargetCheck> Targets { get; init; } = Array.Empty<TargetCheck>();

    /// <summary>
    /// The virtual machines that their writer would capture, with what happens to them: those of the plan, and those
    /// that lie in its folders.
    /// </summary>
    public IReadOnlyList<HyperVMachine> Machines { get; init; } = Array.Empty<HyperVMachine>();

    /// <summary>Those among them that are paused for the capture if they run.</summary>
    public IReadOnlyList<string> Paused =>
        Machines
            .Where(machine => machine.Capture == MachineCapture.SavedState)
            .Select(machine => machine.Name)
            .ToArray();

    /// <summary>Older sets that would be removed once the new one is complete.</summary>
    public IReadOnlyList<string> Removes { get; init; } = Array.Empty<string>();

    /// <summary>Who holds the lock of this host, in words; null: nobody.</summary>
    public string? LockedBy { get; init; }

    /// <summary>What earlier runs left behind and a run would remove first.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = Array.Empty<string>();

    /// <summary>What makes the plan unusable.</summary>
    public IReadOnlyList<PlanProblem> Problems { get; init; } = Array.Empty<PlanProblem>();

    /// <summary>What an administrator should know all the same.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();

    /// <summary>
    /// What is not copied, by design: to be known, and no reason for a warning every night. Access lists (POSIX ACLs).
    /// </summary>
    public IReadOnlyList<string> Notices { get; init; } = Array.Empty<string>();

    /// <summary>Checks a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="context">What a run of it would work with.</param>
    /// <param name="cancel">Stops it.</param>
    public static PlanCheck Of(BackupPlan plan, RunContext context, CancellationToken cancel) =>
        new PlanChecker(plan, context, cancel).Check();

    /// <summary>The check of something that is no plan at all.</summary>
    public static PlanCheck Of(string plan, PlanException whyNot) => new() { Plan = plan, Problems = whyNot.Problems };
}

/// <summary>One source of a checked plan.</summary>
public sealed record SourceCheck
{
    /// <summary>The folder, or "vm:" and the virtual machine's name.</summary>
    public required string Source { get; init; }

    /// <summary>Its name in the sets.</summary>
    public required string Folder { get; init; }

    /// <summary>The targets that get a copy.</summary>
    public IReadOnlyList<string> Targets { get; init; } = Array.Empty<string>();

    /// <summary>Files that would be copied.</summary>
    public long Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>One line: what it is and how much.</summary>
    public override string ToString() =>
        Source
        + ": "
        + Files
        + (Files == 1 ? " file, " : " files, ")
        + HumanText.Size(Bytes)
        + " to "
        + string.Join(", ", Targets);
}

/// <summary>One target of a checked plan.</summary>
public sealed record TargetCheck
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The root of its volume; empty when it is not there.</summary>
    public string Volume { get; init; } = "";

    /// <summary>The volume's file system.</summary>
    public string FileSystem { get; init; } = "";

    /// <summary>
    /// Whether a flush of the whole is not known to reach the medium, because a server, or a program in user space, is
    /// in between. False on Windows.
    /// </summary>
    public bool IsBehindAnother { get; init; }

    /// <summary>Bytes free on the volume.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Bytes that the volume holds in all.</summary>
    public long TotalBytes { get; init; }

    /// <summary>
    /// Bytes that the run would take in the worst case: what the sources hold and the set does not yet. Where the set
    /// begins as a clone of the newest complete one, what that
    /// does not hold: blocks that changed since come on top, and how many those are only shows when they are read.
    /// </summary>
    public long NeededBytes { get; init; }

    /// <summary>Whether they are free, together with those of the other targets on the volume.</summary>
    public bool Fits { get; init; } = true;

    /// <summary>The folder of the set that would be written.</summary>
    public string Folder { get; init; } = "";

    /// <summary>What that set is now; null when it is not there yet.</summary>
    public SetInfo? Current { get; init; }

    /// <summary>Files in it that the sources no longer have: they would be deleted, after the copies.</summary>
    public long FilesToDelete { get; init; }

    /// <summary>Their bytes.</summary>
    public long BytesToDelete { get; init; }

    /// <summary>Sets of the plan's names that another plan or host has written.</summary>
    public IReadOnlyList<string> ForeignSets { get; init; } = Array.Empty<string>();

    /// <summary>Who holds the target's lock, in words; null: nobody.</summary>
    public string? LockedBy { get; init; }

    /// <summary>What the plan's sets cost there; null when it cannot be looked at.</summary>
    public SetCost? Cost { get; init; }

    /// <summary>One line: how much room it needs and has.</summary>
    public override string ToString() =>
        Target
        + (FileSystem.Length == 0 ? "" : " (" + FileSystem + ")")
        + ": needs "
        + HumanText.Size(NeededBytes)
        + (TotalBytes == 0 ? "; how much is free is not known" : " of " + HumanText.Size(FreeBytes) + " free")
        + (Fits ? "" : ", DOES NOT FIT")
        + (
            FilesToDelete == 0
                ? ""
                : "; deletes "
                    + FilesToDelete
                    + (FilesToDelete == 1 ? " file, " : " files, ")
                    + HumanText.Size(BytesToDelete)
        );
}
