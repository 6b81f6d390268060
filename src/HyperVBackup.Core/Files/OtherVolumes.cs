using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// Something that is mounted inside a folder of ours: a disk that somebody wanted to look at, or another folder bound
/// there. It is no part of what we write, and nothing in it is changed or deleted.
/// </summary>
internal static class OtherVolumes
{
    /// <summary>
    /// Whether an entry of a folder on the given volume is the root of something that is mounted there.
    /// </summary>
    public static bool Holds(FileEntry entry, ulong volume) =>
        entry.IsMountRoot || (entry.Kind == EntryKind.Folder && entry.Volume != volume);

    /// <summary>Refuses to touch such an entry.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="entry">What is there.</param>
    /// <param name="volume">The volume of the folder it lies in.</param>
    /// <param name="operation">What is not done to it.</param>
    /// <exception cref="BackupException">Another volume is mounted there.</exception>
    public static void Refuse(string path, FileEntry entry, ulong volume, string operation)
    {
        if (!Holds(entry, volume))
            return;
        throw new BackupException(
            new Failure(FailureKind.LinkRefused, path, operation, "another volume is mounted there")
            {
                Advice = "Unmount it and mount it somewhere else; nothing on it was touched.",
            }
        );
    }

    /// <summary>The same for what stands at a path, if something does.</summary>
    public static void Refuse(IFileSystem files, string path, string operation)
    {
        if (
            files.Find(path) is not { } entry
            || PathOf.Parent(path) is not { } parent
            || files.Find(parent) is not { } folder
        )
            return;
        Refuse(path, entry, folder.Volume, operation);
    }
}
