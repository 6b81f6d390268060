using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Runs.Preparing;

/// <summary>What is said of virtual machines that a plan names and a run does not back up.</summary>
internal static class LeftOutMachines
{
    /// <summary>Words of the plan mean no machine of this host, and it means something else as well.</summary>
    /// <param name="why">Its target is the words, its cause what there is.</param>
    public static RunWarning NotOnThisHost(Failure why)
    {
        var rest =
            "this host has no such virtual machine: "
            + why.Target
            + ". Here "
            + why.Cause
            + ". Correct the plan if the machine was renamed or removed.";
        return new RunWarning("NOT backed up, because " + rest, "T" + rest.Substring(1));
    }

    /// <summary>A machine that would be left out of a run to come.</summary>
    public static string WouldNotBeBackedUp(string machine, Failure why) =>
        "The virtual machine " + machine + " would NOT be backed up: " + why.Message + ". " + why.Advice;

    /// <summary>A machine that was left out of a run.</summary>
    /// <param name="machine">Its name.</param>
    /// <param name="why">Why it was.</param>
    /// <param name="keptOn">Targets that keep an older copy of it.</param>
    public static string WasNotBackedUp(string machine, Failure why, IReadOnlyList<string> keptOn) =>
        "The virtual machine "
        + machine
        + " was NOT backed up: "
        + why.Message
        + ". "
        + (
            keptOn.Count > 0
                ? "Its older copy on " + string.Join(", ", keptOn) + " stays."
                : "The set has no copy of it."
        )
        + " "
        + why.Advice;
}
