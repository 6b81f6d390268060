using System;
using System.Threading;
using HyperVBackup.Runs;

namespace HyperVBackup.Tests;

/// <summary>A clock that only moves when somebody waits or the test says so.</summary>
internal sealed class FakeClock : IClock
{
    public DateTime UtcNow { get; set; } = new(2026, 1, 29, 1, 0, 0, DateTimeKind.Utc);

    public void Wait(TimeSpan time, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        UtcNow += time;
    }
}
