using System;
using System.Collections.Generic;
using System.IO;
using HyperVBackup.Failures;

namespace HyperVBackup.Plans;

/// <summary>One thing wrong with a plan.</summary>
/// <param name="Property">Where: <c>jobs[1].targets[0]</c>, or the argument.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record PlanProblem(string Property, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Property + ": " + Message;
}

/// <summary>A plan cannot be used. Nothing was touched.</summary>
#pragma warning disable CA1032 // It is made of problems; without any there is no reason to throw it.
public sealed class PlanException : BackupException
#pragma warning restore CA1032
{
    /// <summary>Made of all that is wrong.</summary>
    /// <param name="plan">The plan's file or name.</param>
    /// <param name="problems">At least one.</param>
    /// <param name="inner">What the system said, if the plan's file could not be read.</param>
    public PlanException(string plan, IReadOnlyList<PlanProblem> problems, Exception? inner = null)
        : base(new Failure(FailureKind.BadPlan, plan, "use it", string.Join("; ", problems)), inner) =>
        Problems = problems;

    /// <summary>Whether its file could not be read at all, so that nothing is known of the plan.</summary>
    public bool IsUnreadable => InnerException is IOException or UnauthorizedAccessException;

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<PlanProblem> Problems { get; }
}
