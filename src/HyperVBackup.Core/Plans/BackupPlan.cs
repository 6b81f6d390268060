using System;
using System.Collections.Generic;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Plans;

/// <summary>
/// What to copy where. Plain data; <see cref="PlanValidator"/> says whether it makes sense on this host.
/// </summary>
public sealed record BackupPlan
{
    /// <summary>The sets a plan has unless it names others.</summary>
    public static IReadOnlyList<string> DefaultSets { get; } = new[] { "SetA", "SetB" };

    /// <summary>The name of a plan that has none, and came from no file whose name it could have.</summary>
    public const string DefaultName = "backup";

    /// <summary>The longest name of a plan, in characters.</summary>
    public const int LongestName = 128;

    /// <summary>The logs that are kept unless a plan says otherwise.</summary>
    public const int DefaultKeepLogs = 30;

    /// <summary>
    /// The share of a job's files or bytes that may go from a copy at once unless a plan says otherwise: more than half
    /// is rarely meant.
    /// </summary>
    public const int DefaultMaxDeletePercent = 50;

    /// <summary>The plan's name: it owns the sets on its targets.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>
    /// Whether nobody gave it that name: it is that of its file. Others may have the same, so its sets must hold its
    /// own folders, too.
    /// </summary>
    internal bool IsUnnamed { get; init; }

    /// <summary>The sets that take turns, at least two. Not used where <see cref="Keep"/> is given.</summary>
    public IReadOnlyList<string> Sets { get; init; } = DefaultSets;

    /// <summary>
    /// Which sets are kept, where each run writes a new one that is named by its time; null: <see cref="Sets"/> take
    /// turns.
    /// </summary>
    public KeepRule? Keep { get; init; }

    /// <summary>The folders to copy.</summary>
    public IReadOnlyList<BackupJob> Jobs { get; init; } = Array.Empty<BackupJob>();

    /// <summary>
    /// Names (with wildcards) or ids of virtual machines whose files are copied, as the Hyper-V writer lists them.
    /// </summary>
    public IReadOnlyList<string> VirtualMachines { get; init; } = Array.Empty<string>();

    /// <summary>The targets of the virtual machines.</summary>
    public IReadOnlyList<string> VirtualMachineTargets { get; init; } = Array.Empty<string>();

    /// <summary>Whether to refuse virtual machines that would be paused, instead of warning of it.</summary>
    public bool OnlineOnly { get; init; }

    /// <summary>Whether each virtual machine gets a shadow set of its own.</summary>
    public SeparateSets SeparateSets { get; init; }

    /// <summary>How shadow sets are made.</summary>
    public ShadowOptions Shadow { get; init; } = new();

    /// <summary>Whether the new set is read back and checked before it counts.</summary>
    public bool Verify { get; init; }

    /// <summary>The most bytes read per second; 0: as fast as the disks can.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>Whether sets of another plan or host on the targets may be taken over.</summary>
    public bool TakeOver { get; init; }

    /// <summary>
    /// Whether new sets can be opened by administrators only (Windows: Administrators and SYSTEM; elsewhere mode 0700).
    /// If not, the copies in them have the
    /// permissions that the target passes on (elsewhere: those of their sources); the files in <c>.hvbackup</c> stay
    /// private. Sets that are there stay as they are.
    /// </summary>
    public bool PrivateSets { get; init; } = true;

    /// <summary>
    /// Whether a set is begun as a clone of the newest complete one where the target's file system can clone blocks, so
    /// that it costs what changed since. Then a block
    /// that rots is lost to all sets that share it. If not, every set is a full copy of its own.
    /// </summary>
    public bool ShareBlocks { get; init; } = true;

    /// <summary>
    /// The most of a job's files, or of its bytes, that one run may delete from a copy because the source does not have
    /// them any more, in percent of what the copy holds; a run
    /// that would delete more fails before it deletes anything. 100: as much as it likes. Fewer than five files and
    /// less than 16 MiB are never too much; what only got another
    /// name, and what the newest complete set does not have either, does not count.
    /// </summary>
    public int MaxDeletePercent { get; init; } = DefaultMaxDeletePercent;

    /// <summary>
    /// Whether the system's log is told how a run ended: on Windows the event log Application, elsewhere syslog.
    /// </summary>
    public bool EventLog { get; init; } = true;

    /// <summary>How many logs of runs this host keeps, at least one.</summary>
    public int KeepLogs { get; init; } = DefaultKeepLogs;

    /// <summary>Called when a run has ended with a new complete set, warnings or not; null: nothing.</summary>
    public PlanCommand? OnSuccess { get; init; }

    /// <summary>Called when a run has ended without a new complete set; null: nothing.</summary>
    public PlanCommand? OnFailure { get; init; }

    /// <summary>Whether a set of that name may be one of the plan's.</summary>
    internal bool Mine(string set) =>
        Keep != null
            ? SetNames.IsOfTime(set)
            : System.Linq.Enumerable.Contains(Sets, set, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The file it was read from; null when it was not. With commands in it, only administrators may be able to write
    /// there.
    /// </summary>
    public string? File { get; init; }
}

/// <summary>
/// When each virtual machine gets a shadow set of its own: there is no partial success in VSS, one machine that cannot
/// be captured fails them all.
/// </summary>
public enum SeparateSets
{
    /// <summary>When a set of all has failed for good because of a machine.</summary>
    WhenNeeded = 0,

    /// <summary>Always.</summary>
    Always = 1,

    /// <summary>Never: the run fails.</summary>
    Never = 2,
}

/// <summary>One source folder of a plan.</summary>
public sealed record BackupJob
{
    /// <summary>The folder to copy.</summary>
    public required string Source { get; init; }

    /// <summary>Its name in the sets; null: the last component of the source.</summary>
    public string? Folder { get; init; }

    /// <summary>The files to copy, as ROBOCOPY names them; none: all.</summary>
    public IReadOnlyList<string> Include { get; init; } = Array.Empty<string>();

    /// <summary>The files and folders to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = Array.Empty<string>();

    /// <summary>The disks (or any folders) that get a copy.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>The job's folder in each set.</summary>
    public string FolderName => Folder ?? Walking.FolderNames.OfSource(Source);

    /// <summary>Which files are copied.</summary>
    public GlobFilter Filter => new(Include, Exclude);
}
