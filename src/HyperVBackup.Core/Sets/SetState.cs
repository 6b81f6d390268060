using System;
using System.Collections.Generic;
using HyperVBackup.Shadows;

namespace HyperVBackup.Sets;

/// <summary>Whether a set counts.</summary>
public enum SetCondition
{
    /// <summary>A run is writing it, or failed while it did. Nothing in it can be relied on.</summary>
    Writing = 0,

    /// <summary>Everything in it was durable, and every hash known, when it was committed.</summary>
    Complete = 1,

    /// <summary>Its set.json is damaged or forged. The next run that writes it writes it anew.</summary>
    Damaged = 2,

    /// <summary>
    /// Its set.json cannot be read by this user, at this moment or by this version. It may be whole, so no run writes
    /// over it.
    /// </summary>
    Unreadable = 3,

    /// <summary>
    /// Committed, and not everything that was meant to be in it is: its manifests tell what is, durable and with every
    /// hash, and <see cref="SetState.Missing"/> what is not. Worth having
    /// where there is nothing better; never taken for a good one.
    /// </summary>
    Partial = 4,
}

/// <summary>The content of a set's <c>set.json</c>.</summary>
public sealed record SetState
{
    /// <summary>The version of this format that the program writes and knows.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The version of the format.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The plan that owns the set.</summary>
    public required string Plan { get; init; }

    /// <summary>The set's name.</summary>
    public required string Set { get; init; }

    /// <summary>The run that wrote it: the same on all its targets.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Counts the runs of a plan. Ages are told by it and not by clocks, which may go backwards.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether it counts.</summary>
    public required SetCondition State { get; init; }

    /// <summary>When the run started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>When the set was committed, UTC; null while it is written.</summary>
    public DateTime? Completed { get; init; }

    /// <summary>The computer that wrote it.</summary>
    public required string Host { get; init; }

    /// <summary>The shadow provider: vss, btrfs, reflink or copy.</summary>
    public required string Provider { get; init; }

    /// <summary>How consistent the copies are.</summary>
    public required Consistency Consistency { get; init; }

    /// <summary>All targets of the run, this one among them. The run is complete when all of them are.</summary>
    public IReadOnlyList<string> Targets { get; init; } = Array.Empty<string>();

    /// <summary>
    /// The run whose set this one descends from by clones of blocks, as each set is begun as a clone of the newest.
    /// Sets of one descent share the blocks of files that
    /// are the same in both. Empty: its own run, nothing was cloned.
    /// </summary>
    public Guid BlocksFrom { get; init; }

    /// <summary>What was copied into this target's part of the set.</summary>
    public IReadOnlyList<SetJob> Jobs { get; init; } = Array.Empty<SetJob>();

    /// <summary>
    /// Folders of jobs that the plan does not have any more: kept, no longer brought up to date, not part of the set.
    /// </summary>
    public IReadOnlyList<string> Abandoned { get; init; } = Array.Empty<string>();

    /// <summary>
    /// Whose copies the abandoned folders are, where they are of virtual machines: a folder stays with its machine.
    /// </summary>
    public IReadOnlyDictionary<string, string> AbandonedMachines { get; init; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Virtual disks that were not intact when they were copied: their copies are faithful all the same.
    /// </summary>
    public IReadOnlyList<DiskFinding> Disks { get; init; } = Array.Empty<DiskFinding>();

    /// <summary>How many such disks more there were: <c>disks.txt</c> beside set.json names all.</summary>
    public long DisksLeftOut { get; init; }

    /// <summary>
    /// What a partial set lacks, as far as it was listed: <see cref="SetJob.MissingCount"/> counts all.
    /// </summary>
    public IReadOnlyList<MissingFile> Missing { get; init; } = Array.Empty<MissingFile>();

    /// <summary>What was less than well.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();

    /// <summary>
    /// How many warnings more there were: <c>warnings.txt</c> beside set.json has what the run kept of them.
    /// </summary>
    public long WarningsLeftOut { get; init; }

    /// <summary>
    /// Whether its manifests are those of a run that committed it, so that they describe what it holds.
    /// </summary>
    internal bool IsCommitted => State is SetCondition.Complete or SetCondition.Partial;

    /// <summary>The first run of its descent.</summary>
    internal Guid Descent => BlocksFrom == Guid.Empty ? RunId : BlocksFrom;
}

/// <summary>Something that a partial set lacks.</summary>
public sealed record MissingFile
{
    /// <summary>The source file or folder, or what should have been its copy.</summary>
    public required string File { get; init; }

    /// <summary>Why it could not be copied.</summary>
    public required string Problem { get; init; }
}

/// <summary>One folder of a set.</summary>
public sealed record SetJob
{
    /// <summary>The live folder it is a copy of.</summary>
    public required string Source { get; init; }

    /// <summary>Its name in the set.</summary>
    public required string Folder { get; init; }

    /// <summary>The files that were copied; none: all.</summary>
    public IReadOnlyList<string> Include { get; init; } = Array.Empty<string>();

    /// <summary>What was left out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = Array.Empty<string>();

    /// <summary>The id of the virtual machine it is a copy of; empty for a folder of the plan.</summary>
    public string MachineId { get; init; } = "";

    /// <summary>The name of that virtual machine.</summary>
    public string Machine { get; init; } = "";

    /// <summary>How that virtual machine was captured: online, savedstate, off or unknown.</summary>
    public string Capture { get; init; } = "";

    /// <summary>
    /// The run that wrote this folder, when it is older than the set: the copy of a virtual machine that could not be
    /// captured since. Empty: the set's own run.
    /// </summary>
    public Guid KeptFrom { get; init; }

    /// <summary>Files in it.</summary>
    public long Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Files and folders that could not be copied, of a partial set.</summary>
    public long MissingCount { get; init; }

    /// <summary>
    /// Folders below the source, '/' separated, where other volumes were mounted whose files are in the copy; at most
    /// <see cref="MostMountPoints"/>.
    /// </summary>
    public IReadOnlyList<string> MountPoints { get; init; } = Array.Empty<string>();

    /// <summary>The most mount points that are kept.</summary>
    internal const int MostMountPoints = 100;

    /// <summary>Length of the folder's manifest.</summary>
    public long ManifestBytes { get; init; }

    /// <summary>
    /// SHA-256 of the folder's manifest, hexadecimal: with it this file vouches for every block of the set.
    /// </summary>
    public string ManifestSha256 { get; init; } = "";

    /// <summary>Whether it is a copy of a virtual machine.</summary>
    internal bool IsOfMachine => MachineId.Length > 0;

    /// <summary>
    /// Whether both are copies of one virtual machine, whatever its name was or is; or neither is of any, and both are
    /// of one folder name.
    /// </summary>
    internal bool IsSameAs(SetJob other) =>
        IsOfMachine || other.IsOfMachine
            ? string.Equals(MachineId, other.MachineId, StringComparison.OrdinalIgnoreCase)
            : string.Equals(Folder, other.Folder, StringComparison.OrdinalIgnoreCase);

    /// <summary>The run whose manifest it has.</summary>
    internal Guid WrittenBy(SetState set) => KeptFrom == Guid.Empty ? set.RunId : KeptFrom;

    /// <summary>One line: where it comes from.</summary>
    public override string ToString() => Folder + " = " + Source;
}
