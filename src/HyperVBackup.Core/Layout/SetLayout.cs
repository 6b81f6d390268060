using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Manifests;

namespace HyperVBackup.Layout;

/// <summary>Where things lie on a target. The one place that knows.</summary>
public static class SetLayout
{
    /// <summary>What the folders of sets start with: <c>D:\Backup-SetA</c>.</summary>
    public const string Prefix = "Backup-";

    /// <summary>The folder inside a set that holds our own files.</summary>
    public const string StateFolder = ".hvbackup";

    /// <summary>The state of a set.</summary>
    public const string StateFile = "set.json";

    /// <summary>
    /// The virtual disks of a set that were not intact, where they are more than its state file holds.
    /// </summary>
    internal const string DisksFile = "disks.txt";

    /// <summary>The warnings of the run that wrote a set, where they are more than its state file holds.</summary>
    internal const string WarningsFile = "warnings.txt";

    private const string NewSuffix = ".new";

    /// <summary>The folder of a set on a target.</summary>
    public static string SetFolder(string target, string set) => PathOf.Join(target, Prefix + set);

    /// <summary>The folder of our own files in a set.</summary>
    public static string StateFolderOf(string setFolder) => PathOf.Join(setFolder, StateFolder);

    /// <summary>The state file of a set.</summary>
    public static string StateFileOf(string setFolder) => PathOf.Join(StateFolderOf(setFolder), StateFile);

    /// <summary>The manifest of one folder of a set.</summary>
    public static string ManifestOf(string setFolder, string folder) =>
        PathOf.Join(StateFolderOf(setFolder), folder + ManifestFormat.Extension);

    /// <summary>The manifest that is being written.</summary>
    internal static string NewManifestOf(string setFolder, string folder) => ManifestOf(setFolder, folder) + NewSuffix;

    /// <summary>Whether a file among our own is a manifest that was being written.</summary>
    internal static bool IsNewManifest(string name) =>
        name.EndsWith(ManifestFormat.Extension + NewSuffix, System.StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Makes sure that a folder of ours is a real folder: a link in its place would lead our writes, or deletions,
    /// somewhere else.
    /// </summary>
    /// <returns>Whether it is there.</returns>
    internal static bool RequireReal(IFileSystem files, string folder)
    {
        var entry = files.Find(folder);
        if (entry == null)
            return false;
        if (entry.Kind == EntryKind.Link)
            throw new BackupException(
                FailureKind.LinkRefused,
                folder,
                "use the folder",
                "it is a link, and links are not followed"
            );
        if (entry.Kind != EntryKind.Folder)
            throw new BackupException(
                new Failure(FailureKind.NotSupported, folder, "use the folder", "it is not a folder")
                {
                    Advice = "Find out what it is and move it away: a folder of a set belongs there.",
                }
            );
        return true;
    }

    /// <summary>
    /// The set's folder that a path is, or lies in, by whatever mount it is reached; null when there is none.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The path, resolved; it need not exist.</param>
    internal static string? SetAround(IFileSystem files, string path)
    {
        for (string? folder = path; folder != null; folder = PathOf.Parent(folder))
            if (IsSet(files, folder))
                return folder;
        return MountedPlaces
            .Current()
            .OtherPaths(path)
            .Select(other => SetAbove(files, other))
            .FirstOrDefault(set => set != null);
    }

    // By other mounts, of which some may be out of our reach.
    private static string? SetAbove(IFileSystem files, string path)
    {
        try
        {
            for (string? folder = path; folder != null; folder = PathOf.Parent(folder))
                if (IsSet(files, folder))
                    return folder;
        }
        catch (BackupException) { }

        return null;
    }

    /// <summary>Whether a folder is a set, in whatever state.</summary>
    internal static bool IsSet(IFileSystem files, string folder) =>
        files.Find(StateFileOf(folder)) is { Kind: EntryKind.File };

    /// <summary>Checks the folders of a set that lead to a job's files.</summary>
    internal static IEnumerable<string> FoldersTo(string target, string set, string folder)
    {
        var setFolder = SetFolder(target, set);
        yield return setFolder;
        yield return StateFolderOf(setFolder);
        yield return PathOf.Join(setFolder, folder);
    }
}
