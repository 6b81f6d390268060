using System;
using System.Management.Automation;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Cmdlets;

/// <summary>From failures to PowerShell's errors, by the one table.</summary>
internal static class Errors
{
    /// <summary>
    /// The error record of a failure: its id, its category, and what to do, both in the text and as the recommended
    /// action.
    /// </summary>
    /// <param name="failure">The failure.</param>
    /// <param name="target">What a script wants to get at; null: the path, volume or set that the failure
    /// names.</param>
    public static ErrorRecord Record(Failure failure, object? target = null) =>
        Record(new BackupException(failure), target);

    /// <summary>The error record of an exception; one that is not ours is a defect of ours, and called so.</summary>
    public static ErrorRecord Record(Exception exception, object? target = null)
    {
        var failure = SystemErrors.Of(exception, "HyperVBackup", "do this");
        var category = Enum.TryParse<ErrorCategory>(FailureCatalogue.Of(failure.Kind).Category, out var known)
            ? known
            : ErrorCategory.NotSpecified;
        return new ErrorRecord(exception, failure.ErrorId, category, target ?? failure.Target)
        {
            ErrorDetails = new ErrorDetails(failure.Message + "." + (ShellShowsAdvice ? "" : " " + failure.Advice))
            {
                RecommendedAction = failure.Advice,
            },
        };
    }

    // PowerShell 7 shows the recommended action below the error; Windows PowerShell keeps it to itself.
    private static bool ShellShowsAdvice { get; } =
        !RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal);
}
