using System.Collections.Generic;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets;

/// <summary>Lists and counts in sentences.</summary>
internal static class Sentence
{
    /// <summary><c>C:\, D:\ and E:\</c>.</summary>
    public static string List(IEnumerable<string> items) => HumanText.List(items);

    /// <summary><c>1 file</c>, <c>12 files</c>.</summary>
    public static string Count(long count, string one) => HumanText.Count(count, one);
}
