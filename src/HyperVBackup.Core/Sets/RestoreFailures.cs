using System;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>What goes wrong in a restore, and what that means: for one file, for the set, or for all of it.</summary>
internal sealed class RestoreFailures
{
    private readonly IFileSystem _files;
    private readonly RestoreRequest _request;
    private readonly string _destination;
    private readonly PlaceWatch _setPlace;
    private PlaceWatch? _place;

    public RestoreFailures(IFileSystem files, RestoreRequest request, string destination)
    {
        _files = files;
        _request = request;
        _destination = destination;
        _setPlace = new PlaceWatch(
            files,
            PathOf.Parent(request.Set.Path) ?? request.Set.Path,
            SetLayout.StateFileOf(request.Set.Path)
        );
    }

    /// <summary>The failures and warnings.</summary>
    public FailureLog Log { get; } = new();

    /// <summary>Whether the set was found damaged.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Watches the destination from here on, where it is known to be there.</summary>
    public void WatchDestination() => _place = new PlaceWatch(_files, _destination, null);

    /// <summary>Restores something, and notes what goes wrong with it.</summary>
    public void Guard(Action restore)
    {
        try
        {
            restore();
        }
        catch (BackupException e) when (!Ends(e.Failure))
        {
            Note(e.Failure);
        }
    }

    /// <summary>Notes a failure of one file.</summary>
    /// <exception cref="BackupException">It is more than that: the set or the destination is gone.</exception>
    public void Note(Failure failure)
    {
        var ofSet = IsOfSet(failure);
        if ((ofSet ? _setPlace : _place)?.WhyGone(failure, ofSet ? "restore from it" : "restore to it") is { } gone)
            throw new BackupException(gone);
        if (ofSet && Blame.IsOnTheSet(failure.Kind))
            IsDamaged = true;
        Log.Add(failure);
    }

    /// <summary>Whether it is about something in the set.</summary>
    public bool IsOfSet(Failure failure) => PathOf.TryRelative(_request.Set.Path, failure.Target, out _);

    /// <summary>
    /// Whether it ends the restore: nothing more can be restored to a volume that is full, read-only or cannot be
    /// flushed, and none from or to one that is gone.
    /// </summary>
    public bool Ends(Failure failure) =>
        failure.Kind == FailureKind.VolumeGone
        || (
            failure.Kind is FailureKind.DiskFull or FailureKind.ReadOnlyVolume
            && !IsOfSet(failure)
            && PathOf.TryRelative(_destination, failure.Target, out _)
        )
        || (failure.Kind == FailureKind.IoError && failure.Target == _destination);

    /// <summary>The failure of a file that the set does not hold as it should.</summary>
    public BackupException Damaged(FailureKind kind, string path, string why)
    {
        IsDamaged = true;
        return new BackupException(kind, path, "restore it", why);
    }

    /// <summary>
    /// At the end: what was read of a set that a run has begun to write is neither right nor damaged.
    /// </summary>
    public void BlameARunThatWroteMeanwhile()
    {
        if (!IsDamaged && Log.FailureCount == 0)
            return;
        try
        {
            SetCatalogue.RequireUntouched(_files, _request.Set, "restore it");
        }
        catch (BackupException e)
        {
            Log.Add(e.Failure);
            IsDamaged = false;
        }
    }
}
