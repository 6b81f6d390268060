using System;

namespace HyperVBackup.Scheduling;

/// <summary>A scheduled task that runs a plan: everything that <see cref="TaskXml"/> writes.</summary>
public sealed record TaskDefinition
{
    /// <summary>
    /// The time that a run may take unless somebody says otherwise. Longer than that it does not work but hang, and
    /// would keep all later runs from starting.
    /// </summary>
    public static TimeSpan StandardTimeLimit { get; } = TimeSpan.FromDays(1);

    /// <summary>Where it is.</summary>
    public required TaskAddress Address { get; init; }

    /// <summary>When it runs.</summary>
    public required TaskSchedule Schedule { get; init; }

    /// <summary>Who it runs as.</summary>
    public required TaskAccount Account { get; init; }

    /// <summary>The plan's file, an absolute path.</summary>
    public required string Plan { get; init; }

    /// <summary>The shell: its path, in which Task Scheduler puts values for <c>%NAME%</c>.</summary>
    public required string Shell { get; init; }

    /// <summary>The manifest of the module that it imports, an absolute path.</summary>
    public required string Manifest { get; init; }

    /// <summary>How long a run may take; zero: as long as it wants.</summary>
    public TimeSpan TimeLimit { get; init; } = StandardTimeLimit;

    /// <summary>Who registers it.</summary>
    public string Author { get; init; } = Environment.UserName;

    /// <summary>When it is registered, local time.</summary>
    public required DateTime Registered { get; init; }

    /// <summary>The arguments that its shell gets.</summary>
    public string Arguments => TaskCommandLine.Arguments(TaskCommandLine.ModuleReference(Manifest), Plan);
}
