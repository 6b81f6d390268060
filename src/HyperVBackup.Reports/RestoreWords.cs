using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Files;

namespace HyperVBackup.Reports;

/// <summary>The commands that bring a copy back, quoted so that they can be pasted as they are.</summary>
internal static class RestoreWords
{
    private static readonly Regex Plain = new("\\A[A-Za-z0-9_./:\\\\+-]+\\z", RegexOptions.CultureInvariant);

    /// <summary>For PowerShell.</summary>
    /// <param name="target">The target.</param>
    /// <param name="set">The set.</param>
    /// <param name="folder">Only this folder of the set; null: everything.</param>
    public static string PowerShell(string target, string set, string? folder = null) =>
        "Restore-HvBackup -Path "
        + ForPowerShell(target)
        + " -Set "
        + ForPowerShell(set)
        + (folder == null ? "" : " -Include " + ForPowerShell(folder + "/**"))
        + " -Destination ./Restored";

    /// <summary>For a command line: of this system, where the report is made.</summary>
    public static string CommandLine(string target, string set, string? folder = null) =>
        "hvbackup restore "
        + ForShell(target)
        + " --set "
        + ForShell(set)
        + (folder == null ? "" : " --path " + ForShell(folder + "/**"))
        + " --to Restored";

    // In single quotes nothing is special but the quotes themselves, of which PowerShell knows five.
    internal static string ForPowerShell(string text) =>
        Plain.IsMatch(text) && text[0] != '-'
            ? text
            : "'" + Regex.Replace(text, "['\u2018\u2019\u201a\u201b]", "$0$0") + "'";

    internal static string ForShell(string text)
    {
        if (Plain.IsMatch(text) && (PathOf.IsWindows || !text.Contains("\\")))
            return text;
        // Before a quote, a Windows program takes two backslashes for one (CommandLineToArgvW).
        return PathOf.IsWindows
            ? "\"" + text + (text.EndsWith("\\", System.StringComparison.Ordinal) ? "\\" : "") + "\""
            : "'" + text.Replace("'", "'\\''") + "'";
    }

    /// <summary>The sets that hold the newest good copies, each with the items it is the newest for.</summary>
    public static IReadOnlyList<(ItemCopy Copy, IReadOnlyList<ProtectedItem> Items)> Newest(ReportModel model) =>
        model
            .Items.SelectMany(item =>
                item.Copies.Where(copy => copy.AsOf == item.LastGood).Select(copy => (Copy: copy, Item: item))
            )
            .GroupBy(found => (found.Copy.Target, found.Copy.Set))
            .Select(group =>
                (
                    group.First().Copy,
                    (IReadOnlyList<ProtectedItem>)
                        group.Select(found => found.Item).OrderBy(item => item.Folder, PathOf.Comparer).ToList()
                )
            )
            .OrderBy(found => found.Copy.Target, PathOf.Comparer)
            .ThenBy(found => found.Copy.Set, PathOf.Comparer)
            .ToList();
}
