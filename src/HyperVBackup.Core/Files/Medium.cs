namespace HyperVBackup.Files;

/// <summary>
/// What a file system offers that can read a file from its medium although the system still has it in memory.
/// </summary>
internal interface IMediumReader
{
    /// <summary>
    /// Opens a file so that what is read comes from the medium, as far as that lies with this machine: a server, or a
    /// program behind FUSE, may have memory of its own.
    /// </summary>
    IBlockFile OpenOnMedium(string path);
}

/// <summary>
/// Reading what is on the medium: who verifies wants to know of that, and not what the system's cache still holds of
/// what was written.
/// </summary>
internal static class Medium
{
    /// <summary>Opens a file for reading past the cache.</summary>
    public static IBlockFile OpenRead(IFileSystem files, string path) =>
        files is IMediumReader reader ? reader.OpenOnMedium(path) : files.OpenRead(path, true);
}
