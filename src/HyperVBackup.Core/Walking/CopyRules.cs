using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>What becomes of an entry of a copy that has the name of one of the source.</summary>
internal enum Meeting
{
    /// <summary>It is of the same kind, and is brought up to date.</summary>
    Stays,

    /// <summary>A file takes its name by a rename, which is safe at any instant: it is a link.</summary>
    Replaced,

    /// <summary>It has to make room first, with all it holds.</summary>
    GivesWay,

    /// <summary>The source has nothing that could be copied, so it is left alone.</summary>
    Untouched,
}

/// <summary>
/// What becomes of what a copy holds: the one answer for the mirror, which does it, and for the survey, which counts it
/// for a question.
/// </summary>
internal sealed class CopyRules
{
    private readonly WalkRules _rules;
    private readonly bool _inSet;

    /// <summary>The rules of the copies of one source.</summary>
    /// <param name="rules">The source's.</param>
    /// <param name="inSet">Whether a set holds the copies: then what the filter leaves out goes too; otherwise it
    /// stays, as with ROBOCOPY.</param>
    public CopyRules(WalkRules rules, bool inSet)
    {
        _rules = rules;
        _inSet = inSet;
    }

    /// <summary>What becomes of an entry of a copy that has the name of one of the source.</summary>
    public static Meeting Meet(EntryKind source, EntryKind there) =>
        source == EntryKind.Other ? Meeting.Untouched
        : source == there ? Meeting.Stays
        : source == EntryKind.File && there == EntryKind.Link ? Meeting.Replaced
        : Meeting.GivesWay;

    /// <summary>
    /// What a walk of a copy that goes does with an entry of it: takes what would be missed, and skips the rest.
    /// </summary>
    /// <param name="relative">Its path below the copy.</param>
    /// <param name="extra">It.</param>
    public EntryRole RoleOf(string relative, FileEntry extra) =>
        !IsMissed(relative, extra)
            ? EntryRole.Skipped
            : extra.Kind switch
            {
                EntryKind.Folder => EntryRole.Folder,
                EntryKind.File => EntryRole.File,
                EntryKind.Link => EntryRole.Link,
                _ => EntryRole.Other,
            };

    /// <summary>Whether an entry goes that the source does not have.</summary>
    /// <param name="relative">Its path below the copy.</param>
    /// <param name="extra">It.</param>
    public bool Goes(string relative, FileEntry extra) => GoesWhole(extra) || _rules.InFilter(relative, extra);

    /// <summary>
    /// Whether all that a folder holds goes with it, whatever the filter says of it: always in a set, and where it is
    /// a leftover of ours.
    /// </summary>
    public bool GoesWhole(FileEntry extra) => _inSet || TemporaryNames.IsOurs(extra.Name);

    /// <summary>
    /// Whether somebody may miss an entry that goes, or something in it. Nobody misses our own leftovers; but a folder
    /// of such a name was set aside by a run that was cut off, and holds what was the copy's.
    /// </summary>
    /// <param name="relative">Its path below the copy.</param>
    /// <param name="extra">It.</param>
    public bool IsMissed(string relative, FileEntry extra)
    {
        if (TemporaryNames.IsShadow(extra.Name))
            return false;
        return TemporaryNames.IsOurs(extra.Name) ? extra.Kind == EntryKind.Folder : Goes(relative, extra);
    }
}
