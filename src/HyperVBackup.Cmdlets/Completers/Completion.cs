using System.Linq;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Quotes around completed words.</summary>
internal static class Completion
{
    /// <summary>The word without the quotes the user has typed.</summary>
    public static string Unquote(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>The word as PowerShell must read it: quoted where it holds more than letters, digits and what paths are made of.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./\\:".IndexOf(c) >= 0) ? word : "'" + word.Replace("'", "''") + "'";
}
