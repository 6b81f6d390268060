using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>What somebody wants back, and where: the same words at both fronts.</summary>
public sealed record RestoreWishes
{
    /// <summary>The folder to restore to; absolute. Each folder of a set becomes a folder in it.</summary>
    public required string Destination { get; init; }

    /// <summary>Names of virtual machines, with <c>*</c> and <c>?</c>, or ids; none: every folder.</summary>
    public IReadOnlyList<string> Machines { get; init; } = Array.Empty<string>();

    /// <summary>Names, or paths that start with a folder of the set, with wildcards; none: everything.</summary>
    public IReadOnlyList<string> Paths { get; init; } = Array.Empty<string>();

    /// <summary>Whether files that are there and differ are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Whether what is left of damaged files is brought back as well.</summary>
    public bool Salvage { get; init; }

    /// <summary>Makes sure that they can mean anything at all.</summary>
    /// <exception cref="PlanException">A pattern can match nothing, or a name is empty.</exception>
    public void Require()
    {
        var problems = Paths
            .Select(path => GlobFilter.WhyNot(path))
            .OfType<string>()
            .Select(why => new PlanProblem(FrontWords.Of("{--path|-Include}"), why))
            .ToList();
        if (Machines.Any(string.IsNullOrWhiteSpace))
            problems.Add(
                new PlanProblem(
                    FrontWords.Of("{--vm|-VirtualMachine}"),
                    "a name is empty; write the name of a virtual machine, with '*' for several, or its id"
                )
            );
        if (problems.Count > 0)
            throw new PlanException("The arguments", problems);
    }
}
