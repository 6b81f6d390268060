using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>What a walk of a source does with one of its entries.</summary>
internal enum EntryRole
{
    /// <summary>Nothing: the filter leaves it out, or it is our own scaffolding.</summary>
    Skipped,

    /// <summary>A folder to go into.</summary>
    Folder,

    /// <summary>A folder that the walk itself writes into: going in would copy the copies, ever deeper.</summary>
    OwnTarget,

    /// <summary>A file to take.</summary>
    File,

    /// <summary>A link to take as it is; what it leads to is no part of the source.</summary>
    Link,

    /// <summary>
    /// A volume mounted in a folder on Windows: taken as a link, and people are told that its content is not.
    /// </summary>
    MountedVolume,

    /// <summary>Neither a file, a folder nor a link, such as a socket: there is nothing to take.</summary>
    Other,
}

/// <summary>
/// Which entries of a source belong to its copies: the one answer for the mirror, for the clones of a shadow set, and
/// for whoever only counts or asks, so that none of them takes what another leaves out.
/// </summary>
internal sealed class WalkRules
{
    private readonly GlobFilter _filter;
    private readonly OwnTargets _own;

    /// <summary>The rules of one source.</summary>
    /// <param name="filter">Which of its files and folders are copied.</param>
    /// <param name="own">The folders that are written to; null: none that could lie in the source.</param>
    public WalkRules(GlobFilter filter, OwnTargets? own = null)
    {
        _filter = filter;
        _own = own ?? OwnTargets.None;
    }

    /// <summary>What to do with an entry.</summary>
    /// <param name="relative">Its path below the source, '/' separated.</param>
    /// <param name="entry">It.</param>
    public EntryRole RoleOf(string relative, FileEntry entry) =>
        !Takes(relative, entry)
            ? EntryRole.Skipped
            : entry.Kind switch
            {
                EntryKind.Folder => _own.Contains(entry) ? EntryRole.OwnTarget : EntryRole.Folder,
                EntryKind.File => EntryRole.File,
                EntryKind.Link => MountedFolders.Is(entry) ? EntryRole.MountedVolume : EntryRole.Link,
                _ => EntryRole.Other,
            };

    /// <summary>Whether an entry is the source's own, and the filter takes it.</summary>
    public bool Takes(string relative, FileEntry entry) =>
        !TemporaryNames.IsScaffolding(entry.Name) && InFilter(relative, entry);

    /// <summary>Whether the filter takes an entry, whosever it is.</summary>
    public bool InFilter(string relative, FileEntry entry) =>
        entry.Kind == EntryKind.Folder ? _filter.TakesFolder(relative) : _filter.TakesFile(relative);

    /// <summary>
    /// Whether a walk comes into the folder at this path below the source: it takes it and all those above it.
    /// </summary>
    public bool Reaches(string relative)
    {
        foreach (var name in relative.Split('/'))
            if (TemporaryNames.IsScaffolding(name))
                return false;
        return _filter.Reaches(relative);
    }
}
