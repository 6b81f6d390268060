using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Scheduling;

/// <summary>A task that was registered. Plain data.</summary>
public sealed record BackupTask
{
    /// <summary>Its name.</summary>
    public required string TaskName { get; init; }

    /// <summary>Its folder in Task Scheduler; empty for a clustered task.</summary>
    public required string TaskPath { get; init; }

    /// <summary>The failover cluster; empty for a task of this computer, "." for the cluster of this node.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Whether it took the place of an earlier one.</summary>
    public bool Replaced { get; init; }

    /// <summary>The plan's file.</summary>
    public required string Plan { get; init; }

    /// <summary>Who it runs as.</summary>
    public required string Account { get; init; }

    /// <summary>When it runs, in words.</summary>
    public required string Schedule { get; init; }

    /// <summary>When it runs next, in the local time of this computer.</summary>
    public required DateTime NextRun { get; init; }

    /// <summary>How long a run may take; zero: as long as it wants.</summary>
    public TimeSpan TimeLimit { get; init; }

    /// <summary>The program it starts.</summary>
    public required string Command { get; init; }

    /// <summary>The arguments of that.</summary>
    public required string Arguments { get; init; }

    internal static BackupTask Of(TaskDefinition task, bool replaced) =>
        new()
        {
            TaskName = task.Address.Name,
            TaskPath = task.Address.Path,
            Cluster = task.Address.Cluster ?? "",
            Replaced = replaced,
            Plan = task.Plan,
            Account = task.Account.Name,
            Schedule = task.Schedule.ToString(),
            NextRun = task.Schedule.Starts.Min(),
            TimeLimit = task.TimeLimit,
            Command = task.Shell,
            Arguments = task.Arguments,
        };
}
