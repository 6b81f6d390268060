using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Files;
using Newtonsoft.Json;

namespace HyperVBackup.Sets;

/// <summary>
/// What a set.json can hold: one set of limits for whoever writes it and whoever reads it, so that no run writes what
/// the next would refuse.
/// </summary>
internal static class SetStateLimits
{
    /// <summary>The longest set.json. Some hundred jobs with their patterns are a few dozen KiB.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>
    /// The highest count of files or bytes, 64 PiB; more is written as this. Sums of a hundred jobs stay far below
    /// 2^63. Sparse files pretend to sizes of exbibytes.
    /// </summary>
    public const long MostCount = 1L << 56;

    /// <summary>The highest number of a run: one each second for 34,000 years. A higher one was not counted.</summary>
    public const long MostSequence = 1L << 40;

    /// <summary>
    /// The most that the folders and patterns of a plan's jobs take in it: they must fit as they are, while lists of
    /// what a run met are cut.
    /// </summary>
    public const int MostPlanBytes = 3 * 1024 * 1024;

    private const int MostListBytes = 256 * 1024;
    private const int MostTextBytes = 16 * 1024;

    /// <summary>A count that can be written. Negative ones are sums that went round.</summary>
    public static long Saturate(long count) => count is < 0 or > MostCount ? MostCount : count;

    /// <summary>The sum of counts, at most <see cref="long.MaxValue"/>.</summary>
    public static long Sum(IEnumerable<long> counts) => counts.Aggregate(0L, Sizes.Add);

    /// <summary>The state with its counts and lists brought within the limits; what was cut is counted in it.</summary>
    public static SetState Fit(SetState state)
    {
        var disks = Cut(state.Disks, disk => disk.File.Length > MostTextBytes ? null : disk with { Problem = Cut(disk.Problem) }, disk => BytesOf(disk.File) + BytesOf(disk.Problem) + 96);
        var warnings = Cut(state.Warnings, Cut, warning => BytesOf(warning) + 8);
        var missing = Cut(
            state.Missing,
            item => item with { File = Cut(item.File), Problem = Cut(item.Problem) },
            item => BytesOf(item.File) + BytesOf(item.Problem) + 64);
        return state with
        {
            Jobs = state.Jobs.Select(Fit).ToArray(),
            Missing = missing,
            Disks = disks,
            DisksLeftOut = Saturate(state.DisksLeftOut + state.Disks.Count - disks.Count),
            Warnings = warnings,
            WarningsLeftOut = Saturate(state.WarningsLeftOut + state.Warnings.Count - warnings.Count),
        };
    }

    private static SetJob Fit(SetJob job) => job with
    {
        Files = Saturate(job.Files),
        Bytes = Saturate(job.Bytes),
        MissingCount = Saturate(job.MissingCount),
        ManifestBytes = Saturate(job.ManifestBytes),
    };

    /// <summary>About how many bytes a text takes in the file: a control character takes six.</summary>
    public static int BytesOf(string text) => Encoding.UTF8.GetByteCount(JsonConvert.ToString(text));

    private static List<T> Cut<T>(IReadOnlyList<T> list, Func<T, T?> shorten, Func<T, int> bytesOf)
        where T : class
    {
        var kept = new List<T>();
        long used = 0;
        foreach (var item in list)
        {
            if (shorten(item) is not { } shorter) break;
            used += bytesOf(shorter);
            if (used > MostListBytes) break;
            kept.Add(shorter);
        }

        return kept;
    }

    private static string Cut(string text)
    {
        const string more = " [...]";
        if (text.Length * 6 <= MostTextBytes || BytesOf(text) <= MostTextBytes) return text;
        var length = (MostTextBytes / 6) - more.Length;
        return text.Substring(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length) + more;
    }
}
