using System.Globalization;

namespace HyperVBackup.Failures;

/// <summary>
/// One thing that went wrong: what, where, during what, and why. Plain data, so that it survives serialisation.
/// </summary>
public sealed record Failure
{
    /// <summary>Makes a failure.</summary>
    /// <param name="kind">Which failure of the vocabulary.</param>
    /// <param name="target">The path, volume, set or virtual machine it happened to.</param>
    /// <param name="operation">What was being done, as a verb phrase ("read", "rename to …"), or the native
    /// call.</param>
    /// <param name="cause">Why, in the words of the operating system or ours, without a final full stop.</param>
    public Failure(FailureKind kind, string target, string operation, string cause)
    {
        Kind = kind;
        Target = target;
        Operation = operation;
        Cause = cause;
    }

    /// <summary>Which failure of the vocabulary.</summary>
    public FailureKind Kind { get; init; }

    /// <summary>The path, volume, set or virtual machine it happened to.</summary>
    public string Target { get; init; }

    /// <summary>What was being done, as a verb phrase, or the native call.</summary>
    public string Operation { get; init; }

    /// <summary>Why, without a final full stop.</summary>
    public string Cause { get; init; }

    /// <summary>The errno, Win32 error or HRESULT behind it; null where there is none.</summary>
    public int? NativeCode { get; init; }

    /// <summary>
    /// What to do about it: by the kind, what was being done and the system's error, unless the place that failed knows
    /// better. In the words of the front
    /// (<see cref="FrontWords"/>) that this process has.
    /// </summary>
    public string Advice
    {
        get => field ?? Failures.Advice.Of(Kind, Operation, NativeCode);
        init;
    }

    /// <summary>The stable name of this failure, e.g. <c>HvBackup.DiskFull</c>: scripts may branch on it.</summary>
    public string ErrorId => FailureCatalogue.Of(Kind).ErrorId;

    /// <summary>One line: where, what was done, why.</summary>
    public string Message =>
        string.Format(CultureInfo.InvariantCulture, "{0}: cannot {1}: {2}", Target, Operation, Cause);

    /// <inheritdoc/>
    public override string ToString() => Message;
}
