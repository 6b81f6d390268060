using System;
using System.IO;
using System.Threading;
using HyperVBackup.Host;

namespace HyperVBackup.Cli;

/// <summary>
/// What a command finds around it: where it writes, whether a person watches, and what may stop it. Tests replace all
/// of it.
/// </summary>
internal sealed record Surroundings
{
    /// <summary>The width that output fits when nobody says another.</summary>
    public const int StandardWidth = 80;

    /// <summary>Standard output.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>
    /// Whether results may be coloured: standard output is a terminal, and NO_COLOR (no-color.org) is not set.
    /// </summary>
    public bool UsesColour { get; init; }

    /// <summary>
    /// Whether progress can be drawn: standard error is a terminal that can return to the start of a line.
    /// </summary>
    public bool ShowsProgress { get; init; }

    /// <summary>The columns of the terminal, asked again for every line: windows are resized.</summary>
    public Func<int> Width { get; init; } = () => StandardWidth;

    /// <summary>The state folder; null: this host's.</summary>
    public StateFolder? State { get; init; }

    /// <summary>Where the demo builds its host.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Cancelled when the user or the system wants the process to end.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Those of a process at a console.</summary>
    public static Surroundings OfThisProcess(CancellationToken cancel)
    {
        var dumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new Surroundings
        {
            Output = Console.Out,
            Error = Console.Error,
            UsesColour =
                !Console.IsOutputRedirected
                && !dumb
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            ShowsProgress = !Console.IsErrorRedirected && !dumb,
            Width = TerminalWidth,
            Cancel = cancel,
        };
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 20 and var columns ? columns : StandardWidth;
        }
        catch (IOException)
        {
            return StandardWidth; // No console at all, as in a scheduled task.
        }
    }
}
