using HyperVBackup.Failures;

namespace HyperVBackup.Disks;

/// <summary>What may be wrong between a differencing disk and its parent.</summary>
internal enum ChainProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>No disk of the set has the parent's name or identity.</summary>
    ParentMissing,

    /// <summary>
    /// A disk with the parent's name is there, but it was written to, or made anew, since the child was made.
    /// </summary>
    ParentChanged,

    /// <summary>The parent's sectors have another size ([MS-VHDX] 2.6.2.4).</summary>
    ParentSectorsDiffer,

    /// <summary>The disk is its own ancestor.</summary>
    Cycle,

    /// <summary>The disk is differencing, but what it says of its parent is not readable.</summary>
    ParentUnknown,

    /// <summary>The parent is there, but the chain above it is broken.</summary>
    AncestorBroken,
}

/// <summary>One disk of a set and its place in a chain of parents.</summary>
/// <param name="Path">Its path in the set, '/' separated.</param>
/// <param name="Report">What its check found.</param>
internal sealed record ChainLink(string Path, DiskReport Report)
{
    /// <summary>The parent's path in the set; null when it has none, or it was not found.</summary>
    public string? ParentPath { get; init; }

    /// <summary>How many ancestors are in the set: 0 for a disk without a parent.</summary>
    public int Depth { get; init; }

    /// <summary>What is wrong with it.</summary>
    public ChainProblem Problem { get; init; }

    /// <summary>
    /// The same in words, with the expected name and identity, without a final full stop; null when nothing is wrong.
    /// </summary>
    public string? Cause { get; init; }

    /// <summary>Whether the disk can be attached with what is in the set.</summary>
    public bool IsComplete => Problem == ChainProblem.None;

    /// <summary>As a failure of this disk; null when nothing is wrong.</summary>
    public Failure? ToFailure() =>
        Cause is null ? null : new Failure(FailureKind.DiskDamaged, Path, "resolve its chain of parents", Cause);
}
