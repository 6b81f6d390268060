using System;
using System.Collections.Generic;

namespace HyperVBackup.Progress;

/// <summary>
/// Makes readings of a progress that a person understands: share, rate, time left. For one reader, at most a few times
/// a second.
/// </summary>
public sealed class ProgressMeter
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);
    private readonly MirrorProgress _progress;
    private TimeSpan _begin;
    private TimeSpan _last;
    private long _lastBytes;
    private double _rate;

    /// <summary>A meter for a progress, from now on.</summary>
    public ProgressMeter(MirrorProgress progress) => _progress = progress;

    /// <summary>Reads it.</summary>
    /// <param name="elapsed">Time since the meter was made.</param>
    public ProgressReading Read(TimeSpan elapsed)
    {
        var done = _progress.BytesDone;
        var total = _progress.BytesTotal;
        // Making a shadow set takes minutes and reads nothing: the rate begins with the first byte.
        if (done == 0)
            _begin = _last = elapsed;
        var step = elapsed - _last;
        if (step > TimeSpan.Zero)
        {
            // The last seconds count most, so that the rate follows the disk and the time left does not jump. Before
            // there are that many, it is the mean of all.
            var now = (done - _lastBytes) / step.TotalSeconds;
            var weight = Math.Min(
                1,
                step.TotalSeconds / Math.Min(Memory.TotalSeconds, (elapsed - _begin).TotalSeconds)
            );
            _rate += (now - _rate) * weight;
            _last = elapsed;
            _lastBytes = done;
        }

        var isKnown = total > 0 && total >= done;
        return new ProgressReading
        {
            Phase = _progress.Phase,
            Job = _progress.Job,
            File = _progress.File,
            Lanes = _progress.Lanes,
            BytesDone = done,
            BytesTotal = isKnown ? total : 0,
            FilesDone = _progress.FilesDone,
            BytesPerSecond = _rate,
            Percent = isKnown ? (int)(100.0 * done / total) : -1,
            TimeLeft =
                isKnown && _rate > 1
                    ? TimeSpan.FromSeconds(Math.Min((total - done) / _rate, TimeSpan.FromDays(365).TotalSeconds))
                    : null,
        };
    }
}

/// <summary>One reading.</summary>
public sealed record ProgressReading
{
    /// <summary>What the run is doing.</summary>
    public required string Phase { get; init; }

    /// <summary>The job under way.</summary>
    public required string Job { get; init; }

    /// <summary>The file under way.</summary>
    public required string File { get; init; }

    /// <summary>The jobs under way side by side; none when the phase has no such jobs.</summary>
    public IReadOnlyList<ProgressLane> Lanes { get; init; } = Array.Empty<ProgressLane>();

    /// <summary>Bytes gone through.</summary>
    public long BytesDone { get; init; }

    /// <summary>Bytes in all; 0 while unknown.</summary>
    public long BytesTotal { get; init; }

    /// <summary>Files gone through.</summary>
    public long FilesDone { get; init; }

    /// <summary>The rate of the last seconds.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>0…100; -1 while unknown.</summary>
    public int Percent { get; init; }

    /// <summary>Time left; null while unknown.</summary>
    public TimeSpan? TimeLeft { get; init; }
}
