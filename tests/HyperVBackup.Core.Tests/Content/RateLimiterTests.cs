using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Content;
using Xunit;

namespace HyperVBackup.Tests.Content;

/// <summary>
/// A run reads no more per second than it was told to, all its jobs together, and can be stopped while it waits.
/// </summary>
public sealed class RateLimiterTests
{
    private readonly List<double> _waits = [];
    private TimeSpan _now;

    [Fact]
    public void Whoever_comes_while_the_rate_is_used_up_waits_for_those_before()
    {
        var limiter = Make(100, advances: false);
        foreach (var _ in new[] { 1, 2, 3 })
            limiter.Take(50, CancellationToken.None);
        Assert.Equal([0.5, 1.0], _waits);
    }

    [Fact]
    public void One_after_the_other_reads_at_the_rate()
    {
        var limiter = Make(100, advances: true);
        for (var i = 0; i < 21; i++)
            limiter.Take(50, CancellationToken.None);
        Assert.Equal(TimeSpan.FromSeconds(10), _now);
    }

    [Fact]
    public void Time_that_was_not_used_is_not_saved_up()
    {
        var limiter = Make(100, advances: false);
        _now = TimeSpan.FromSeconds(3600);
        limiter.Take(100, CancellationToken.None);
        limiter.Take(100, CancellationToken.None);
        Assert.Equal([1.0], _waits);
    }

    [Fact]
    public void Without_a_limit_nobody_waits()
    {
        var limiter = Make(0, advances: false);
        limiter.Take(long.MaxValue, CancellationToken.None);
        limiter.Take(long.MaxValue, CancellationToken.None);
        Assert.Empty(_waits);
    }

    [Fact]
    public void A_wait_of_a_day_ends_when_the_run_is_cancelled()
    {
        var limiter = new RateLimiter(1);
        limiter.Take(86_400, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        using var timer = new Timer(_ => cancel.Cancel(), null, 10, Timeout.Infinite);
        Assert.Throws<OperationCanceledException>(() => limiter.Take(1, cancel.Token));
    }

    private RateLimiter Make(long bytesPerSecond, bool advances) =>
        new(
            bytesPerSecond,
            () => _now,
            (wait, _) =>
            {
                _waits.Add(wait.TotalSeconds);
                if (advances)
                    _now += wait;
            }
        );
}
