using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>Chooses virtual machines by what a person writes: a name, a name with <c>*</c> and <c>?</c>, or an id. Case is ignored; every other character means itself.</summary>
public static class HyperVSelection
{
    /// <summary>The machines that any of the words means, each once, in the order they are offered.</summary>
    /// <exception cref="BackupException"><see cref="FailureKind.VirtualMachine"/>: some words mean none; names them, and what there is.</exception>
    public static IReadOnlyList<HyperVMachine> Select(IReadOnlyList<HyperVMachine> machines, IReadOnlyList<string> words)
    {
        var matchers = words.Select(word => (Word: word, Means: Matcher(word))).ToList();
        var missing = matchers.Where(matcher => !machines.Any(matcher.Means)).Select(matcher => "'" + matcher.Word + "'").ToList();
        if (missing.Count > 0)
        {
            throw new BackupException(
                FailureKind.VirtualMachine,
                string.Join(", ", missing),
                "select the virtual machine",
                machines.Count == 0 ? "the Hyper-V writer offers no virtual machines" : "the Hyper-V writer offers " + string.Join(", ", machines.Select(machine => machine.Name)));
        }

        return machines.Where(machine => matchers.Any(matcher => matcher.Means(machine))).ToList();
    }

    private static Func<HyperVMachine, bool> Matcher(string word)
    {
        if (Guid.TryParse(word, out var id)) return machine => machine.Id == id;
        var pattern = "\\A" + Regex.Escape(word.Trim()).Replace("\\*", ".*").Replace("\\?", ".") + "\\z";
        var regex = new Regex(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        return machine => regex.IsMatch(machine.Name);
    }
}
