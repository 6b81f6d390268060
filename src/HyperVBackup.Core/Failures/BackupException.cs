using System;

namespace HyperVBackup.Failures;

/// <summary>The one exception of this library: it carries a <see cref="Failures.Failure"/>.</summary>
// An exception without a failure says nothing; the standard constructors would allow that.
#pragma warning disable CA1032
public class BackupException : Exception
#pragma warning restore CA1032
{
    /// <summary>Wraps a failure.</summary>
    public BackupException(Failure failure, Exception? inner = null)
        : base((failure ?? throw new ArgumentNullException(nameof(failure))).Message, inner) => Failure = failure;

    /// <summary>Wraps a failure made of these parts.</summary>
    public BackupException(FailureKind kind, string target, string operation, string cause, Exception? inner = null)
        : this(new Failure(kind, target, operation, cause), inner) { }

    /// <summary>What went wrong.</summary>
    public Failure Failure { get; }

    /// <summary>
    /// What a process should end with that can do nothing more about it: one of <see cref="ExitCodes"/>, never 0.
    /// </summary>
    public int ExitCode => ExitCodes.Of(Failure.Kind);

    /// <summary>
    /// The failure behind any exception: its own, or <see cref="FailureKind.Unexpected"/> with the exception's words.
    /// </summary>
    public static Failure FailureOf(Exception exception, string target, string operation) =>
        exception switch
        {
            BackupException ours => ours.Failure,
            OperationCanceledException => new Failure(
                FailureKind.Cancelled,
                target,
                operation,
                "the run was cancelled"
            ),
            null => throw new ArgumentNullException(nameof(exception)),
            _ => new Failure(
                FailureKind.Unexpected,
                target,
                operation,
                exception.GetType().Name + ": " + exception.Message
            ),
        };
}
