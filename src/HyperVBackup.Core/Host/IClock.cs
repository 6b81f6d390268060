using System;
using System.Threading;

namespace HyperVBackup.Host;

/// <summary>
/// Time, as far as this library waits for it or stamps with it; injected, so that tests neither sleep nor depend on the
/// day.
/// </summary>
public interface IClock
{
    /// <summary>Now, UTC.</summary>
    DateTime UtcNow { get; }

    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the time was over.</exception>
    void Wait(TimeSpan time, CancellationToken cancel);
}

/// <summary>The machine's clock.</summary>
public sealed class SystemClock : IClock
{
    /// <summary>The one instance.</summary>
    public static SystemClock Instance { get; } = new();

    /// <inheritdoc/>
    public DateTime UtcNow => DateTime.UtcNow;

    /// <inheritdoc/>
    public void Wait(TimeSpan time, CancellationToken cancel)
    {
        if (cancel.WaitHandle.WaitOne(time))
            cancel.ThrowIfCancellationRequested();
    }
}
