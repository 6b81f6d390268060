using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Progress;
using HyperVBackup.Sets.Registering;

namespace HyperVBackup.Sets;

/// <summary>What to bring back, and where.</summary>
public sealed record RestoreRequest
{
    /// <summary>The set.</summary>
    public required SetInfo Set { get; init; }

    /// <summary>The folder to restore to: each folder of the set becomes a folder in it.</summary>
    public required string Destination { get; init; }

    /// <summary>
    /// Which files and folders: names, or paths that start with a folder of the set; wildcards. A folder means all
    /// that it holds. None: everything.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = Array.Empty<string>();

    /// <summary>
    /// Which virtual machines: names, with <c>*</c> and <c>?</c>, or ids, as the set was told them; only their folders
    /// are restored. None: every folder.
    /// With <see cref="Paths"/> as well: these files of them.
    /// </summary>
    public IReadOnlyList<string> Machines { get; init; } = Array.Empty<string>();

    /// <summary>Whether files that are there and differ are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Whether what is left of damaged files is brought back as well, under names that end with ".salvaged".
    /// </summary>
    public bool Salvage { get; init; }
}

/// <summary>What a restore did. Plain data.</summary>
public sealed record RestoreReport
{
    /// <summary>The target the set lies on.</summary>
    public required string Target { get; init; }

    /// <summary>The set.</summary>
    public required string Set { get; init; }

    /// <summary>The run that wrote it.</summary>
    public Guid RunId { get; init; }

    /// <summary>When the set was committed, UTC.</summary>
    public DateTime? Completed { get; init; }

    /// <summary>The virtual machines that were chosen; empty when none were asked for.</summary>
    public IReadOnlyList<string> Machines { get; init; } = Array.Empty<string>();

    /// <summary>Where it was restored to.</summary>
    public required string Destination { get; init; }

    /// <summary>Files restored.</summary>
    public long FilesRestored { get; init; }

    /// <summary>Files that were there already, with the right content.</summary>
    public long FilesPresent { get; init; }

    /// <summary>Bytes of the files restored.</summary>
    public long Bytes { get; init; }

    /// <summary>What went wrong; these files were not restored, the others were.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = Array.Empty<Failure>();

    /// <summary>How many failures there were.</summary>
    public long FailureCount { get; init; }

    /// <summary>
    /// What should be known: sets that were passed over, what a partial one lacks, which virtual machines are older
    /// copies than the set.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();

    /// <summary>What became of registering the virtual machines; empty when that was not asked for.</summary>
    public IReadOnlyList<MachineRegistration> Registrations { get; init; } = Array.Empty<MachineRegistration>();

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Where the time went.</summary>
    public EngineTimes? Profile { get; init; }

    /// <summary>The process exit code for it: 0; 3 with warnings; 5 when the set is damaged; else 1.</summary>
    public int ExitCode { get; init; }
}
