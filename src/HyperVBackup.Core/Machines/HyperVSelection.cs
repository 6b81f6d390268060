using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Machines;

/// <summary>
/// Chooses virtual machines by what a person writes: a name, a name with <c>*</c> and <c>?</c>, or an id. Case is
/// ignored; every other character means itself. Blanks around a word count
/// where a machine has just that name.
/// </summary>
public static class HyperVSelection
{
    /// <summary>The machines that any of the words means, each once, in the order they are offered.</summary>
    /// <exception cref="BackupException"><see cref="FailureKind.VirtualMachine"/>: some words mean none; names them,
    /// and what there is.</exception>
    public static IReadOnlyList<HyperVMachine> Select(
        IReadOnlyList<HyperVMachine> machines,
        IReadOnlyList<string> words
    )
    {
        var chosen = Find(machines, words, out var missing);
        return missing.Count == 0 ? chosen : throw new BackupException(WhyNot(machines, missing));
    }

    /// <summary>The machines that any of the words means, each once, in the order they are offered.</summary>
    /// <param name="machines">The machines there are.</param>
    /// <param name="words">The words.</param>
    /// <param name="missing">The words that mean none.</param>
    internal static IReadOnlyList<HyperVMachine> Find(
        IReadOnlyList<HyperVMachine> machines,
        IReadOnlyList<string> words,
        out IReadOnlyList<string> missing
    )
    {
        var names = machines.Select(machine => machine.Name).ToList();
        var matchers = words.Select(word => (Word: word, Means: MachineWords.Matcher(word, names))).ToList();
        missing = matchers
            .Where(matcher => !machines.Any(machine => matcher.Means(machine.Name, machine.Id)))
            .Select(matcher => matcher.Word)
            .ToList();
        return machines.Where(machine => matchers.Any(matcher => matcher.Means(machine.Name, machine.Id))).ToList();
    }

    /// <summary>Why words mean no machine: what there is.</summary>
    internal static Failure WhyNot(IReadOnlyList<HyperVMachine> machines, IReadOnlyList<string> missing) =>
        new(
            FailureKind.VirtualMachine,
            string.Join(", ", missing.Select(word => "'" + word + "'")),
            "select the virtual machine",
            machines.Count == 0
                ? "the Hyper-V writer offers no virtual machines"
                : "the Hyper-V writer offers "
                    + string.Join(", ", machines.Select(machine => MachineWords.Shown(machine.Name)))
        );
}
