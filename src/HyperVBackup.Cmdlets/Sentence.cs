using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace HyperVBackup.Cmdlets;

/// <summary>Lists and counts in sentences.</summary>
internal static class Sentence
{
    /// <summary><c>C:\, D:\ and E:\</c>.</summary>
    public static string List(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count < 2 ? string.Concat(all) : string.Join(", ", all.Take(all.Count - 1)) + " and " + all[all.Count - 1];
    }

    /// <summary><c>1 file</c>, <c>12 files</c>.</summary>
    public static string Count(long count, string one) => count.ToString(CultureInfo.InvariantCulture) + " " + one + (count == 1 ? "" : "s");
}
