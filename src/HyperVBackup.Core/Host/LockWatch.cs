using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;

namespace HyperVBackup.Host;

/// <summary>
/// Looks whether a run still has its locks. Who removes a lock file, taking it for a leftover, lets a second run
/// write the same set: the first must stop writing at once, and may not commit.
/// </summary>
internal sealed class LockWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly List<RunLock> _locks = new();
    private readonly object _gate = new();
    private Timer? _timer;
    private bool _isLooking;
    private bool _isOver;

    /// <summary>Why the run stops: a lock is lost. Null while all are held.</summary>
    public Failure? Lost { get; private set; }

    /// <summary>Adds a lock. Those that tests take are none of the operating system's, and cannot be lost.</summary>
    public void Add(IDisposable held)
    {
        lock (_gate)
            if (held is RunLock real)
                _locks.Add(real);
    }

    /// <summary>Begins to look, twice a second.</summary>
    /// <param name="stop">Called once, from another thread, when a lock is lost.</param>
    public void Begin(Action stop)
    {
        if (_locks.Count > 0)
            _timer = new Timer(_ => Look(stop), null, Interval, Interval);
    }

    /// <summary>Makes sure that all locks are still held.</summary>
    /// <exception cref="BackupException">
    /// One is lost (<see cref="FailureKind.LockLost"/>), or cannot be looked at.
    /// </exception>
    public void Require()
    {
        if (Lost != null)
            throw new BackupException(Lost);
        RunLock[] locks;
        lock (_gate)
            locks = _locks.ToArray();
        foreach (var held in locks)
            held.RequireHeld();
    }

    /// <summary>Ends it; when it returns, nobody looks any more.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        _timer?.Dispose();
        lock (_gate)
            while (_isLooking)
                Monitor.Wait(_gate);
    }

    private void Look(Action stop)
    {
        lock (_gate)
        {
            if (_isLooking || _isOver || Lost != null)
                return;
            _isLooking = true;
        }

        try
        {
            Require();
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.LockLost)
        {
            Lost = e.Failure;
            stop();
        }
        catch (BackupException)
        {
            // The target itself is in trouble: the run meets that, and has better words for it.
        }
        finally
        {
            lock (_gate)
            {
                _isLooking = false;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
