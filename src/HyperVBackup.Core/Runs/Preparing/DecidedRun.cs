using System;
using System.Collections.Generic;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs.Preparing;

/// <summary>What a run does, which nothing speaks against: all of <see cref="PreparedRun"/> is known.</summary>
internal sealed record DecidedRun
{
    /// <summary>The plan, with links resolved, and the names of the sets that it writes.</summary>
    public required BackupPlan Plan { get; init; }

    /// <summary>When the run started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>What freezes the sources.</summary>
    public required IShadowProvider Provider { get; init; }

    /// <summary>Words of the plan that mean no virtual machine of this host.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>What is copied; virtual machines that are refused are among it.</summary>
    public required IReadOnlyList<RunJob> Jobs { get; init; }

    /// <summary>Where to.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>The sets that were found on the targets.</summary>
    public required IReadOnlyList<SetInfo> Found { get; init; }

    /// <summary>The set that is written, and what stays.</summary>
    public required SetTurn Choice { get; init; }

    /// <summary>What keeps a source from being taken for whole that is not.</summary>
    public required SourceGuard Guard { get; init; }
}
