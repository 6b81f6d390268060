using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Runs;

/// <summary>
/// The journal says what is to be deleted. An entry that somebody else could have written is not acted upon: on POSIX
/// systems that shows in the file itself, which only root and this user
/// may own and write; on Windows in its access list.
/// </summary>
internal static class JournalTrust
{
    private const string Operation = "act on this entry of the journal";

    /// <summary>Why an entry is not to be believed; null: nobody else can have written it.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The entry's file.</param>
    /// <param name="opened">What was opened, and read.</param>
    public static Failure? Problem(IFileSystem files, string path, FileEntry opened)
    {
        if ((PathOf.IsWindows ? files.WhoElseMayWrite(path) : PosixUser.WhoElseMayWrite(opened)) is not { } who)
            return null;
        return new Failure(
            FailureKind.InsecurePermissions,
            path,
            Operation,
            who + ", so anybody could have put it there"
        )
        {
            Advice =
                "Nothing was deleted for it. Make sure with Get-HvShadowSet that no shadow copy of ours is left, "
                + "delete the file, and let only administrators write to the state folder.",
        };
    }

    /// <summary>The entries of a journal's folder that are not acted upon, each with why.</summary>
    public static IReadOnlyList<Failure> Refused(IFileSystem files, string folder)
    {
        if (files.Find(folder) is not { Kind: EntryKind.Folder })
            return Array.Empty<Failure>();
        return files
            .List(folder)
            .Where(IsEntry)
            .Select(entry => Problem(files, PathOf.Join(folder, entry.Name), entry))
            .OfType<Failure>()
            .ToList();
    }

    /// <summary>Whether a file in the journal's folder is one of its entries.</summary>
    public static bool IsEntry(FileEntry entry) =>
        entry.Kind == EntryKind.File && entry.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
}
