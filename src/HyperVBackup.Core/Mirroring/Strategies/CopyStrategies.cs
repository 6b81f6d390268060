namespace HyperVBackup.Mirroring.Strategies;

/// <summary>Chooses how a large file gets to what its source is.</summary>
internal static class CopyStrategies
{
    /// <summary>
    /// The first that can be had, cheapest in space and writes first:
    /// <list type="number">
    /// <item><see cref="CloneOfNewest"/>: the newest complete set has the file, its blocks can be shared, and its
    /// manifest is believed;</item>
    /// <item><see cref="DoubtedCloneOfNewest"/>: the same without a manifest to believe;</item>
    /// <item><see cref="UpdateByManifest"/>: a file with one name stands there, untouched since a manifest described
    /// it;</item>
    /// <item><see cref="UpdateByReading"/>: a file with one name stands there, and nothing vouches for it;</item>
    /// <item><see cref="CloneOfSource"/>: nothing to go by stands there, and source and target share a file system that
    /// clones;</item>
    /// <item><see cref="NewFile"/>: everything else.</item>
    /// </list>
    /// </summary>
    /// <exception cref="Failures.BackupException">The target cannot be looked at or written.</exception>
    public static ICopyStrategy Choose(TargetFile file)
    {
        if (file.TryCloneNewest())
            return file.BlocksOfNewest() is { } newest
                ? new CloneOfNewest(file, newest)
                : new DoubtedCloneOfNewest(file, new CloneDoubt(file), file.OldSize);
        if (file.TryTakeCopy())
            return file.BlocksOfCopy() is { } known ? new UpdateByManifest(file, known) : new UpdateByReading(file);
        return file.TryCloneSource() ? new CloneOfSource(file) : new NewFile(file);
    }
}
