using System;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// The one thread on which a set's native calls are made, in the multithreaded apartment: consoles of PowerShell are
/// single-threaded apartments, in which VSS calls can block for ever.
/// It is a background thread, so that a native call that hangs does not keep the process from ending.
/// </summary>
internal sealed class VssThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = new();
    private readonly Thread _thread;
    private volatile bool _abandoned;
    private bool _disposed;

    /// <summary>Starts the thread.</summary>
    /// <param name="trace">Told every native call, in a line, on the thread; null: nobody wants to know.</param>
    public VssThread(Action<string>? trace = null)
    {
        Trace = trace;
        _thread = new Thread(Loop) { IsBackground = true, Name = "HyperVBackup VSS" };
        if (PathOf.IsWindows)
            _thread.TrySetApartmentState(ApartmentState.MTA);
        _thread.Start();
    }

    /// <summary>Told every native call, in a line; null: nobody wants to know.</summary>
    public Action<string>? Trace { get; }

    /// <summary>What is being called right now, for the message when it does not return.</summary>
    public string Current { get; set; } = "start";

    /// <summary>Called when a wait is over before the work. For tests, which then need no real time.</summary>
    internal Action? BeforeGivingUp { get; set; }

    /// <summary>Whether a wait was given up, so that work may still be going on.</summary>
    public bool HasGivenUp => _abandoned;

    /// <summary>Runs work on the thread and waits for its result.</summary>
    /// <param name="work">The work. What it throws is thrown here.</param>
    /// <param name="limit">How long to wait, at most. Native calls cannot be interrupted; beyond this the caller goes
    /// on without them.</param>
    /// <param name="abandon">Called, on the caller's thread, when the wait is given up: tells the work to stop as soon
    /// as it can.</param>
    /// <param name="orphaned">Called on the thread with a result that came too late.</param>
    /// <exception cref="BackupException"><see cref="FailureKind.TimedOut"/>: the limit passed.</exception>
    public T Run<T>(Func<T> work, TimeSpan limit, Action? abandon = null, Action<T>? orphaned = null)
    {
        if (Thread.CurrentThread == _thread)
            return work();
        var job = new Job<T>(work, orphaned);
        _work.Add(job.Execute);
        if (job.Wait(limit))
            return job.Result();
        BeforeGivingUp?.Invoke();
        _abandoned = true;
        abandon?.Invoke();
        throw new BackupException(
            FailureKind.TimedOut,
            "VSS",
            Current,
            "the call has not returned; what it leaves is removed as soon as it does, or by the next run"
        );
    }

    /// <summary>Ends the thread, after the work that is queued; waits for it unless some of it was given up.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _work.CompleteAdding();
        if (_abandoned || Thread.CurrentThread == _thread)
            return;
        _thread.Join();
        // Here and not at the end of the thread, which comes while CompleteAdding is still at work on it.
        _work.Dispose();
    }

    /// <summary>Waits for the thread to end, even if some of its work was given up. For tests.</summary>
    internal void Join() => _thread.Join();

    private void Loop()
    {
        foreach (var job in _work.GetConsumingEnumerable())
            job();
    }

    private sealed class Job<T>
    {
        private readonly Func<T> _work;
        private readonly Action<T>? _orphaned;
        private readonly object _gate = new();
        private T _result = default!;
        private ExceptionDispatchInfo? _thrown;
        private bool _done;
        private bool _given;

        public Job(Func<T> work, Action<T>? orphaned)
        {
            _work = work;
            _orphaned = orphaned;
        }

        public void Execute()
        {
            T result = default!;
            ExceptionDispatchInfo? thrown = null;
            try
            {
                result = _work();
            }
            catch (Exception e) when (Keep(e, out thrown)) { }

            lock (_gate)
            {
                _result = result;
                _thrown = thrown;
                _done = true;
                Monitor.PulseAll(_gate);
                if (!_given || thrown != null)
                    return;
            }

            _orphaned?.Invoke(result);
        }

        public bool Wait(TimeSpan limit)
        {
            lock (_gate)
            {
                if (!_done)
                    Monitor.Wait(_gate, limit);
                _given = !_done;
                return _done;
            }
        }

        public T Result()
        {
            _thrown?.Throw();
            return _result;
        }

        private static bool Keep(Exception exception, out ExceptionDispatchInfo thrown)
        {
            thrown = ExceptionDispatchInfo.Capture(exception);
            return true;
        }
    }
}
