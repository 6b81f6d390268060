using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// Names that a folder takes for one: in another case, another form of Unicode, with dots or blanks at the end, or as a
/// short name. Which those are is a matter of the file system, of how it was made, of a server behind it, and on some
/// of the single folder. So the folder itself is asked: a name that is not in its listing and leads to something all
/// the same leads to what is listed by another name.
/// </summary>
internal static class TargetNames
{
    /// <summary>
    /// What a path leads to although its name is not the one it is listed by; null when nothing is there, or something
    /// by this very name.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The path.</param>
    /// <param name="listed">What its folder was found to hold; null: that is found out.</param>
    /// <exception cref="BackupException">Something is there, and which of the names in the folder it has cannot be
    /// told; or the folder cannot be read.</exception>
    public static FileEntry? Holder(IFileSystem files, string path, IReadOnlyCollection<FileEntry>? listed = null)
    {
        if (files.Find(path) is not { } found)
            return null;
        var name = PathOf.Leaf(path);
        if (listed != null && Among(listed, name, found) is { } known)
            return known.Name == name ? null : known;
        // Put there since the folder was listed, perhaps by ourselves.
        if (Among(files.List(PathOf.Parent(path)!), name, found) is { } entry)
            return entry.Name == name ? null : entry;
        const string why = "the file system takes this name for that of something else there, and does not say which";
        throw new BackupException(
            new Failure(FailureKind.NotSupported, path, "write to it", why)
            {
                Advice = "Rename or exclude it, or choose a target whose file system tells the names apart.",
            }
        );
    }

    /// <summary>
    /// Makes sure that nothing is replaced which has another name. To be asked before something new gets its name.
    /// </summary>
    /// <exception cref="BackupException">The folder takes the name for one that is there already; both are
    /// named.</exception>
    public static void RequireFree(IFileSystem files, string path)
    {
        if (Holder(files, path) is { } holder)
            throw Taken(path, holder.Name);
    }

    /// <summary>The failure of a name that stands for another file's on this file system.</summary>
    public static BackupException Taken(string path, string holder) =>
        new(
            new Failure(
                FailureKind.NotSupported,
                path,
                "write to it",
                "this file system takes '"
                    + PathOf.Leaf(path)
                    + "' and '"
                    + holder
                    + "' for one name, and '"
                    + holder
                    + "' is there already"
            )
            {
                Advice =
                    "Rename one of the two, leave them out (patterns ignore case), "
                    + "or choose a place whose file system tells them apart.",
            }
        );

    /// <summary>
    /// Gives what stands in a folder another spelling of its name. By way of a third name: where the two are one,
    /// renaming the one to the other may do nothing, or replace the file by itself. Cut off in between, the file has a
    /// temporary name, and is written anew by the next run.
    /// </summary>
    public static void Respell(IFileSystem files, string folder, string from, string to)
    {
        var between = PathOf.Join(folder, TemporaryNames.Next());
        files.Rename(PathOf.Join(folder, from), between);
        files.Rename(between, PathOf.Join(folder, to));
    }

    /// <summary>
    /// What names have in common that most of these file systems take for one: a first guess, where they do not tell
    /// files apart by their ids.
    /// </summary>
    public static string Key(string name)
    {
        try
        {
            name = name.Normalize(System.Text.NormalizationForm.FormD);
        }
        catch (ArgumentException)
        {
            // No valid Unicode: then it has no forms.
        }

        return name.ToUpperInvariant().TrimEnd('.', ' ');
    }

    // Its own name; else the one entry with its id; else, where a path has an id of its own whatever it leads to (as
    // with many FUSE servers), the one whose name or whose metadata is the same.
    private static FileEntry? Among(IReadOnlyCollection<FileEntry> listed, string name, FileEntry found)
    {
        if (listed.FirstOrDefault(entry => entry.Name == name) is { } own)
            return own;
        var key = Key(name);
        var same = listed.Where(entry => entry.Kind == found.Kind).ToList();
        return Only(same.Where(entry => IsOne(entry, found)).ToList(), key)
            ?? Only(same.Where(entry => Key(entry.Name) == key).ToList(), key)
            ?? Only(same.Where(entry => IsAlike(entry, found)).ToList(), key);
    }

    private static bool IsOne(FileEntry entry, FileEntry found) => entry.FileId != 0 && entry.IsSameFileAs(found);

    private static bool IsAlike(FileEntry entry, FileEntry found) =>
        entry.Size == found.Size
        && entry.Modified == found.Modified
        && entry.Changed == found.Changed
        && entry.Created == found.Created;

    private static FileEntry? Only(List<FileEntry> entries, string key) =>
        entries.Count <= 1 ? entries.FirstOrDefault()
        : entries.Where(entry => Key(entry.Name) == key).ToList() is { Count: 1 } alike ? alike[0]
        : null;
}
