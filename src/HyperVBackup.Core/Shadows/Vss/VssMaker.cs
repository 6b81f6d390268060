using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Makes a shadow set: tries, takes down what a failed try left, and tries again where the kind of failure and the
/// deadline allow it.
/// </summary>
internal sealed class VssMaker
{
    private readonly VssServices _services;
    private readonly VssThread _thread;
    private readonly ShadowRequest _request;
    private readonly VssCalls _calls;
    private readonly VssRemover _remover;
    private readonly List<string> _warnings = new();
    private int _retries;
    private bool _freed;

    public VssMaker(VssServices services, VssThread thread, ShadowRequest request, CancellationToken cancel)
    {
        _services = services;
        _thread = thread;
        _request = request;
        _calls = new VssCalls(services.Clock, thread, request.Options.Timeout, cancel);
        _remover = new VssRemover(services, thread);
    }

    /// <summary>Makes the set. Runs on the VSS thread.</summary>
    public VssShadowSession Make()
    {
        while (true)
        {
            var journaled = new JournaledSet(_services.Journal, NewEntry());
            var attempt = new VssAttempt(_services, _calls, _request, journaled);
            try
            {
                _calls.ThrowIfCancelled();
                journaled.Intend();
                attempt.Create();
                return new VssShadowSession(_services, _thread, _request, attempt, _remover, journaled, _warnings);
            }
            catch (Exception e)
            {
                var left = TakeDown(attempt, journaled);
                if (left.Count > 0)
                    throw WithLeftovers(e, left);
                if (e is not (BackupException or OperationCanceledException))
                    throw new BackupException(BackupException.FailureOf(e, "shadow set", "create it"), e);
                if (e is not BackupException failed || !MayRetry(failed))
                    throw;
                _warnings.Add("The shadow set was tried again: " + failed.Message);
            }
        }
    }

    private IReadOnlyList<Failure> TakeDown(VssAttempt attempt, JournaledSet journaled)
    {
        var left = attempt.Abandon(_remover);
        if (left.Count > 0)
            return left;
        try
        {
            journaled.Forget();
            return left;
        }
        catch (BackupException e)
        {
            return new[] { e.Failure };
        }
    }

    private bool MayRetry(BackupException failed)
    {
        var retry = failed switch
        {
            VssCallException call => call.Code.Retry,
            VssWriterException writer => writer.Code.Retry,
            _ => VssRetry.No,
        };
        switch (retry)
        {
            case VssRetry.NewInstance:
            case VssRetry.SameRequest when failed is VssCallException { Call: not nameof(IVssApi.StartSnapshotSet) }:
                return _retries++ < _request.Options.Retries && _calls.TryWait(_request.Options.RetryDelay);
            case VssRetry.FreeStorage when !_freed:
                _freed = true;
                if (RemoveOrphans() > 0)
                    return true;
                throw WithHolders(failed);
            case VssRetry.FreeStorage:
                throw WithHolders(failed);
            default:
                return false;
        }
    }

    // Sets of ours whose process ended before it could remove them. Sets that were made to be kept are not ours to
    // judge.
    private int RemoveOrphans()
    {
        var removed = 0;
        foreach (
            var entry in _services
                .Journal.Entries()
                .Where(entry =>
                    entry.Provider == VssProvider.ProviderName
                    && !entry.Kept
                    && entry.Id != _request.Id
                    && _services.IsGone(entry.Owner)
                )
        )
        {
            var left = _remover.Remove(entry);
            if (left.Count == 0)
                removed++;
            _warnings.AddRange(left.Select(failure => failure.Message));
        }

        return removed;
    }

    private BackupException WithHolders(BackupException failed)
    {
        string holders;
        try
        {
            holders = VssHolders.Describe(
                _remover.OnInstance(
                    (api, calls) => calls.Unchecked(nameof(IVssApi.QuerySnapshots), "VSS", api.QuerySnapshots)
                ),
                _services
            );
        }
        catch (BackupException e)
        {
            holders = "the shadow copies there are could not be listed (" + e.Message + ")";
        }

        return new BackupException(failed.Failure with { Cause = failed.Failure.Cause + "; " + holders }, failed);
    }

    private static BackupException WithLeftovers(Exception failed, IReadOnlyList<Failure> left)
    {
        var failure = BackupException.FailureOf(failed, "shadow set", "create it");
        return new BackupException(
            failure with
            {
                Cause =
                    failure.Cause
                    + "; left behind, for the next run to remove: "
                    + string.Join("; ", left.Select(one => one.Message)),
            },
            failed
        );
    }

    private JournalEntry NewEntry() =>
        new()
        {
            Id = _request.Id,
            Provider = VssProvider.ProviderName,
            Persistent = _request.Persistent,
            Created = _services.Clock.UtcNow,
            Owner = _services.Owner,
        };
}
