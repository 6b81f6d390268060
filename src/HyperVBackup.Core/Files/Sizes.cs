using System.Threading;

namespace HyperVBackup.Files;

/// <summary>
/// Sums of sizes that stop at <see cref="long.MaxValue"/>: a sparse file can pretend to 8 EiB, and two of them must
/// not add up to less than nothing.
/// </summary>
internal static class Sizes
{
    /// <summary>The sum of two sizes.</summary>
    public static long Add(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;

    /// <summary>Adds a size to a sum that several threads count.</summary>
    public static void Add(ref long sum, long size)
    {
        long before;
        do before = Interlocked.Read(ref sum);
        while (Interlocked.CompareExchange(ref sum, Add(before, size), before) != before);
    }
}
