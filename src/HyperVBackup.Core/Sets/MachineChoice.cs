using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;

namespace HyperVBackup.Sets;

/// <summary>
/// Chooses the folders of a set by the virtual machines they are copies of, in the words that choose machines for a
/// backup.
/// </summary>
internal static class MachineChoice
{
    private static readonly char[] Wildcards = { '*', '?' };

    /// <summary>The folders that any of the words means; without words all.</summary>
    /// <exception cref="BackupException"><see cref="FailureKind.VirtualMachine"/>: some words mean none, or a name two;
    /// says what there is.</exception>
    public static IReadOnlyList<SetJob> Of(SetInfo set, IReadOnlyList<string> words)
    {
        if (words.Count == 0)
            return set.Jobs;
        var machines = set.Jobs.Where(job => job.MachineId.Length > 0 || job.Machine.Length > 0).ToList();
        var names = machines.Select(job => job.Machine).ToList();
        var matchers = words.Select(word => (Word: word, Means: Matcher(word, names))).ToList();
        foreach (var (word, means) in matchers)
            RequireOne(set, word, machines.Where(means).ToList());
        var missing = matchers
            .Where(matcher => !machines.Any(matcher.Means))
            .Select(matcher => "'" + matcher.Word + "'")
            .ToList();
        if (missing.Count == 0)
            return machines.Where(job => matchers.Any(matcher => matcher.Means(job))).ToList();
        var folders = string.Join(", ", set.Jobs.Select(job => job.Folder));
        var failure = new Failure(
            FailureKind.VirtualMachine,
            set.Path,
            "restore the virtual machine " + string.Join(", ", missing),
            machines.Count == 0
                ? "the set has copies of folders only (" + folders + ")"
                : "the set has " + string.Join(", ", machines.Select(Shown))
        );
        throw new BackupException(
            failure with
            {
                Advice =
                    machines.Count == 0
                        ? FrontWords.Of(
                            "Restore by the path of the files, with {--path|-Include}; or another set: {'hvbackup "
                                + "list'|Get-HvBackup} shows which machines each holds."
                        )
                        : FrontWords.Of(
                            "Name one of these, or choose another set: {'hvbackup list'|Get-HvBackup} shows which "
                                + "machines each holds."
                        ),
            }
        );
    }

    /// <summary>
    /// Whether a folder is a copy of a machine that a word means: a name, with <c>*</c> and <c>?</c>, or an id.
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="names">The names of the machines among which it is to mean one.</param>
    public static Func<SetJob, bool> Matcher(string word, IEnumerable<string> names)
    {
        var means = MachineWords.Matcher(word, names);
        return job => means(job.Machine, Guid.TryParse(job.MachineId, out var id) ? id : null);
    }

    // A name that two machines have says nothing; a pattern may mean several.
    private static void RequireOne(SetInfo set, string word, IReadOnlyList<SetJob> meant)
    {
        if (meant.Count < 2 || word.IndexOfAny(Wildcards) >= 0)
            return;
        throw new BackupException(
            new Failure(
                FailureKind.VirtualMachine,
                set.Path,
                "restore the virtual machine '" + word + "'",
                "the set has " + meant.Count + " of that name: " + string.Join(", ", meant.Select(Shown))
            )
            {
                Advice = "Name the one that is meant by its id.",
            }
        );
    }

    private static string Shown(SetJob job) => MachineWords.Shown(job.Machine) + " (" + job.MachineId + ")";
}
