using HyperVBackup.Failures;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>One thing in a virtual disk's file that its specification does not allow.</summary>
/// <param name="What">What is wrong, without a final full stop.</param>
/// <param name="Offset">The first byte it concerns.</param>
/// <param name="Length">How many bytes it concerns.</param>
/// <param name="Section">Where the specification says how it should be.</param>
internal sealed record DiskDamage(string What, long Offset, long Length, string Section)
{
    /// <summary>
    /// True when a second, intact copy of the structure is in the file, so that the disk still opens: repair it soon,
    /// no data is lost.
    /// </summary>
    public bool HasIntactCopy { get; init; }

    /// <summary>As a failure of the file at this path.</summary>
    public Failure ToFailure(string path) =>
        new(
            FailureKind.DiskDamaged,
            path,
            "trust the virtual disk",
            Invariant($"{What} (bytes {Offset} to {Offset + Length - 1}; {Section})")
        );
}
