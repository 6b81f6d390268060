using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// What a run of a plan would do, decided before anything is frozen or written, with all that speaks against it. A run
/// ends with the first problem; a check shows them all.
/// </summary>
internal sealed record PreparedRun
{
    /// <summary>The plan, with links resolved, and the names of the sets that it writes.</summary>
    public required BackupPlan Plan { get; init; }

    /// <summary>Where the plan names what the run knows by its path.</summary>
    public required PlanProperties Properties { get; init; }

    /// <summary>When the run starts, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Whether the plan's sets are in order, so that one can be chosen.</summary>
    public bool ChoosesSet { get; init; } = true;

    /// <summary>What freezes the sources; null when a problem says why nothing can.</summary>
    public IShadowProvider? Provider { get; init; }

    /// <summary>The virtual machines that the plan means, those that are refused among them.</summary>
    public IReadOnlyList<HyperVMachine> Machines { get; init; } = Array.Empty<HyperVMachine>();

    /// <summary>Words of the plan that mean no virtual machine of this host.</summary>
    public IReadOnlyList<string> Missing { get; init; } = Array.Empty<string>();

    /// <summary>What would be copied, folders first; virtual machines that are refused are among it.</summary>
    public IReadOnlyList<RunJob> Jobs { get; init; } = Array.Empty<RunJob>();

    /// <summary>Where to.</summary>
    public IReadOnlyList<PreparedTarget> Targets { get; init; } = Array.Empty<PreparedTarget>();

    /// <summary>The set that would be written, and what stays; null when a problem says why that cannot be
    /// told.</summary>
    public SetTurn? Choice { get; init; }

    /// <summary>What keeps a source from being taken for whole that is not; null as long as the choice is.</summary>
    public SourceGuard? Guard { get; init; }

    /// <summary>What keeps the run from beginning to copy, in the order in which it is met.</summary>
    public IReadOnlyList<PreparedProblem> Problems { get; init; } = Array.Empty<PreparedProblem>();

    /// <summary>What should be known all the same.</summary>
    public IReadOnlyList<RunWarning> Warnings { get; init; } = Array.Empty<RunWarning>();

    /// <summary>What the run tells in its log of what was decided.</summary>
    public IReadOnlyList<string> Story { get; init; } = Array.Empty<string>();

    /// <summary>The virtual machines that cannot be copied, while something else can.</summary>
    public IEnumerable<RunJob> Refused =>
        Jobs.All(job => job.Refused != null) ? Array.Empty<RunJob>() : Jobs.Where(job => job.Refused != null);

    /// <summary>The beginning: nothing is decided.</summary>
    /// <param name="resolved">The plan, with links resolved.</param>
    /// <param name="started">When the run starts, UTC.</param>
    public static PreparedRun Of(BackupPlan resolved, DateTime started) =>
        new()
        {
            Plan = resolved,
            Properties = PlanProperties.Of(resolved),
            Started = started,
        };

    /// <summary>The same with a problem more.</summary>
    public PreparedRun With(string property, Failure failure) =>
        this with
        {
            Problems = Problems.Append(new PreparedProblem(property, failure)).ToArray(),
        };

    /// <summary>The same with a warning more.</summary>
    public PreparedRun With(RunWarning warning) => this with { Warnings = Warnings.Append(warning).ToArray() };

    /// <summary>Ends what cannot begin.</summary>
    /// <exception cref="BackupException">The first problem.</exception>
    public void RequireNoProblem()
    {
        if (Problems.Count > 0)
            throw new BackupException(Problems[0].Failure);
    }

    /// <summary>What is decided, for the run to do.</summary>
    /// <exception cref="BackupException">The first problem.</exception>
    public DecidedRun Decided()
    {
        RequireNoProblem();
        return new DecidedRun
        {
            Plan = Plan,
            Started = Started,
            Provider = Provider!,
            Missing = Missing,
            Jobs = Jobs,
            Targets = Targets.Select(target => target.Path).ToArray(),
            Found = Targets.SelectMany(target => target.Sets!).ToArray(),
            Choice = Choice!,
            Guard = Guard!,
        };
    }
}
