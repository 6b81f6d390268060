using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Host;

namespace HyperVBackup.Tests;

/// <summary>A clock that only moves when somebody waits, or when a test moves it.</summary>
internal sealed class FakeClock : IClock
{
    private readonly List<TimeSpan> _waits = new();

    public DateTime UtcNow { get; set; } = new(2026, 1, 29, 1, 0, 0, DateTimeKind.Utc);

    /// <summary>How long was waited, each time.</summary>
    public IReadOnlyList<TimeSpan> Waits => _waits;

    /// <summary>Called at the beginning of each wait.</summary>
    public Action? OnWait { get; set; }

    public void Advance(TimeSpan time) => UtcNow += time;

    public void Wait(TimeSpan time, CancellationToken cancel)
    {
        OnWait?.Invoke();
        cancel.ThrowIfCancellationRequested();
        _waits.Add(time);
        UtcNow += time;
    }
}
