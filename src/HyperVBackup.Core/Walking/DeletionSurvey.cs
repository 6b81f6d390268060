using System.Threading;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// What making a folder a mirror would delete from it, counted and not done, so that a question can say how much it is
/// about. Names decide; no content is read.
/// </summary>
public sealed class DeletionSurvey
{
    private readonly IFileSystem _files;
    private readonly FolderTree _copy;
    private readonly CopyRules _rules;
    private readonly string? _newest;
    private readonly CancellationToken _cancel;

    private DeletionSurvey(
        IFileSystem files,
        string destination,
        CopyRules rules,
        string? newest,
        CancellationToken cancel
    )
    {
        _files = files;
        _copy = new FolderTree(files, destination);
        _rules = rules;
        _newest = newest;
        _cancel = cancel;
    }

    /// <summary>Files and links that would go.</summary>
    public long Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>What the guard on deletions makes of it.</summary>
    internal DeletionTally Tally { get; } = new();

    /// <summary>Counts.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="source">The folder to read.</param>
    /// <param name="destination">The folder that would be made like it; if it is not there, nothing would go.</param>
    /// <param name="filter">Which files are copied.</param>
    /// <param name="inSet">Whether what the filter leaves out goes too, as in a set; otherwise it stays.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="newest">The same folder in the newest complete set: what that does not have either is not missed.
    /// Null: there is none.</param>
    /// <exception cref="Failures.BackupException">One of the folders cannot be read.</exception>
    public static DeletionSurvey Count(
        IFileSystem files,
        string source,
        string destination,
        GlobFilter filter,
        bool inSet,
        CancellationToken cancel,
        string? newest = null
    )
    {
        var taken = new WalkRules(filter);
        var survey = new DeletionSurvey(files, destination, new CopyRules(taken, inSet), newest, cancel);
        survey.Tally.IsFresh =
            files.Find(destination) is not { Kind: EntryKind.Folder } || files.List(destination).Count == 0;
        if (!survey.Tally.IsFresh)
            survey.Compare(new FolderTree(files, source), taken);
        return survey;
    }

    private void Compare(IFolderTree source, WalkRules taken) =>
        new March(source, taken.RoleOf, _cancel)
        {
            Copies = new[] { _copy },
            OnEntry = Meet,
            OnFolder = (step, walk) =>
            {
                Meet(step);
                walk();
            },
            OnExtra = (_, relative, extra) => Leave(relative, extra),
        }.Run();

    private void Meet(MarchStep step)
    {
        var there = step.There[0];
        if (step.Role == EntryRole.File)
        {
            if (there is { Kind: EntryKind.File })
                Tally.AddKept(there.Size);
            else
                Tally.AddNew(step.Entry.Size);
        }

        if (there != null && CopyRules.Meet(step.Entry.Kind, there.Kind) == Meeting.GivesWay)
            Leave(step.Relative, there);
    }

    private void Leave(string relative, FileEntry there)
    {
        switch (_rules.RoleOf(relative, there))
        {
            case EntryRole.Skipped:
                break;
            case EntryRole.Folder:
                new March(_copy, _rules.RoleOf, _cancel) { OnEntry = step => Add(step.Relative, step.Entry) }.Run(
                    relative
                );
                break;
            default:
                Add(relative, there);
                break;
        }
    }

    private void Add(string relative, FileEntry entry)
    {
        Files++;
        Bytes = Sizes.Add(Bytes, entry.Size);
        if (entry.Kind != EntryKind.File)
            return;
        if (_newest == null || _files.Find(PathOf.Join(_newest, relative)) is { Kind: EntryKind.File })
            Tally.AddGone(entry.Name, entry.Size);
    }
}
