using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// A VSS shadow set while its requester holds it. Its members may be called on any thread, one at a time.
/// </summary>
public sealed class VssShadowSession : IShadowSession
{
    private readonly VssServices _services;
    private readonly VssThread _thread;
    private readonly ShadowRequest _request;
    private readonly VssAttempt _attempt;
    private readonly VssRemover _remover;
    private readonly JournaledSet _journaled;
    private readonly List<string> _retried;
    private bool _triedToComplete;
    private bool _completed;
    private bool _released;

    internal VssShadowSession(
        VssServices services,
        VssThread thread,
        ShadowRequest request,
        VssAttempt attempt,
        VssRemover remover,
        JournaledSet journaled,
        List<string> retried
    )
    {
        _services = services;
        _thread = thread;
        _request = request;
        _attempt = attempt;
        _remover = remover;
        _journaled = journaled;
        _retried = retried;
        Set = new ShadowSet
        {
            Id = attempt.Shadows[0].SetId,
            Provider = VssProvider.ProviderName,
            Consistency =
                attempt.Scope.Machines.Count == 0 && attempt.OtherWritersFailed
                    ? Consistency.Crash
                    : Consistency.Application,
            Created = attempt.Shadows[0].Created,
            IsPersistent = request.Persistent,
            Shadows = attempt.Shadows,
        };
    }

    /// <summary>
    /// The set. A volume that is reached by two paths has one shadow copy and two entries here, one per path, with the
    /// same id.
    /// It counts as consistent for applications as long as the writers it depends on did not fail: those of its virtual
    /// machines, or, where it has none, all.
    /// </summary>
    public ShadowSet Set { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Warnings => _retried.Concat(_attempt.Warnings).ToList();

    /// <summary>
    /// The virtual machines that were captured by their writer, with how, their files and their volumes.
    /// </summary>
    public IReadOnlyList<HyperVMachine> Machines => _attempt.Scope.Machines;

    /// <summary>
    /// What restoring needs beside the files. <see cref="Complete()"/> brings the backup-components document up to
    /// date.
    /// </summary>
    public VssDocuments Documents => _attempt.Documents;

    /// <inheritdoc/>
    public void Complete() => Complete(Array.Empty<Guid>());

    /// <summary>Tells the writers how the backup went, machine by machine, once the copies are durable.</summary>
    /// <param name="failed">The virtual machines whose copies failed.</param>
    /// <exception cref="BackupException">A call failed, or a writer that the backup depends on did.</exception>
    public void Complete(IReadOnlyCollection<Guid> failed)
    {
        if (_completed)
            return;
        if (_triedToComplete || _released)
            throw new BackupException(
                FailureKind.ShadowFailed,
                "shadow set " + Set.Id,
                "complete the backup",
                "the session has ended already"
            );
        _triedToComplete = true;
        _thread.Run(
            () =>
            {
                _attempt.Complete(failed.ToList());

                // A set that the journal does not keep is not complete: it is deleted with the session, rather than
                // left where nobody knows of it.
                if (_request.Persistent)
                    _journaled.Update(Journaled() with { Kept = true });
                return _completed = true;
            },
            _services.Patience
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<Failure> Release()
    {
        if (_released)
            return Array.Empty<Failure>();
        _released = true;
        try
        {
            return _thread.Run(TakeDown, _services.Patience);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new[]
            {
                BackupException.FailureOf(e, "shadow set " + Set.Id, "release it") with
                {
                    Kind = FailureKind.LeftoverRemains,
                },
            };
        }
        finally
        {
            _thread.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private IReadOnlyList<Failure> TakeDown()
    {
        _attempt.End();
        return _request.Persistent && _completed ? Array.Empty<Failure>() : _remover.Remove(Journaled());
    }

    // The provider journals exposures of its own accord; the journal knows more than the session does.
    private JournalEntry Journaled() =>
        _services.Journal.Entries().FirstOrDefault(entry => entry.Id == _journaled.Entry.Id) ?? _journaled.Entry;
}
