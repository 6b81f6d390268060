using System;
using HyperVBackup.Files;

namespace HyperVBackup.Scheduling;

/// <summary>
/// The command that a task runs. In clear, not encoded: an administrator must see what runs with all rights. It is the
/// same for Windows PowerShell and
/// PowerShell 7, and ends with the exit code of the run whatever happens: what stops it before there is a result (the
/// module is not there, the plan is refused)
/// has its code as well, and nothing but a complete run ends with 0.
/// </summary>
internal static class TaskCommandLine
{
    /// <summary>The arguments of the shell.</summary>
    /// <param name="module">What Import-Module takes: see <see cref="ModuleReference"/>.</param>
    /// <param name="plan">The absolute path of the plan.</param>
    public static string Arguments(string module, string plan) =>
        "-NoProfile -NonInteractive -ExecutionPolicy RemoteSigned -Command \"" + Script(module, plan) + "\"";

    /// <summary>The name of the module's file or folder, as Import-Module takes it.</summary>
    /// <param name="manifest">The absolute path of the module's manifest.</param>
    /// <returns>
    /// The folder that holds the module's versions, so that the newest of them is used; the manifest itself where it
    /// does not lie in such a folder.
    /// </returns>
    public static string ModuleReference(string manifest)
    {
        var version = PathOf.Parent(manifest) ?? "";
        var module = PathOf.Parent(version) ?? "";
        // Import-Module takes names for patterns; of a folder it then finds no versions.
        var isPattern = module.IndexOfAny(new[] { '[', ']', '*', '?', '`' }) >= 0;
        if (
            !isPattern
            && Version.TryParse(PathOf.Leaf(version), out _)
            && string.Equals(PathOf.Leaf(module), Name(manifest), StringComparison.OrdinalIgnoreCase)
        )
            return module;
        return manifest;
    }

    private static string Name(string manifest)
    {
        var leaf = PathOf.Leaf(manifest);
        return leaf.EndsWith(".psd1", StringComparison.OrdinalIgnoreCase) ? leaf.Substring(0, leaf.Length - 5) : leaf;
    }

    // No quotation mark, no '%' and no '$(' may stand here. The result is taken apart before it is used: a property of
    // nothing would be 0.
    private static string Script(string module, string plan) =>
        "$code = 1; try { Import-Module -Name "
        + PowerShellText.Literal(EscapeWildcards(module))
        + " -DisableNameChecking -ErrorAction Stop; "
        + "$result = Invoke-HvBackup -Plan "
        + PowerShellText.Literal(plan)
        + " -Confirm:$false; if ($result) { $code = $result.ExitCode } } "
        + "catch { Write-Warning $_; if ($_.Exception.ExitCode) { $code = $_.Exception.ExitCode } }; exit $code";

    private static string EscapeWildcards(string path)
    {
        foreach (var mark in new[] { "`", "[", "]", "*", "?" })
            path = path.Replace(mark, "`" + mark);
        return path;
    }
}
