namespace HyperVBackup.Failures;

/// <summary>
/// What a failure to read a set says. The one place that decides: a set that is called damaged is written over first,
/// so it must not be called so
/// because this process may not open a file, has no handle left, or a server was slow.
/// </summary>
internal static class Blame
{
    /// <summary>
    /// Whether it says that the set is not as it was committed: the medium cannot read it, something is missing, is
    /// another kind of thing or size,
    /// or does not have its hash. False: nothing is known of the set; it could not be looked at.
    /// </summary>
    public static bool IsOnTheSet(FailureKind kind) =>
        kind
            is FailureKind.IoError
                or FailureKind.FileMissing
                or FailureKind.FileVanished
                or FailureKind.FileDiffers
                or FailureKind.FileExtra
                or FailureKind.SourceChanged
                or FailureKind.LinkRefused
                or FailureKind.StateDamaged
                or FailureKind.BlockDamaged
                or FailureKind.DiskDamaged;
}
