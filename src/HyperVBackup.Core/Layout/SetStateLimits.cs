using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Files;
using Newtonsoft.Json;

namespace HyperVBackup.Layout;

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

    /// <summary>The most that one list of it takes.</summary>
    public const int MostListBytes = 256 * 1024;

    /// <summary>The most that one text in a list takes.</summary>
    public const int MostTextBytes = 16 * 1024;

    /// <summary>A count that can be written. Negative ones are sums that went round.</summary>
    public static long Saturate(long count) => count is < 0 or > MostCount ? MostCount : count;

    /// <summary>The sum of counts, at most <see cref="long.MaxValue"/>.</summary>
    public static long Sum(IEnumerable<long> counts) => counts.Aggregate(0L, Sizes.Add);

    /// <summary>About how many bytes a text takes in the file: a control character takes six.</summary>
    public static int BytesOf(string text) => Encoding.UTF8.GetByteCount(JsonConvert.ToString(text));
}
