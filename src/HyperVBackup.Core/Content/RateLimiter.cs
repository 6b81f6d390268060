using System;
using System.Diagnostics;
using System.Threading;

namespace HyperVBackup.Content;

/// <summary>Spreads reads so that a host can go on serving. One for a whole run, shared by all its jobs.</summary>
internal sealed class RateLimiter
{
    private readonly long _bytesPerSecond;
    private readonly Action<TimeSpan, CancellationToken> _wait;
    private readonly Func<TimeSpan> _now;
    private readonly object _gate = new();
    private TimeSpan _free;

    /// <summary>A limiter.</summary>
    /// <param name="bytesPerSecond">The most; 0: no limit.</param>
    /// <param name="now">Time since any fixed point; null: the machine's.</param>
    /// <param name="wait">How to wait, at most until cancelled; null: by the machine's clock.</param>
    public RateLimiter(
        long bytesPerSecond,
        Func<TimeSpan>? now = null,
        Action<TimeSpan, CancellationToken>? wait = null
    )
    {
        _bytesPerSecond = bytesPerSecond;
        var watch = Stopwatch.StartNew();
        _now = now ?? (() => watch.Elapsed);
        _wait = wait ?? ((time, cancel) => cancel.WaitHandle.WaitOne(time));
    }

    /// <summary>Returns when this many bytes may be read.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, at once: with a low limit and many readers the wait may
    /// be long.</exception>
    public void Take(long bytes, CancellationToken cancel)
    {
        if (_bytesPerSecond <= 0)
            return;
        TimeSpan wait;
        lock (_gate)
        {
            var now = _now();
            // Time that was not used is not saved up: a limit is a promise about every second.
            if (_free < now)
                _free = now;
            wait = _free - now;
            _free += TimeSpan.FromSeconds((double)bytes / _bytesPerSecond);
        }

        if (wait > TimeSpan.Zero)
            _wait(wait, cancel);
        cancel.ThrowIfCancellationRequested();
    }
}
