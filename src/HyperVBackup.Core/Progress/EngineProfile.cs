using System;
using System.Diagnostics;
using System.Threading;

namespace HyperVBackup.Progress;

/// <summary>
/// Where the engine's threads spent their time, summed over all of them: several may wait at once, so the sums may
/// exceed the run's duration. Plain data.
/// </summary>
public sealed record EngineTimes
{
    /// <summary>Seconds the walk waited for listings of folders.</summary>
    public double ListSeconds { get; init; }

    /// <summary>Seconds waited for reads: of the source, and of copies that no manifest vouches for.</summary>
    public double ReadSeconds { get; init; }

    /// <summary>Seconds spent finding zeroes and hashing.</summary>
    public double HashSeconds { get; init; }

    /// <summary>Seconds waited for writes.</summary>
    public double WriteSeconds { get; init; }

    /// <summary>Seconds waited until what was written was durable: volumes, manifests and the states of sets.</summary>
    public double FlushSeconds { get; init; }
}

/// <summary>Measures <see cref="EngineTimes"/>, from several threads.</summary>
internal sealed class EngineProfile
{
    private long _list;
    private long _read;
    private long _hash;
    private long _write;
    private long _flush;

    /// <summary>The times so far.</summary>
    public EngineTimes Times =>
        new()
        {
            ListSeconds = Seconds(ref _list),
            ReadSeconds = Seconds(ref _read),
            HashSeconds = Seconds(ref _hash),
            WriteSeconds = Seconds(ref _write),
            FlushSeconds = Seconds(ref _flush),
        };

    public static long Now => Stopwatch.GetTimestamp();

    public void AddList(long since) => Interlocked.Add(ref _list, Now - since);

    public void AddRead(long since) => Interlocked.Add(ref _read, Now - since);

    public void AddHash(long since) => Interlocked.Add(ref _hash, Now - since);

    public void AddWrite(long since) => Interlocked.Add(ref _write, Now - since);

    /// <summary>Waits until something is durable.</summary>
    public void Flush(Action flush)
    {
        var start = Now;
        flush();
        Interlocked.Add(ref _flush, Now - start);
    }

    private static double Seconds(ref long ticks) =>
        Math.Round((double)Interlocked.Read(ref ticks) / Stopwatch.Frequency, 3);
}
