using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Plans;

/// <summary>
/// A plan that names commands is code, and runs with the rights of who runs it. So nobody else may be able to change
/// its file, the commands, or the files among their arguments; nor any of the
/// folders and links that decide which files these are.
/// </summary>
internal static class PlanTrust
{
    /// <summary>
    /// Adds what is wrong with a plan's commands, and with who could change them. The plan has been read by now:
    /// whoever could have changed it then can be seen still.
    /// </summary>
    public static void Check(BackupPlan plan, IFileSystem files, List<PlanProblem> problems)
    {
        if (plan.OnSuccess == null && plan.OnFailure == null)
            return;
        if (plan.File != null)
            CheckFile(plan.File, files, problems);
        var folder = plan.File == null ? null : PathOf.Parent(plan.File);
        foreach (var (name, command) in new[] { ("onSuccess", plan.OnSuccess), ("onFailure", plan.OnFailure) })
        {
            if (command == null)
                continue;
            foreach (var problem in CommandTrust.Problems(command, name, folder, files))
                if (!problems.Any(known => known.Message == problem.Message))
                    problems.Add(problem);
        }
    }

    private static void CheckFile(string file, IFileSystem files, List<PlanProblem> problems)
    {
        try
        {
            CommandTrust.AddOthers(file, "(file)", files, problems);
        }
        catch (BackupException e)
        {
            problems.Add(new PlanProblem("(file)", e.Failure.Message));
        }
    }
}
