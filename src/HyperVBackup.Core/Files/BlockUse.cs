namespace HyperVBackup.Files;

/// <summary>Who uses the blocks of a file.</summary>
/// <param name="Own">Bytes that are its alone: deleting it frees them.</param>
/// <param name="Shared">Bytes that other files use as well.</param>
public readonly record struct BlockUse(long Own, long Shared);

/// <summary>File systems that can tell <see cref="BlockUse"/>.</summary>
internal interface IBlockAccounting
{
    /// <summary>Who uses the blocks of a file; null where that cannot be told.</summary>
    BlockUse? UseOf(string path);
}
