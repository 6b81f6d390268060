using System;
using System.Diagnostics;
using System.Threading;

namespace HyperVBackup.Mirroring;

/// <summary>Where the engine's threads spent their time, summed over all of them: several may wait at once, so the sums may exceed the run's duration. Plain data.</summary>
public sealed record EngineTimes
{
    /// <summary>Seconds waited for reads of the source.</summary>
    public double ReadSeconds { get; init; }

    /// <summary>Seconds spent finding zeroes and hashing.</summary>
    public double HashSeconds { get; init; }

    /// <summary>Seconds waited for writes.</summary>
    public double WriteSeconds { get; init; }
}

/// <summary>Measures <see cref="EngineTimes"/>, from several threads.</summary>
internal sealed class EngineProfile
{
    private long _read;
    private long _hash;
    private long _write;

    /// <summary>The times so far.</summary>
    public EngineTimes Times => new() { ReadSeconds = Seconds(ref _read), HashSeconds = Seconds(ref _hash), WriteSeconds = Seconds(ref _write) };

    public static long Now => Stopwatch.GetTimestamp();

    public void AddRead(long since) => Interlocked.Add(ref _read, Now - since);

    public void AddHash(long since) => Interlocked.Add(ref _hash, Now - since);

    public void AddWrite(long since) => Interlocked.Add(ref _write, Now - since);

    private static double Seconds(ref long ticks) => Math.Round((double)Interlocked.Read(ref ticks) / Stopwatch.Frequency, 3);
}
