using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Sets;

namespace HyperVBackup.Cli.Commands;

/// <summary>The words of <c>"outcome"</c> in the JSON.</summary>
internal static class Outcomes
{
    public const string Complete = "complete";
    public const string Warnings = "completeWithWarnings";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Damaged = "damaged";

    /// <summary>The word for how a run ended.</summary>
    public static string Word(RunOutcome outcome) =>
        outcome switch
        {
            RunOutcome.Complete => Complete,
            RunOutcome.CompleteWithWarnings => Warnings,
            RunOutcome.Cancelled => Cancelled,
            _ => Failed,
        };

    /// <summary>The word for an exit code of a command that only reads, or restores.</summary>
    public static string Word(int exitCode) =>
        exitCode switch
        {
            ExitCodes.Complete => Complete,
            ExitCodes.Warnings => Warnings,
            ExitCodes.Damage => Damaged,
            _ => Failed,
        };
}
