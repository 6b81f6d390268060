using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets;

/// <summary>Chooses the folders of a set by the virtual machines they are copies of, in the words that choose machines for a backup.</summary>
internal static class MachineChoice
{
    /// <summary>The folders that any of the words means; without words all.</summary>
    /// <exception cref="BackupException"><see cref="FailureKind.VirtualMachine"/>: some words mean none; says what there is.</exception>
    public static IReadOnlyList<SetJob> Of(SetInfo set, IReadOnlyList<string> words)
    {
        if (words.Count == 0) return set.Jobs;
        var machines = set.Jobs.Where(job => job.MachineId.Length > 0 || job.Machine.Length > 0).ToList();
        var matchers = words.Select(word => (Word: word, Means: Matcher(word))).ToList();
        var missing = matchers.Where(matcher => !machines.Any(matcher.Means)).Select(matcher => "'" + matcher.Word + "'").ToList();
        if (missing.Count == 0) return machines.Where(job => matchers.Any(matcher => matcher.Means(job))).ToList();
        var folders = string.Join(", ", set.Jobs.Select(job => job.Folder));
        var failure = new Failure(
            FailureKind.VirtualMachine,
            set.Path,
            "restore the virtual machine " + string.Join(", ", missing),
            machines.Count == 0 ? "the set has copies of folders only (" + folders + ")" : "the set has " + string.Join(", ", machines.Select(job => job.Machine + " (" + job.MachineId + ")")));
        throw new BackupException(failure with
        {
            Advice = machines.Count == 0
                ? FrontWords.Of("Restore by the path of the files, with {--path|-Include}; or another set: {'hvbackup list'|Get-HvBackup} shows which machines each holds.")
                : FrontWords.Of("Name one of these, or choose another set: {'hvbackup list'|Get-HvBackup} shows which machines each holds."),
        });
    }

    /// <summary>Whether a folder is a copy of a machine that a word means: a name, with <c>*</c> and <c>?</c>, or an id.</summary>
    public static Func<SetJob, bool> Matcher(string word)
    {
        if (Guid.TryParse(word, out var id)) return job => Guid.TryParse(job.MachineId, out var its) && its == id;
        var pattern = "\\A" + Regex.Escape(word.Trim()).Replace("\\*", ".*").Replace("\\?", ".") + "\\z";
        var regex = new Regex(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        return job => job.Machine.Length > 0 && regex.IsMatch(job.Machine);
    }
}
