using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// All that the engine needs from a file system, and nothing else: so that faults can be injected and every write
/// recorded.
/// No member but <see cref="Resolve"/> follows a link, whatever part of a path it is: what a person names is resolved
/// once, and a link that somebody puts in the place of a folder afterwards is a
/// <see cref="Failures.FailureKind.LinkRefused"/>. Every failure is a <see cref="Failures.BackupException"/> that names
/// the path and the operation.
/// Paths are absolute. Names may hold whatever the system allows, including what is not valid Unicode (see
/// <see cref="NameCodec"/>).
/// </summary>
public interface IFileSystem
{
    /// <summary>The entry at a path; null when nothing is there.</summary>
    FileEntry? Find(string path);

    /// <summary>
    /// The path with every link on its way followed, the last component's included; as much of it as exists. For what a
    /// person names: sources, targets.
    /// </summary>
    string Resolve(string path);

    /// <summary>The entries of a folder, in no particular order. Entries that vanish meanwhile are left out.</summary>
    IReadOnlyList<FileEntry> List(string folder);

    /// <summary>Opens a file for reading; others may read, write and delete it meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="direct">A wish to bypass the cache: for files much larger than it.</param>
    IBlockFile OpenRead(string path, bool direct);

    /// <summary>Opens an existing file for reading and writing in place.</summary>
    IBlockFile OpenUpdate(string path, bool direct);

    /// <summary>
    /// Creates a file that does not exist yet, readable by its owner only until <see cref="SetMetadata"/> says
    /// otherwise.
    /// </summary>
    IBlockFile Create(string path, bool direct);

    /// <summary>Creates one folder; its parent exists.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="isPrivate">Only for administrators (Windows: Administrators and SYSTEM; elsewhere mode 0700);
    /// otherwise what the parent passes on.</param>
    void CreateFolder(string path, bool isPrivate);

    /// <summary>Creates a link like the given entry. Its target is not touched and need not exist.</summary>
    void CreateLink(string path, FileEntry like);

    /// <summary>
    /// Gives a file another name on the same volume, atomically replacing a file (even a read-only one) or link that
    /// has it.
    /// </summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file or a link, even a read-only one; never what a link points to.</summary>
    void DeleteFile(string path);

    /// <summary>Deletes an empty folder, even a read-only one.</summary>
    void DeleteFolder(string path);

    /// <summary>
    /// Gives a file, folder or link the times and attributes of the entry, and its owner where this process may.
    /// Attributes that the copy must not have (sparse, compressed, encrypted) are left out. An access list that a new
    /// file has from the folder around it (POSIX) goes; a file that is given its own entry, changed, keeps its list.
    /// </summary>
    void SetMetadata(string path, FileEntry like);

    /// <summary>
    /// Makes the names in a folder durable (POSIX: fsync of the folder; Windows: NTFS journals them, a no-op).
    /// </summary>
    void FlushFolder(string folder);

    /// <summary>
    /// Returns when everything written so far on the volume of <paramref name="path"/> is on the medium. False: not
    /// possible here; flush file by file.
    /// </summary>
    bool TryFlushVolume(string path);

    /// <summary>The volume a path lies on.</summary>
    VolumeInfo GetVolume(string path);

    /// <summary>
    /// Makes <paramref name="destination"/>, which does not exist, share all blocks of <paramref name="source"/> on the
    /// same volume. False: the file system cannot.
    /// </summary>
    bool TryClone(string source, string destination);

    /// <summary>
    /// Who may change a file or folder besides administrators and the account this process runs as, in words that end
    /// "may write to it" or tell whose it is;
    /// null: nobody. POSIX: its owner, the write bits of its group and of others (with access lists, the group's bit
    /// covers what they grant: acl(5)).
    /// Windows: its owner and what its access list grants.
    /// </summary>
    string? WhoElseMayWrite(string path);

    /// <summary>Whether names that differ only in case name the same file.</summary>
    bool IgnoresCase { get; }
}
