using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;

namespace HyperVBackup.Scheduling;

/// <summary>
/// A task runs with all rights what its plan and its module say. Whoever may write to them has those rights, too: so
/// nobody but administrators may, and not to
/// the folders that decide which files these are.
/// </summary>
internal static class TaskTrust
{
    private const string Operation = "run it with all rights";

    /// <summary>
    /// What is wrong with the plan of a task, and with who could change what it runs; empty when it can be registered.
    /// </summary>
    public static IReadOnlyList<PlanProblem> Problems(BackupPlan plan, TaskDefinition task, IFileSystem files)
    {
        var problems = PlanValidator.Validate(plan, files).ToList();
        Add(task.Plan, "(file)", files, problems);
        // A shell that is named for another computer, or by a value of its environment that this one does not have, is
        // not here to be judged.
        if (Environment.ExpandEnvironmentVariables(task.Shell) is var shell && Path.IsPathRooted(shell))
            Add(shell, "Shell", files, problems);
        var folder = PathOf.Parent(task.Manifest);
        var reference = TaskCommandLine.ModuleReference(task.Manifest);
        foreach (var path in new[] { reference, folder }.Concat(Code(folder)).Distinct(PathOf.Comparer))
            Add(path, "module", files, problems);
        return problems;
    }

    private static void Add(string? path, string property, IFileSystem files, List<PlanProblem> problems)
    {
        if (path == null)
            return;
        try
        {
            foreach (var problem in TrustedWay.Problems(files, path, Operation))
                if (
                    !problems.Any(known =>
                        known.Property == property
                        && known.Message.StartsWith(problem.Message + ". ", StringComparison.Ordinal)
                    )
                )
                    problems.Add(new PlanProblem(property, problem.Message + ". " + problem.Advice));
        }
        catch (BackupException e)
        {
            problems.Add(new PlanProblem(property, e.Failure.Message));
        }
    }

    private static IEnumerable<string> Code(string? folder)
    {
        if (folder == null || !Directory.Exists(folder))
            return Enumerable.Empty<string>();
        var libraries = PathOf.Join(folder, "lib");
        var code = Directory.GetFiles(folder, "HyperVBackup*.ps*1*");
        return Directory.Exists(libraries)
            ? code.Append(libraries).Concat(Directory.GetFiles(libraries, "*.dll", SearchOption.AllDirectories))
            : code;
    }
}
