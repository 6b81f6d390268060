using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>
/// The folders of a restore, from the outermost to the one that is being filled. A folder that is made here is its
/// owner's alone until all in it is done:
/// a private folder must not be open to everybody for the hours in between. And of two names that the destination
/// takes for one, only the first is restored.
/// </summary>
internal sealed class RestoreFolders
{
    private readonly IFileSystem _files;
    private readonly string _destination;
    private readonly List<Level> _levels = new();
    private readonly HashSet<string> _real = new(PathOf.Comparer);

    /// <summary>None yet.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="destination">The folder that is restored to; it is there.</param>
    public RestoreFolders(IFileSystem files, string destination)
    {
        _files = files;
        _destination = destination;
    }

    /// <summary>Comes to a folder of the set; nothing is made yet.</summary>
    /// <param name="relative">Its path below the destination.</param>
    /// <param name="entry">What it was; null: not known.</param>
    /// <param name="isWanted">Whether it gets its times and permissions even when it is there already.</param>
    public void Enter(string relative, FileEntry? entry, bool isWanted)
    {
        var level = new Level(relative, entry, isWanted);
        if (_levels.Count > 0)
            level.IsSecond = !_levels[_levels.Count - 1].Keys.Add(KeyOf(relative));
        _levels.Add(level);
    }

    /// <summary>
    /// Leaves the folders that the next path does not lie in, and gives them their times and permissions: nothing
    /// more is written into them.
    /// </summary>
    /// <param name="next">The path below the destination; empty: leaves all.</param>
    /// <param name="then">Does something in its turn.</param>
    public void Leave(string next, Action<Action> then)
    {
        for (var i = _levels.Count - 1; i >= 0; i--)
        {
            var level = _levels[i];
            if (next.StartsWith(level.Relative + "/", StringComparison.Ordinal))
                return;
            _levels.RemoveAt(i);
            if (level.Entry is { } entry && level.IsThere && (level.IsWanted || level.IsMade))
                then(() => GiveMetadata(level, entry));
        }
    }

    /// <summary>Makes sure that a destination lies in no set: what is restored there would spoil it.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="set">The set that is restored.</param>
    /// <param name="destination">The folder, resolved; it need not be there.</param>
    /// <exception cref="BackupException">It lies in one.</exception>
    public static void RequireOutsideSets(IFileSystem files, SetInfo set, string destination)
    {
        if (SetLayout.SetAround(files, destination) is { } around)
            throw new BackupException(
                FailureKind.BadPlan,
                destination,
                "restore to it",
                "it lies inside the set" + (PathOf.Comparer.Equals(around, set.Path) ? "" : " " + around)
            );
    }

    /// <summary>Makes a folder that was entered, and those above it, where they are missing.</summary>
    /// <param name="relative">Its path below the destination.</param>
    /// <param name="settle">Publishes what is still under way, so that names can be looked up.</param>
    /// <exception cref="BackupException">
    /// Something else stands there, or the destination takes its name for another one's.
    /// </exception>
    public void Require(string relative, Action settle)
    {
        foreach (
            var level in _levels.TakeWhile(level =>
                level.Relative == relative || relative.StartsWith(level.Relative + "/", StringComparison.Ordinal)
            )
        )
        {
            var path = PathOf.Join(_destination, level.Relative);
            if (_real.Contains(path))
                continue;
            if (level.IsSecond)
                RequireOwnName(path, settle, "; nothing of the folder was restored");
            level.Before = Require(path);
            level.IsThere = true;
        }
    }

    /// <summary>
    /// Makes sure that a file or link does not get a name which the destination takes for one that was restored
    /// before.
    /// </summary>
    public void Claim(string relative, Action settle)
    {
        if (_levels[_levels.Count - 1].Keys.Add(KeyOf(relative)))
            return;
        RequireOwnName(PathOf.Join(_destination, relative), settle, "");
    }

    /// <summary>
    /// Makes one folder. Restoring writes through no link: it would end up outside of the folder that was named.
    /// </summary>
    /// <returns>What it was; null: it was missing.</returns>
    public FileEntry? Require(string path)
    {
        var there = _files.Find(path);
        if (there == null)
            _files.CreateFolder(path, !PathOf.IsWindows);
        else if (there.Kind == EntryKind.Link)
            throw new BackupException(
                FailureKind.LinkRefused,
                path,
                "restore into it",
                "it is a link, and links are not followed"
            );
        else if (there.Kind != EntryKind.Folder)
            throw Exists(path, there);
        else
            Trees.MakeWritable(_files, path, there);
        _real.Add(path);
        return there;
    }

    /// <summary>The failure of something that is there and may not be replaced.</summary>
    public static BackupException Exists(string path, FileEntry there) =>
        new(
            FailureKind.DestinationExists,
            path,
            "restore to it",
            there.Kind == EntryKind.File
                ? "a file is there already, with other content"
                : "what is there already is " + KindText.Of(there.Kind)
        );

    private void GiveMetadata(Level level, FileEntry entry)
    {
        var path = PathOf.Join(_destination, level.Relative);
        if (level.Before is { } before)
            Trees.Restore(_files, path, before, entry);
        else
            _files.SetMetadata(path, entry);
    }

    private void RequireOwnName(string path, Action settle, string andSo)
    {
        settle();
        if (TargetNames.Holder(_files, path) is not { } other)
            return;
        throw new BackupException(
            new Failure(
                FailureKind.NotSupported,
                path,
                "restore it",
                "the file system there takes '" + PathOf.Leaf(path) + "' and '" + other.Name + "' for one name" + andSo
            )
            {
                Advice =
                    "Restore to a file system that tells the two names apart, or this one alone to another folder, "
                    + "with --path (-Include).",
            }
        );
    }

    private static string KeyOf(string relative) => TargetNames.Key(relative.Substring(relative.LastIndexOf('/') + 1));

    private sealed class Level
    {
        public Level(string relative, FileEntry? entry, bool isWanted)
        {
            Relative = relative;
            Entry = entry;
            IsWanted = isWanted;
        }

        public string Relative { get; }

        public FileEntry? Entry { get; }

        public bool IsWanted { get; }

        /// <summary>What it was before; null: it did not exist.</summary>
        public FileEntry? Before { get; set; }

        /// <summary>Whether it did not exist before.</summary>
        public bool IsMade => IsThere && Before == null;

        public bool IsThere { get; set; }

        /// <summary>Whether another name of its folder may be the same one for the destination.</summary>
        public bool IsSecond { get; set; }

        /// <summary>The names in it that were come to.</summary>
        public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);
    }
}
