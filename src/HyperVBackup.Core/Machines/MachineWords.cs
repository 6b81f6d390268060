using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace HyperVBackup.Machines;

/// <summary>
/// What a person writes to mean virtual machines: a name, a name with <c>*</c> and <c>?</c>, or an id. Case is ignored;
/// every other character means itself. Blanks around a word count
/// if a machine has just that name, as <c>"web "</c>; otherwise they are taken for a slip of the pen.
/// </summary>
internal static class MachineWords
{
    /// <summary>
    /// What a word means among machines: tells for each whether it is meant, by its name and its id (null: it has
    /// none).
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="names">The names of all machines there are.</param>
    public static Func<string, Guid?, bool> Matcher(string word, IEnumerable<string> names)
    {
        if (Guid.TryParse(word, out var id))
            return (_, its) => its == id;
        var exact = Pattern(word);
        if (word.Trim() == word || names.Any(name => exact.IsMatch(name)))
            return (name, _) => name.Length > 0 && exact.IsMatch(name);
        var trimmed = Pattern(word.Trim());
        return (name, _) => name.Length > 0 && trimmed.IsMatch(name);
    }

    /// <summary>
    /// A name as a list shows it: in quotation marks where it begins or ends with a blank, which nobody would see.
    /// </summary>
    public static string Shown(string name) => name.Trim() == name ? name : "'" + name + "'";

    private static Regex Pattern(string word) =>
        new(
            "\\A" + Regex.Escape(word).Replace("\\*", ".*").Replace("\\?", ".") + "\\z",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline
        );
}
