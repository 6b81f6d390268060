using System;
using HyperVBackup.Plans;

namespace HyperVBackup.Scheduling;

/// <summary>The shells that can run a task.</summary>
public static class TaskShell
{
    /// <summary>Windows PowerShell: on every Windows.</summary>
    public const string Desktop = "powershell";

    /// <summary>PowerShell 7.</summary>
    public const string Core = "pwsh";

    /// <summary>The program of a shell.</summary>
    /// <param name="shell"><see cref="Desktop"/>, <see cref="Core"/>, or the absolute path of a program.</param>
    /// <param name="home">The folder of the shell that this runs in, if it is PowerShell 7 on Windows.</param>
    /// <param name="exists">Whether there is such a file; null where that cannot be told, because the task is for
    /// another computer.</param>
    /// <exception cref="PlanException">It is none, or cannot be started by a task.</exception>
    public static string Resolve(string shell, string? home, Func<string, bool>? exists)
    {
        if (string.Equals(shell, Desktop, StringComparison.OrdinalIgnoreCase))
            return @"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe";
        var path =
            !string.Equals(shell, Core, StringComparison.OrdinalIgnoreCase) ? shell
            : home != null ? home.TrimEnd('\\') + @"\pwsh.exe"
            : @"%ProgramFiles%\PowerShell\7\pwsh.exe";
        if (!IsAbsolute(path))
            throw Bad("'" + shell + "' is no shell; write powershell, pwsh, or the path of a program");
        if (path.IndexOf(@"\WindowsApps\", StringComparison.OrdinalIgnoreCase) >= 0)
            throw Bad(
                "PowerShell from the Microsoft Store ("
                    + path
                    + ") belongs to one user and cannot be started by a task; install its MSI package, or use "
                    + "-Shell powershell"
            );
        if (exists != null && !exists(Environment.ExpandEnvironmentVariables(path)))
            throw Bad(
                "there is no "
                    + path
                    + "; install PowerShell 7 for all users, use -Shell powershell, or name the program's path"
            );
        return path;
    }

    // A path of Windows, whatever system this is.
    private static bool IsAbsolute(string path) =>
        path.StartsWith("%", StringComparison.Ordinal)
        || path.StartsWith(@"\\", StringComparison.Ordinal)
        || (path.Length > 3 && char.IsLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/');

    private static PlanException Bad(string why) => new("The task", new[] { new PlanProblem("Shell", why) });
}
