using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// Folders that others must not be able to write to: what the sets hold is as secret as the virtual machines, and who
/// may write to them decides what will be restored.
/// </summary>
internal static class OpenPlaces
{
    /// <summary>
    /// Those of a run, there or not: the folders of the sets that it takes an interest in; and off Windows the targets
    /// themselves, as there who may write to a folder may also rename and remove what others have in it.
    /// </summary>
    /// <param name="plan">The plan, with links resolved.</param>
    /// <param name="targets">Its targets.</param>
    /// <param name="choice">The set that is written; null when that cannot be told.</param>
    public static IEnumerable<string> Of(BackupPlan plan, IReadOnlyList<string> targets, SetTurn? choice)
    {
        var sets = plan.Keep == null ? plan.Sets : new[] { choice?.Set, choice?.Keeps }.OfType<string>();
        var folders = targets.SelectMany(target => sets.Select(set => SetLayout.SetFolder(target, set)));
        return PathOf.IsWindows ? folders : targets.Concat(folders);
    }

    /// <summary>The warning of one of them; null when there is nothing to be said.</summary>
    public static RunWarning? Problem(IFileSystem files, string folder) =>
        Permissions.Problem(files, folder) is { } problem
            ? RunWarning.Of(problem.Message + ". " + problem.Advice)
            : null;
}
