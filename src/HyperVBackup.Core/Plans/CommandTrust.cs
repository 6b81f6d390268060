using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Plans;

/// <summary>
/// Who could change what one command of a plan runs: its program, and the files among its arguments, which are scripts,
/// mostly.
/// </summary>
internal static class CommandTrust
{
    /// <summary>
    /// Why the command must not be called; asked before a run, and again right before the call: a run may take hours.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="name">The property that has it.</param>
    /// <param name="folder">The folder it starts in, from which its arguments start; null: they are absolute, or no
    /// paths.</param>
    /// <param name="files">The file system.</param>
    public static IReadOnlyList<PlanProblem> Problems(
        PlanCommand command,
        string name,
        string? folder,
        IFileSystem files
    )
    {
        var problems = new List<PlanProblem>();
        CheckProgram(command, name + ".command", files, problems);
        for (var i = 0; i < command.Arguments.Count; i++)
            CheckArgument(
                command.Arguments[i],
                folder,
                name + ".arguments[" + i.ToString(CultureInfo.InvariantCulture) + "]",
                files,
                problems
            );
        return problems;
    }

    /// <summary>Adds what is wrong with the way to a file.</summary>
    public static void AddOthers(string path, string property, IFileSystem files, List<PlanProblem> problems)
    {
        foreach (var problem in TrustedWay.Problems(files, path, "run the commands of the plan"))
            if (!problems.Any(known => known.Message.StartsWith(problem.Message + ". ", StringComparison.Ordinal)))
                problems.Add(new PlanProblem(property, problem.Message + ". " + problem.Advice));
    }

    private static void CheckProgram(
        PlanCommand command,
        string property,
        IFileSystem files,
        List<PlanProblem> problems
    )
    {
        if (command.Command.Length == 0 || !Path.IsPathRooted(command.Command))
        {
            problems.Add(
                new PlanProblem(property, "'" + command.Command + "' is no absolute path; programs are not looked for")
            );
            return;
        }

        try
        {
            if (files.Find(files.Resolve(command.Command)) is not { Kind: EntryKind.File })
                problems.Add(
                    new PlanProblem(
                        property,
                        "'"
                            + command.Command
                            + "' does not exist, or is no file; name a program, and what it is to do in 'arguments'"
                    )
                );
            else
                AddOthers(command.Command, property, files, problems);
        }
        catch (BackupException e)
        {
            problems.Add(new PlanProblem(property, e.Failure.Message));
        }
    }

    private static void CheckArgument(
        string argument,
        string? folder,
        string property,
        IFileSystem files,
        List<PlanProblem> problems
    )
    {
        try
        {
            var path = folder == null || Path.IsPathRooted(argument) ? argument : Path.Combine(folder, argument);
            if (argument.Length == 0 || !Path.IsPathRooted(path))
                return;
            path = PathOf.Full(path);
            if (files.Find(files.Resolve(path)) is { Kind: EntryKind.File })
                AddOthers(path, property, files, problems);
        }
        catch (Exception e)
            when (e is BackupException or ArgumentException or NotSupportedException or PathTooLongException)
        {
            // It is no path, but text.
        }
    }
}
