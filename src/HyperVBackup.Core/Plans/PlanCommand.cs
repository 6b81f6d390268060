using System;
using System.Collections.Generic;

namespace HyperVBackup.Plans;

/// <summary>
/// A program that a run calls when it has ended: the plan's <c>onSuccess</c> and <c>onFailure</c>. It gets the result
/// as JSON on its standard input, and
/// <c>HVBACKUP_OUTCOME</c>, <c>HVBACKUP_EXITCODE</c>, <c>HVBACKUP_PLAN</c>, <c>HVBACKUP_SET</c>, <c>HVBACKUP_RUN</c>
/// and <c>HVBACKUP_LOG</c> in its environment.
/// </summary>
public sealed record PlanCommand
{
    /// <summary>The time it has unless the plan says otherwise.</summary>
    public static TimeSpan StandardTimeout { get; } = TimeSpan.FromMinutes(1);

    /// <summary>The program's path. It is not looked for anywhere else.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, each given to it as it is.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = Array.Empty<string>();

    /// <summary>How long it may take; then it is killed.</summary>
    public TimeSpan Timeout { get; init; } = StandardTimeout;
}
