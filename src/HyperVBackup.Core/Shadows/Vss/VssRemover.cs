using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Works on shadow copies that exist: each operation on an instance of its own, as VSS demands. What is taken down is
/// taken down by every means there is before it is given up.
/// </summary>
internal sealed class VssRemover
{
    private const int Tries = 2;
    private readonly VssServices _services;
    private readonly VssThread _thread;

    public VssRemover(VssServices services, VssThread thread)
    {
        _services = services;
        _thread = thread;
    }

    /// <summary>Does something on an instance that may query, delete and expose all shadow copies.</summary>
    public T OnInstance<T>(Func<IVssApi, VssCalls, T> use)
    {
        var calls = new VssCalls(_services.Clock, _thread, Timeout.InfiniteTimeSpan, CancellationToken.None);
        IVssApi? api = null;
        try
        {
            api = calls.Unchecked(VssAttempt.CreateCall, "VSS", () => _services.Factory.Create(calls));
            calls.Unchecked(nameof(IVssApi.InitializeForBackup), "VSS", () => api.InitializeForBackup(null));
            calls.Unchecked(nameof(IVssApi.SetContext), "VSS", () => api.SetContext(SnapshotContext.All));
            return use(api, calls);
        }
        finally
        {
            VssAttempt.DisposeQuietly(api);
        }
    }

    /// <summary>
    /// Takes down everything that a journal entry names, and forgets the entry when nothing is left of it. Returns what
    /// is left.
    /// </summary>
    public IReadOnlyList<Failure> Remove(JournalEntry entry)
    {
        var left = new List<Failure>();
        foreach (var exposure in entry.Exposures)
            Try(
                left,
                exposure.Path,
                "unexpose the shadow copy",
                () => Unexpose(exposure.SnapshotId, exposure.Path, exposure.CreatedFolder)
            );
        if (left.Count == 0 && (entry.SetId != null || entry.Snapshots.Count > 0))
            Try(left, "shadow set " + (entry.SetId ?? entry.Id), "delete it", () => DeleteSet(entry));
        if (left.Count == 0)
            Try(left, "shadow set " + entry.Id, "forget it in the journal", () => _services.Journal.Forget(entry.Id));
        return left;
    }

    /// <summary>Deletes a shadow copy. One that is not there is a failure.</summary>
    public void Delete(Guid snapshotId) =>
        Insist(() =>
            OnInstance(
                (api, calls) =>
                {
                    calls.Unchecked(
                        nameof(IVssApi.DeleteSnapshot),
                        snapshotId.ToString(),
                        () => api.DeleteSnapshot(snapshotId, force: true)
                    );
                    return true;
                }
            )
        );

    /// <summary>
    /// Takes an exposure away, and its folder if that is ours. One that is not there is no failure. Only in a folder of
    /// ours a mount is taken off by its path:
    /// at a drive letter, or in anybody else's folder, another volume may be by now.
    /// </summary>
    public void Unexpose(Guid snapshotId, string where, bool removeFolder)
    {
        try
        {
            Insist(() =>
                OnInstance(
                    (api, calls) =>
                    {
                        calls.Unchecked(
                            nameof(IVssApi.UnexposeSnapshot),
                            where,
                            () => api.UnexposeSnapshot(snapshotId)
                        );
                        return true;
                    }
                )
            );
        }
        catch (VssCallException e) when (SaysItIsGone(e)) { }
        catch (BackupException) when (removeFolder)
        {
            // The mount itself is taken off below, which is all that unexposing comes to.
        }

        if (!removeFolder)
            return;
        _services.Volumes.RemoveMountPoint(where);
        _services.Volumes.DeleteFolder(where);
    }

    private void DeleteSet(JournalEntry entry)
    {
        if (
            entry.SetId is { } set
            && TryDelete(() =>
                OnInstance(
                    (api, calls) =>
                        calls.Unchecked(
                            nameof(IVssApi.DeleteSnapshotSet),
                            set.ToString(),
                            () => api.DeleteSnapshotSet(set, force: true)
                        )
                )
            )
        )
            return;

        // One by one: one that cannot be deleted, or is gone, does not keep the others.
        foreach (var snapshot in entry.Snapshots)
        {
            try
            {
                Delete(snapshot.Id);
            }
            catch (VssCallException e) when (SaysItIsGone(e)) { }
        }

        if (entry.Snapshots.Count == 0 && entry.SetId != null)
            throw new BackupException(
                FailureKind.LeftoverRemains,
                "shadow set " + entry.SetId,
                nameof(IVssApi.DeleteSnapshotSet),
                "the set could not be deleted"
            );
    }

    private static bool TryDelete(Action delete)
    {
        try
        {
            delete();
            return true;
        }
        catch (VssCallException e) when (SaysItIsGone(e))
        {
            return true;
        }
        catch (BackupException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether a failure means that what was to be removed is not there. The same code from the calls around it means
    /// nothing of the kind.
    /// </summary>
    public static bool SaysItIsGone(VssCallException e) =>
        e.HResult == VssHResult.ObjectNotFound
        && e.Call
            is (
                nameof(IVssApi.DeleteSnapshot)
                or nameof(IVssApi.DeleteSnapshotSet)
                or nameof(IVssApi.UnexposeSnapshot)
            );

    private static void Insist(Action action)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                action();
                return;
            }
            catch (VssCallException e) when (tries > 1 && SaysItIsGone(e))
            {
                // The try before reported a failure and did it all the same.
                return;
            }
            catch (BackupException e) when (tries < Tries && (e is not VssCallException call || !SaysItIsGone(call)))
            { }
        }
    }

    private static void Try(List<Failure> left, string target, string operation, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var failure = BackupException.FailureOf(e, target, operation);
            left.Add(
                new Failure(FailureKind.LeftoverRemains, target, operation, failure.Message)
                {
                    NativeCode = failure.NativeCode,
                }
            );
        }
    }
}
