using System;
using System.CommandLine;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli;

/// <summary>
/// One command while it runs: what it works with, and the one way its result, or its failure, is told.
/// </summary>
internal sealed class Invocation
{
    private readonly Surroundings _surroundings;
    private readonly bool _json;
    private readonly bool _showsProgress;
    private readonly Lazy<RunContext> _context;

    private Invocation(Surroundings surroundings, bool json, bool showsProgress)
    {
        _surroundings = surroundings;
        _json = json;
        _showsProgress = showsProgress;
        // Only made when it is needed: it fails on systems without a file system of ours, and that failure is told like
        // any other.
        _context = new Lazy<RunContext>(() => NewContext(_surroundings.State));
    }

    /// <summary>What runs work with.</summary>
    public RunContext Context => _context.Value;

    /// <summary>Where results for people go, line by line.</summary>
    public Report Report => new(_surroundings);

    /// <summary>What it finds around it.</summary>
    public Surroundings Surroundings => _surroundings;

    /// <summary>Runs a command's action; whatever it throws becomes a message and an exit code.</summary>
    public static int Run(
        Surroundings surroundings,
        ParseResult parsed,
        Option<bool>? json,
        Option<bool>? noProgress,
        Func<Invocation, int> action
    )
    {
        var asJson = json != null && parsed.GetValue(json);
        var invocation = new Invocation(
            surroundings,
            asJson,
            surroundings.ShowsProgress && !asJson && (noProgress == null || !parsed.GetValue(noProgress))
        );
        try
        {
            return action(invocation);
        }
        catch (OperationCanceledException)
        {
            return invocation.Fail(
                new Failure(
                    FailureKind.Cancelled,
                    "hvbackup " + parsed.CommandResult.Command.Name,
                    "finish",
                    "it was cancelled"
                )
                {
                    Advice = "Run it again.",
                },
                null
            );
        }
        catch (BackupException e)
        {
            return invocation.Fail(e.Failure, e as PlanException);
        }
#pragma warning disable CA1031 // A defect must still give one JSON object, or one readable message, and an exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return invocation.Fail(SystemErrors.Of(e, "hvbackup " + parsed.CommandResult.Command.Name, "finish"), null);
        }
    }

    /// <summary>A context with a progress of its own.</summary>
    /// <param name="state">The state folder; null: this host's.</param>
    public RunContext NewContext(StateFolder? state) =>
        RunContext.OfThisHost(state) with
        {
            CountsTotal = _showsProgress,
        };

    /// <summary>Does the work of a command, with its progress on the terminal if somebody watches.</summary>
    public T Watch<T>(MirrorProgress progress, Func<T> work)
    {
        using var line = _showsProgress ? new ConsoleProgress(_surroundings, progress) : null;
        return work();
    }

    /// <summary>Tells the result: as JSON, or as a report for people.</summary>
    /// <returns>The exit code.</returns>
    public int End(JObject json, string outcome, int exitCode, Action<Report> report)
    {
        if (_json)
            JsonOutput.Write(_surroundings.Output, json, outcome, exitCode);
        else
            report(Report);
        return exitCode;
    }

    private int Fail(Failure failure, PlanException? plan) =>
        FailureText.End(_surroundings, _json, failure, plan?.Problems);
}
