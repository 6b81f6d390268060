using System;
using System.Diagnostics;
using System.Threading;

namespace HyperVBackup.Mirroring;

/// <summary>Where the engine's threads spend their time, summed over all of them: several may wait at once, so the sums may exceed the run's duration.</summary>
public sealed class EngineProfile
{
    private long _read;
    private long _hash;
    private long _write;

    /// <summary>Seconds waited for reads, of sources and of targets that are compared.</summary>
    public double ReadSeconds => Seconds(ref _read);

    /// <summary>Seconds spent finding zeroes and hashing.</summary>
    public double HashSeconds => Seconds(ref _hash);

    /// <summary>Seconds waited for writes.</summary>
    public double WriteSeconds => Seconds(ref _write);

    internal static long Now => Stopwatch.GetTimestamp();

    internal void AddRead(long since) => Interlocked.Add(ref _read, Now - since);

    internal void AddHash(long since) => Interlocked.Add(ref _hash, Now - since);

    internal void AddWrite(long since) => Interlocked.Add(ref _write, Now - since);

    private static double Seconds(ref long ticks) => Math.Round((double)Interlocked.Read(ref ticks) / Stopwatch.Frequency, 3);
}
