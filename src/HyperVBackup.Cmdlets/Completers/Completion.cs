using System.Linq;
using System.Management.Automation;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Quotes around completed words.</summary>
internal static class Completion
{
    /// <summary>The word without the quotes the user has typed.</summary>
    public static string Unquote(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>
    /// A path as the user typed it, made absolute by the shell's location and drives, of which the process knows
    /// nothing; null when it is none.
    /// </summary>
    public static string? FullPath(string path)
    {
        try
        {
            using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            return shell
                .AddScript(
                    "param($path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($path)"
                )
                .AddArgument(path)
                .Invoke<string>()
                .FirstOrDefault();
        }
        catch (RuntimeException)
        {
            return null;
        }
    }

    /// <summary>
    /// The word as PowerShell must read it: quoted where it holds more than letters, digits and what paths are made of.
    /// </summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./\\:".IndexOf(c) >= 0)
            ? word
            : "'" + word.Replace("'", "''") + "'";
}
