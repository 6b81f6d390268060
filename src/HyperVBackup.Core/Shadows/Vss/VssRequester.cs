using System;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>Which part talks to the Volume Shadow Copy service.</summary>
internal static class VssRequester
{
    /// <summary>
    /// The environment variable that chooses: <c>own</c>, which is what is used without it, or <c>alphavss</c>.
    /// </summary>
    public const string Variable = "HVBACKUP_REQUESTER";

    private const string Own = "own";
    private const string AlphaVss = "alphavss";

    /// <summary>Whether AlphaVSS was chosen.</summary>
    /// <param name="value">The variable's value; null when it is not set.</param>
    /// <exception cref="BackupException"><see cref="FailureKind.ProviderUnavailable"/>: it is neither.</exception>
    public static bool IsAlphaVss(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            return false;
        var name = value!.Trim();
        if (string.Equals(name, Own, StringComparison.OrdinalIgnoreCase))
            return false;
        if (string.Equals(name, AlphaVss, StringComparison.OrdinalIgnoreCase))
            return true;
        var cause = "'" + name + "' is no requester; there are '" + Own + "' and '" + AlphaVss + "'";
        throw new BackupException(
            new Failure(FailureKind.ProviderUnavailable, Variable, "choose the requester", cause)
            {
                Advice = "Remove the environment variable: this program's own requester is used without it.",
            }
        );
    }
}
