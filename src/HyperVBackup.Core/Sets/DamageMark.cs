using System;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>
/// A file in a set that says that a verification found damage in it. While it is there the set is not the one to be
/// kept: the next run writes it first, and believes nothing of what it holds.
/// </summary>
internal static class DamageMark
{
    private const string Name = "damage.txt";

    /// <summary>Whether a set is marked.</summary>
    public static bool IsOn(IFileSystem files, string setFolder) =>
        files.Find(FileOf(setFolder)) is { Kind: EntryKind.File };

    /// <summary>Marks a set or takes its mark away, as a verification found it.</summary>
    /// <returns>Why that could not be written down; null when it was, or nothing is to be.</returns>
    public static Failure? Set(IFileSystem files, string setFolder, VerifyReport report)
    {
        try
        {
            // What is there and should not be spoils nothing.
            var damages = report.Damages.Where(damage => !damage.IsExtra).ToList();
            if (damages.Count > 0)
                SmallFiles.Replace(
                    files,
                    FileOf(setFolder),
                    Encoding.UTF8.GetBytes(
                        "A verification found damage:\n"
                            + string.Join("", damages.Select(damage => damage.Failure.Message + "\n"))
                    )
                );
            else if (report.ContentRead && report.IsGood)
                Remove(files, setFolder);
            return null;
        }
        catch (BackupException e)
        {
            return e.Failure;
        }
    }

    /// <summary>Takes the mark away, for what is in the set is about to be written anew.</summary>
    /// <exception cref="BackupException">It cannot be deleted.</exception>
    public static void Remove(IFileSystem files, string setFolder)
    {
        if (!IsOn(files, setFolder))
            return;
        files.DeleteFile(FileOf(setFolder));
        files.FlushFolder(SetLayout.StateFolderOf(setFolder));
    }

    private static string FileOf(string setFolder) => PathOf.Join(SetLayout.StateFolderOf(setFolder), Name);
}
