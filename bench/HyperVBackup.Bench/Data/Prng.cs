using System;
using System.Runtime.InteropServices;

namespace HyperVBackup.Bench.Data;

/// <summary>
/// Bytes that nothing can compress, at memory speed and the same for the same seed: SplitMix64 (Steele, Lea, Flood:
/// "Fast splittable pseudorandom number generators", 2014).
/// </summary>
internal sealed class Prng
{
    private ulong _state;

    public Prng(ulong seed) => _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, and not including, the end.</summary>
    public long Below(long end) => (long)(Next() % (ulong)end);

    /// <summary>Fills whole words; up to seven bytes at the end stay as they are.</summary>
    public void Fill(Span<byte> bytes)
    {
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            word = Next();
    }

    /// <summary>Changes every word into another, whatever it was.</summary>
    public void Change(Span<byte> bytes)
    {
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            word ^= Next() | 1;
    }
}
