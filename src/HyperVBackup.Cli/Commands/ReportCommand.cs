using System;
using System.CommandLine;
using System.Linq;
using HyperVBackup.Cli.Output;
using HyperVBackup.Plans;
using HyperVBackup.Reports;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup report</c>: how the backups of this host stand, as a page to look at.</summary>
internal static class ReportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var targets = new Argument<string[]>("target")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "Disks or folders to look at: what is on them counts, and not what the history says of them.",
        };
        var output = new Option<string>("--output", "-o")
        {
            HelpName = "FILE",
            Description = "The HTML file to write. One that is there is replaced.",
            Required = true,
        };
        var last = new Option<int>("--last")
        {
            HelpName = "N",
            Description = "How many runs to show.",
            DefaultValueFactory = _ => ReportOptions.DefaultLast,
        };
        var stale = StaleAfter();
        var title = new Option<string?>("--title")
        {
            HelpName = "TEXT",
            Description = "The page's title. [default: Backups of <this host>]",
        };
        var force = new Option<bool>("--force") { Description = "Replace even a read-only file." };
        var json = Arguments.Json();
        var command = new Command(
            "report",
            "Write a page that shows the last runs, the newest good copy of everything, failures, and how to restore."
        )
        {
            targets,
            output,
            last,
            stale,
            title,
            force,
            json,
        };
        command.SetAction(parsed =>
            Invocation.Run(
                surroundings,
                parsed,
                json,
                null,
                invocation =>
                {
                    var options = new ReportOptions
                    {
                        Targets = parsed
                            .GetValue(targets)!
                            .Select(target => Arguments.FullPath(target, "target"))
                            .ToArray(),
                        Last = parsed.GetValue(last) is >= 1 and <= ReportOptions.MostLast and var runs
                            ? runs
                            : throw Wrong(
                                "--last",
                                parsed.GetValue(last) + " is not between 1 and " + ReportOptions.MostLast
                            ),
                        StaleAfter = parsed.GetValue(stale),
                        Title = parsed.GetValue(title),
                    };
                    return Write(
                        invocation,
                        options,
                        Arguments.FullPath(parsed.GetValue(output)!, "--output"),
                        parsed.GetValue(force)
                    );
                }
            )
        );
        return command;
    }

    private static Option<TimeSpan> StaleAfter() =>
        new("--stale-after")
        {
            HelpName = "DAYS",
            Description = "The age from which a copy is too old, in days unless it says otherwise: 2, 1.5, 36h.",
            DefaultValueFactory = _ => ReportOptions.DefaultStaleAfter,
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (
                    AgeText.TryParse(text, out var age)
                    && age > TimeSpan.Zero
                    && age <= ReportOptions.LongestStaleAfter
                )
                    return age;
                result.AddError("--stale-after: '" + text + "' is no age; write " + AgeText.Examples + ".");
                return default;
            },
        };

    private static int Write(Invocation invocation, ReportOptions options, string path, bool force)
    {
        var context = invocation.Context;
        BackupReport.RequireWritable(context.Files, path, true, force);
        var model = BackupReport.Read(context, options);
        var page = BackupReport.ToHtml(model);
        BackupReport.Write(context.Files, path, page, true, force);
        return invocation.End(
            ToJson(model, path, page.Length),
            Outcomes.Word(model.ExitCode),
            model.ExitCode,
            report => Tell(report, model, path)
        );
    }

    private static JObject ToJson(ReportModel model, string path, long bytes) =>
        new()
        {
            ["file"] = path,
            ["bytes"] = bytes,
            ["state"] = JsonOutput.ToToken(model.State),
            ["host"] = model.Host,
            ["generated"] = JsonOutput.ToToken(model.Generated),
            ["staleAfter"] = JsonOutput.ToToken(model.StaleAfter),
            ["runs"] = model.RunCount,
            ["items"] = new JArray(
                model.Items.Select(item => new JObject
                {
                    ["name"] = item.Name,
                    ["kind"] = JsonOutput.ToToken(item.Kind),
                    ["plan"] = item.Plan,
                    ["state"] = JsonOutput.ToToken(item.State),
                    ["lastGood"] = item.LastGood is { } lastGood ? JsonOutput.ToToken(lastGood) : JValue.CreateNull(),
                    ["failedTries"] = item.FailedTries,
                    ["bytes"] = item.Bytes,
                })
            ),
            ["damaged"] = new JArray(model.Damaged.Select(entry => entry.Path)),
            ["failures"] = JsonOutput.ToToken(
                model.Targets.Select(target => target.Problem).Where(problem => problem != null)
            ),
            ["failureCount"] = model.Targets.Count(target => target.Problem != null),
            ["warnings"] = new JArray(model.Unreadable),
        };

    private static void Tell(Report report, ReportModel model, string path)
    {
        var tone = model.State switch
        {
            ReportState.Good => Tone.Good,
            ReportState.AtRisk => Tone.Bad,
            _ => Tone.Warning,
        };
        report.Line(
            ReportText.Word(model.State)
                + ": "
                + ReportText.Count(model.RunCount, "run")
                + ", "
                + ReportText
                    .Count(model.Active.Count(), "machine or folder")
                    .Replace("machine or folders", "machines or folders", StringComparison.Ordinal)
                + ".",
            tone
        );
        foreach (var item in model.Stale)
            report.Line("  " + item.Name + ": " + ReportText.Since(item, model) + ".", Tone.Bad);
        FailureText.AddWarnings(report, model.Unreadable.ToList());
        report.Line("The report: " + path);
    }

    private static PlanException Wrong(string argument, string why) =>
        new("The arguments", [new PlanProblem(argument, why)]);
}
