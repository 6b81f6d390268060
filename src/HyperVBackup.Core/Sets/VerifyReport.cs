using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>What a verification found.</summary>
public sealed record VerifyReport
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The set.</summary>
    public required string Set { get; init; }

    /// <summary>The set's folder.</summary>
    public required string Path { get; init; }

    /// <summary>The run that wrote it.</summary>
    public Guid RunId { get; init; }

    /// <summary>When the set was committed, UTC.</summary>
    public DateTime? Completed { get; init; }

    /// <summary>Whether content was read, and not only names, sizes, times and the structure of disks.</summary>
    public bool ContentRead { get; init; }

    /// <summary>Files looked at.</summary>
    public long Files { get; init; }

    /// <summary>Bytes of content compared with their hashes.</summary>
    public long BytesRead { get; init; }

    /// <summary>Everything that is wrong, at most ten thousand.</summary>
    public IReadOnlyList<Damage> Damages { get; init; } = Array.Empty<Damage>();

    /// <summary>How much is wrong.</summary>
    public long DamageCount { get; init; }

    /// <summary>
    /// What could not be looked at, for reasons that say nothing of the set, such as access that was refused; at most
    /// ten thousand.
    /// </summary>
    public IReadOnlyList<Failure> Unverified { get; init; } = Array.Empty<Failure>();

    /// <summary>How much could not be looked at.</summary>
    public long UnverifiedCount { get; init; }

    /// <summary>What is worth knowing and no damage.</summary>
    public IReadOnlyList<string> Notes { get; init; } = Array.Empty<string>();

    /// <summary>
    /// What should be known of the set and of how it was chosen: sets that were passed over, what a partial one lacks.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Where the time went.</summary>
    public EngineTimes? Profile { get; init; }

    /// <summary>Whether the set is as it was committed, and all of it was looked at.</summary>
    public bool IsGood => DamageCount == 0 && UnverifiedCount == 0;

    /// <summary>
    /// The process exit code for it: 5 when there is damage, else 1 when something could not be looked at, else 3 when
    /// there are warnings, else 0.
    /// </summary>
    public int ExitCode =>
        DamageCount > 0 ? ExitCodes.Damage
        : UnverifiedCount > 0 ? ExitCodes.Failed
        : Warnings.Count > 0 ? ExitCodes.Warnings
        : ExitCodes.Complete;

    /// <summary>Whether the volume of the set went away meanwhile.</summary>
    internal bool VolumeIsGone { get; init; }
}

/// <summary>One thing wrong in a set.</summary>
public sealed record Damage
{
    /// <summary>The file, below the set's folder.</summary>
    public required string File { get; init; }

    /// <summary>The first byte that is wrong; 0 when it is about the whole file.</summary>
    public long Offset { get; init; }

    /// <summary>How many bytes are wrong, in whole blocks; 0 when it is about the whole file.</summary>
    public long Length { get; init; }

    /// <summary>What is wrong.</summary>
    public required Failure Failure { get; init; }

    /// <summary>
    /// Whether it is something that is there and should not be: everything that the set was committed with may be right
    /// all the same.
    /// </summary>
    internal bool IsExtra => Failure.Kind == FailureKind.FileExtra;

    /// <summary>One line: what is wrong.</summary>
    public override string ToString() => Failure.Message;
}
