using System;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Every native call goes through here: cancellation and the deadline are checked before it, the deadline after it, and
/// what it throws becomes a failure that names it.
/// </summary>
internal sealed class VssCalls : IAsyncLimit
{
    private readonly IClock _clock;
    private readonly VssThread _thread;
    private readonly DateTime _deadline;
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _cancel;
    private bool _isChecked;

    public VssCalls(IClock clock, VssThread thread, TimeSpan timeout, CancellationToken cancel)
    {
        _clock = clock;
        _thread = thread;
        _timeout = timeout;
        _cancel = cancel;
        _deadline =
            timeout == Timeout.InfiniteTimeSpan || timeout > DateTime.MaxValue - clock.UtcNow
                ? DateTime.MaxValue
                : clock.UtcNow + timeout;
    }

    /// <summary>
    /// Whether the call that is being made is to be cancelled. One that must be made goes on until nobody waits for
    /// it any longer.
    /// </summary>
    public bool IsOver => (_isChecked && (_cancel.IsCancellationRequested || IsLate)) || _thread.HasGivenUp;

    private bool IsLate => _clock.UtcNow > _deadline;

    /// <summary>Makes a call.</summary>
    /// <param name="call">Its native name.</param>
    /// <param name="target">What it is made for: the volume, the shadow copy, the virtual machine.</param>
    /// <param name="make">The call.</param>
    public T Make<T>(string call, string target, Func<T> make)
    {
        _cancel.ThrowIfCancellationRequested();
        if (IsLate)
            throw TimedOut(call, target, "the deadline of " + Words(_timeout) + " had passed before the call");
        var result = Checked(call, target, make);
        if (IsLate)
            throw TimedOut(call, target, "the call returned after the deadline of " + Words(_timeout));
        return result;
    }

    /// <summary>Makes a call.</summary>
    public void Make(string call, string target, Action make) =>
        Make(
            call,
            target,
            () =>
            {
                make();
                return true;
            }
        );

    /// <summary>
    /// Makes a call that must be made whatever the clock says and whoever cancelled: to take down what is there.
    /// </summary>
    public T Unchecked<T>(string call, string target, Func<T> make)
    {
        _thread.Current = call;
        _thread.Trace?.Invoke(call + " (" + target + ")");
        try
        {
            return make();
        }
        catch (Exception e) when (e is VssCallException or not BackupException)
        {
            var failure = VssCallException.From(call, e, target);
            _thread.Trace?.Invoke(call + " (" + target + ") failed: " + failure.Failure.Cause);
            throw failure;
        }
    }

    /// <summary>Makes a call that must be made whatever the clock says and whoever cancelled.</summary>
    public void Unchecked(string call, string target, Action make) =>
        Unchecked(
            call,
            target,
            () =>
            {
                make();
                return true;
            }
        );

    private T Checked<T>(string call, string target, Func<T> make)
    {
        _isChecked = true;
        try
        {
            return Unchecked(call, target, make);
        }
        catch (VssCallException e)
            when (e.HResult == VssHResult.AsyncCancelled && (_cancel.IsCancellationRequested || IsLate))
        {
            // It was cancelled by us, or might as well have been.
            _cancel.ThrowIfCancellationRequested();
            throw TimedOut(
                call,
                target,
                "it had not ended when the deadline of " + Words(_timeout) + " passed, and was cancelled"
            );
        }
        finally
        {
            _isChecked = false;
        }
    }

    /// <summary>Waits, if there is time for it and for a call after it. False, at once, when there is not.</summary>
    public bool TryWait(TimeSpan time)
    {
        _cancel.ThrowIfCancellationRequested();
        if (_deadline - _clock.UtcNow < time)
            return false;
        _clock.Wait(time, _cancel);
        return true;
    }

    /// <summary>Ends the operation if it was cancelled.</summary>
    public void ThrowIfCancelled() => _cancel.ThrowIfCancellationRequested();

    private static string Words(TimeSpan time) =>
        time.TotalMinutes >= 1
            ? FormattableString.Invariant($"{time.TotalMinutes:0.#} minutes")
            : FormattableString.Invariant($"{time.TotalSeconds:0.#} seconds");

    private static BackupException TimedOut(string call, string target, string cause) =>
        new(FailureKind.TimedOut, target, call, cause);
}
