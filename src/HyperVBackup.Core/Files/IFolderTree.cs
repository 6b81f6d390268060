using System.Collections.Generic;

namespace HyperVBackup.Files;

/// <summary>
/// A folder with all below it, to be walked and read: what a walk needs of a source, and nothing else, so that what is
/// no one folder on disk can be one. Paths are '/' separated, from the folder on; "" is the folder itself.
/// Failures are those of <see cref="IFileSystem"/>.
/// </summary>
internal interface IFolderTree
{
    /// <summary>The entry at a path; null when nothing is there.</summary>
    FileEntry? Find(string relative);

    /// <summary>The entries of a folder, in no particular order.</summary>
    IReadOnlyList<FileEntry> List(string relative);

    /// <summary>
    /// Where an entry really is: for the file system, which opens it or tells its volume by that path. What failures
    /// name.
    /// </summary>
    string RealPath(string relative);

    /// <summary>Whether names that differ only in case name the same file.</summary>
    bool IgnoresCase { get; }
}
