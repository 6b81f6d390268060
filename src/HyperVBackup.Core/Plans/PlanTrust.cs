using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Plans;

/// <summary>
/// A plan that names commands is code, and runs with the rights of who runs it. So nobody else may be able to write to its file, to the folder it lies in, to the commands, or to the files among their arguments: those are scripts, mostly.
/// </summary>
internal static class PlanTrust
{
    /// <summary>Adds what is wrong with a plan's commands, and with who could change them.</summary>
    public static void Check(BackupPlan plan, IFileSystem files, List<PlanProblem> problems)
    {
        if (plan.OnSuccess == null && plan.OnFailure == null) return;
        var commands = new[] { ("onSuccess", plan.OnSuccess), ("onFailure", plan.OnFailure) }.Where(named => named.Item2 != null).ToList();
        foreach (var (property, command) in commands)
        {
            CheckCommand(command!, property + ".command", files, problems);
            CheckArguments(command!, plan.File == null ? null : PathOf.Parent(plan.File), property + ".arguments", files, problems);
        }

        if (plan.File != null) CheckFile(plan.File, files, problems);
    }

    private static void CheckCommand(PlanCommand command, string property, IFileSystem files, List<PlanProblem> problems)
    {
        if (command.Command.Length == 0 || !Path.IsPathRooted(command.Command))
        {
            problems.Add(new PlanProblem(property, "'" + command.Command + "' is no absolute path; programs are not looked for"));
            return;
        }

        try
        {
            var real = files.Resolve(command.Command);
            if (files.Find(real) is not { Kind: EntryKind.File }) problems.Add(new PlanProblem(property, "'" + command.Command + "' does not exist, or is no file; name a program, and what it is to do in 'arguments'"));
            else AddOthers(real, property, files, problems);
        }
        catch (BackupException e)
        {
            problems.Add(new PlanProblem(property, e.Failure.Message));
        }
    }

    private static void CheckArguments(PlanCommand command, string? folder, string property, IFileSystem files, List<PlanProblem> problems)
    {
        for (var i = 0; i < command.Arguments.Count; i++)
        {
            try
            {
                var path = folder == null || Path.IsPathRooted(command.Arguments[i]) ? command.Arguments[i] : Path.Combine(folder, command.Arguments[i]);
                if (command.Arguments[i].Length == 0 || !Path.IsPathRooted(path)) continue;
                var real = files.Resolve(PathOf.Full(path));
                if (files.Find(real) is { Kind: EntryKind.File }) AddOthers(real, property + "[" + i.ToString(CultureInfo.InvariantCulture) + "]", files, problems);
            }
            catch (Exception e) when (e is BackupException or ArgumentException or NotSupportedException or PathTooLongException)
            {
                // It is no path, but text.
            }
        }
    }

    // A link is as good as its place: who can replace it chooses the plan, too.
    private static void CheckFile(string file, IFileSystem files, List<PlanProblem> problems)
    {
        try
        {
            var real = files.Resolve(file);
            foreach (var path in new[] { real, PathOf.Parent(real), PathOf.Parent(file) is { } parent ? files.Resolve(parent) : null }.OfType<string>().Distinct(PathOf.Comparer)) AddOthers(path, "(file)", files, problems);
        }
        catch (BackupException e)
        {
            problems.Add(new PlanProblem("(file)", e.Failure.Message));
        }
    }

    private static void AddOthers(string path, string property, IFileSystem files, List<PlanProblem> problems)
    {
        if (Permissions.Problem(files, path, "run the commands of the plan") is { } problem) problems.Add(new PlanProblem(property, problem.Message + ". " + problem.Advice));
    }
}
