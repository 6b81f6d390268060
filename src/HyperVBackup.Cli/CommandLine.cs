using System;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Linq;
using System.Reflection;
using HyperVBackup.Cli.Commands;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Plans;

namespace HyperVBackup.Cli;

/// <summary>The composition root: all commands, one way to parse, one way to refuse.</summary>
internal sealed class CommandLine
{
    private readonly Surroundings _surroundings;
    private readonly SafeWriter _output;
    private readonly RootCommand _root;

    public CommandLine(Surroundings surroundings)
    {
        _output = new SafeWriter(surroundings.Output);
        _surroundings = surroundings = surroundings with
        {
            Output = _output,
            Error = new SafeWriter(surroundings.Error),
        };
        _root = new RootCommand(
            "Backs up running virtual machines: changed blocks only, into sets that take turns; verifies and "
                + "restores them."
        )
        {
            BackupCommand.Create(surroundings),
            RunCommand.Create(surroundings),
            CheckCommand.Create(surroundings),
            MirrorCommand.Create(surroundings),
            ListCommand.Create(surroundings),
            PruneCommand.Create(surroundings),
            VerifyCommand.Create(surroundings),
            RestoreCommand.Create(surroundings),
            ReportCommand.Create(surroundings),
            DemoCommand.Create(surroundings),
        };
        // Not /h and /?: on Linux these are paths.
        foreach (var option in _root.Options.OfType<HelpOption>().ToList())
            _root.Options.Remove(option);
        _root.Options.Add(new HelpOption("--help", "-h", "-?"));
        foreach (var option in _root.Options.OfType<VersionOption>())
            option.Action = new PrintVersion();
    }

    /// <summary>Parses and runs.</summary>
    /// <returns>The exit code of what was done, printed or not: a log on a full disk makes no failure of a complete
    /// backup.</returns>
    public int Run(string[] args)
    {
        var exitCode = RunParsed(args);
        _output.Flush();
        if (_output.Problem is { } why)
            _surroundings.Error.WriteLine("hvbackup: the result could not be printed: " + why);
        _surroundings.Error.Flush();
        return exitCode;
    }

    private int RunParsed(string[] args)
    {
        var json = args.TakeWhile(arg => arg != "--").Contains(Arguments.JsonName);
        // Names may hold anything: no @files, no bundles of letters.
        var parsed = _root.Parse(
            args,
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null }
        );
        if (parsed.Action is HelpAction or PrintVersion)
            return parsed.Invoke(Console());
        if (args.Length == 0)
            return ShowCommands();
        if (
            args.FirstOrDefault(arg => arg.Contains(Arguments.Undecodable, StringComparison.Ordinal)) is { } undecodable
        )
            return Refuse(
                json,
                parsed,
                "'"
                    + undecodable
                    + "' is no valid UTF-8, so nobody knows which file is meant. Name the folder above it, or a "
                    + "link to it."
            );
        if (Misspelling.FirstIn(args, parsed.CommandResult.Command, _root) is { } misspelt)
            return Refuse(json, parsed, misspelt);
        if (parsed.Errors.Count > 0)
            return Refuse(
                json,
                parsed,
                string.Join(
                    " ",
                    parsed.Errors.Select(error =>
                        string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    )
                )
            );
        return parsed.Invoke(Console());
    }

    private int ShowCommands()
    {
        _root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = _surroundings.Error });
        return ExitCodes.BadArguments;
    }

    private int Refuse(bool json, ParseResult parsed, string message)
    {
        var command = parsed.CommandResult.Command;
        var name = command == _root ? "hvbackup" : "hvbackup " + command.Name;
        var failure = new Failure(FailureKind.BadPlan, name, "run", message.TrimEnd('.'))
        {
            Advice = "See '" + name + " --help'.",
        };
        return FailureText.End(_surroundings, json, failure, [new PlanProblem("arguments", message)]);
    }

    private InvocationConfiguration Console() =>
        new()
        {
            Output = _surroundings.Output,
            Error = _surroundings.Error,
            EnableDefaultExceptionHandler = false,
        };

    /// <summary>Prints the version of this program, whatever process hosts it.</summary>
    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(
                "hvbackup " + typeof(CommandLine).Assembly.GetName().Version?.ToString(3)
            );
            return ExitCodes.Complete;
        }
    }
}
