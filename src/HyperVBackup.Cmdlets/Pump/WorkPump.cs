using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using HyperVBackup.Failures;

namespace HyperVBackup.Cmdlets.Pump;

/// <summary>
/// Runs work on a thread of its own while the calling thread, the pipeline's, does all the writing: what the work posts
/// is written there, in order, and
/// progress is sampled there. PowerShell lets only that thread write; and VSS wants a thread in the multi-threaded
/// apartment, which the console's is not.
/// </summary>
internal sealed class WorkPump
{
    /// <summary>How often progress is sampled: often enough to look alive, seldom enough not to cost.</summary>
    public static readonly TimeSpan SamplePeriod = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long after a cancellation the work may take to put away what it made. Its own steps have shorter deadlines.
    /// </summary>
    public static readonly TimeSpan TeardownDeadline = TimeSpan.FromMinutes(5);

    private readonly BlockingCollection<Action> _posts = new();
    private readonly Action _sample;
    private readonly CancellationTokenSource _cancel;
    private readonly TimeSpan _teardown;
    private ExceptionDispatchInfo? _stopped;

    /// <summary>A pump for one piece of work.</summary>
    /// <param name="sample">Shows how far it is; called on the pipeline thread.</param>
    /// <param name="cancel">Cancelled when writing is not possible any more; whoever stops the cmdlet cancels it
    /// too.</param>
    /// <param name="teardown">How long work may go on after that.</param>
    public WorkPump(Action sample, CancellationTokenSource cancel, TimeSpan? teardown = null)
    {
        _sample = sample;
        _cancel = cancel;
        _teardown = teardown ?? TeardownDeadline;
    }

    /// <summary>
    /// Has something written on the pipeline thread. From any thread; what comes after the end of the work is dropped.
    /// </summary>
    public void Post(Action write)
    {
        try
        {
            _posts.Add(write);
        }
        catch (InvalidOperationException)
        {
            // The work has ended; a thread of its had a last word.
        }
    }

    /// <summary>Does the work. Returns, or throws, only after it has ended.</summary>
    /// <param name="work">The work.</param>
    /// <param name="stopped">Told the result, on the pipeline thread, when writing had to stop and it cannot be
    /// returned any more.</param>
    /// <exception cref="BackupException">It was cancelled and did not end within the teardown's deadline.</exception>
    public T Run<T>(Func<T> work, Action<T>? stopped = null)
    {
        var outcome = new Outcome<T>();
        var thread = new Thread(() => Do(work, outcome)) { IsBackground = true, Name = "HyperVBackup" };
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            thread.SetApartmentState(ApartmentState.MTA);
        thread.Start();
        Pump();
        // The queue is complete: all that is left of the thread is its last instructions.
        thread.Join();
        _posts.Dispose();
        if (_stopped != null && outcome.Error == null)
            stopped?.Invoke(outcome.Value!);
        _stopped?.Throw();
        outcome.Error?.Throw();
        return outcome.Value!;
    }

    private void Do<T>(Func<T> work, Outcome<T> outcome)
    {
        try
        {
            outcome.Value = work();
        }
#pragma warning disable CA1031 // Thrown on by the thread that waits.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome.Error = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _posts.CompleteAdding();
        }
    }

    private void Pump()
    {
        var sinceSample = Stopwatch.StartNew();
        Stopwatch? sinceCancel = null;
        while (!_posts.IsCompleted)
        {
            if (_posts.TryTake(out var write, SamplePeriod))
                Guard(write);
            if (sinceSample.Elapsed >= SamplePeriod)
            {
                Guard(_sample);
                sinceSample.Restart();
            }

            if (!_cancel.IsCancellationRequested)
                continue;
            sinceCancel ??= Stopwatch.StartNew();
            if (sinceCancel.Elapsed > _teardown)
                throw new BackupException(
                    new Failure(
                        FailureKind.TimedOut,
                        "the run",
                        "wait for its end",
                        "it was cancelled "
                            + (int)_teardown.TotalSeconds
                            + " s ago and still has not put away what it made"
                    )
                    {
                        Advice = "Close this shell. The next run removes what is left.",
                    }
                );
        }
    }

    // A writer that throws (the pipeline was stopped, or a preference says Stop) ends the writing, not the work: that
    // is cancelled, and puts away what it made.
    private void Guard(Action write)
    {
        if (_stopped != null)
            return;
        try
        {
            write();
        }
#pragma warning disable CA1031 // Thrown on when the work has ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _stopped = ExceptionDispatchInfo.Capture(e);
            _cancel.Cancel();
        }
    }

    private sealed class Outcome<T>
    {
        public T? Value { get; set; }

        public ExceptionDispatchInfo? Error { get; set; }
    }
}
