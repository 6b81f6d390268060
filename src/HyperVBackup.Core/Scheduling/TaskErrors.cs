using System.Globalization;
using System.Text.RegularExpressions;
using HyperVBackup.Failures;

namespace HyperVBackup.Scheduling;

/// <summary>
/// From what the cmdlets of Task Scheduler say to failures. Their error ids hold the HRESULT: <c>HRESULT
/// 0x80070005,Register-ScheduledTask</c>.
/// </summary>
internal static class TaskErrors
{
    private static readonly Regex HResult = new("0x([0-9a-fA-F]{8})", RegexOptions.CultureInvariant);

    /// <summary>The failure behind an error.</summary>
    /// <param name="errorId">The error's id.</param>
    /// <param name="words">Its message.</param>
    /// <param name="isDenied">Whether its category is that of refused permission.</param>
    /// <param name="target">The task.</param>
    /// <param name="operation">What was being done.</param>
    public static BackupException Of(string errorId, string words, bool isDenied, string target, string operation)
    {
        var match = HResult.Match(errorId);
        if (!match.Success)
            match = HResult.Match(words);
        uint? code = match.Success
            ? uint.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : null;
        var (kind, advice) = Meaning(code, isDenied);
        var failure = new Failure(
            kind,
            target,
            operation,
            string.Join(" ", words.Split('\r', '\n')).Trim().TrimEnd('.')
        )
        {
            NativeCode = unchecked((int?)code),
        };
        return new BackupException(advice == null ? failure : failure with { Advice = advice });
    }

    // winerror.h
    private static (FailureKind Kind, string? Advice) Meaning(uint? code, bool isDenied) =>
        code switch
        {
            0x80070005 => (
                FailureKind.NotElevated,
                "Start the shell with 'Run as administrator'; a task that runs with all rights can only be changed "
                    + "by an administrator."
            ),
            0x80070002 or 0x80070003 => (FailureKind.TaskMissing, null),
            0x8007052E or 0x80070532 or 0x80070533 or 0x80070775 => (
                FailureKind.AccessDenied,
                "Check the account's name and password, and that it is neither disabled nor locked."
            ),
            0x80070534 or 0x8007056B => (
                FailureKind.AccessDenied,
                "Check the account's name: with its domain, as CONTOSO\\backup; of a managed service account with a "
                    + "$ at its end."
            ),
            0x80070569 => (
                FailureKind.AccessDenied,
                "Give the account the right 'Log on as a batch job' (secpol.msc, Local Policies, User Rights "
                    + "Assignment)."
            ),
            _ when isDenied => (FailureKind.NotElevated, null),
            _ => (FailureKind.TaskRefused, null),
        };
}
