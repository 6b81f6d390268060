using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Text;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup list</c>: the sets on targets.</summary>
internal static class ListCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var targets = new Argument<string[]>("target")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The disks or folders to look at.",
        };
        var size = new Option<bool>("--size")
        {
            Description =
                "Measure what each set really takes: its own blocks, and those that it shares with others. Opens "
                + "every file of every set.",
        };
        var json = Arguments.Json();
        var command = new Command("list", "List the sets on targets: their state, age and size.")
        {
            targets,
            size,
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
                    var paths = parsed
                        .GetValue(targets)!
                        .Select(target => SetChoice.Target(invocation.Context.Files, target))
                        .Distinct()
                        .ToList();
                    return List(invocation, paths, parsed.GetValue(size));
                }
            )
        );
        return command;
    }

    private static int List(Invocation invocation, List<string> targets, bool measures)
    {
        var result = ListRun.Execute(
            new ListRequest { Paths = targets, MeasuresBlocks = measures },
            invocation.Context,
            invocation.Surroundings.Cancel
        );
        var newest = new HashSet<SetInfo>(result.Newest, ReferenceEqualityComparer.Instance);
        var now = invocation.Context.Clock.UtcNow;
        return invocation.End(
            ToJson(targets, result, newest),
            Outcomes.Word(result.ExitCode),
            result.ExitCode,
            report => Write(report, targets, result, newest, now, measures)
        );
    }

    private static JObject ToJson(List<string> targets, ListResult result, HashSet<SetInfo> newest) =>
        new()
        {
            ["targets"] = new JArray(targets),
            ["sets"] = new JArray(
                result.Sets.Select(set =>
                {
                    var json = (JObject)JsonOutput.ToToken(set);
                    json["state"] = Word(set.State);
                    json["isNewest"] = newest.Contains(set);
                    json["machines"] = new JArray(
                        Machines(set)
                            .Select(job => new JObject
                            {
                                ["name"] = job.Machine,
                                ["id"] = job.MachineId,
                                ["folder"] = job.Folder,
                                ["capture"] = job.Capture,
                                // An older copy that was kept, because the machine could not be captured since.
                                ["isKept"] = job.KeptFrom != Guid.Empty,
                                ["files"] = job.Files,
                                ["bytes"] = job.Bytes,
                            })
                    );
                    return json;
                })
            ),
            ["failures"] = JsonOutput.ToToken(result.Failures),
            ["failureCount"] = result.Failures.Count,
            ["warnings"] = new JArray(),
        };

    private static void Write(
        Report report,
        List<string> targets,
        ListResult result,
        HashSet<SetInfo> newest,
        DateTime now,
        bool measures
    )
    {
        var sets = result.Sets;
        var failures = result.Failures;
        if (sets.Count == 0 && failures.Count == 0)
            report.Line("There are no sets on " + string.Join(", ", targets) + ".");
        if (sets.Count > 0)
        {
            var table = new Table(
                new("Target", Shrinks: true),
                new("Set"),
                new("State"),
                new("Age"),
                new("Consistency"),
                new("Files", true),
                new("Size", true),
                new(measures ? "Own" : "Plan", measures, !measures),
                new(measures ? "Shared" : "Host", measures, !measures)
            );
            foreach (var set in sets)
                table.Add(
                    set.Target,
                    set.Set + (newest.Contains(set) ? " *" : ""),
                    Word(set.State),
                    Age(set, now),
                    Count(set, JsonOutput.ToToken(set.Consistency) + " (" + set.Provider + ")"),
                    Count(set, set.Files.ToString(CultureInfo.InvariantCulture)),
                    Count(set, HumanText.Size(set.Bytes)),
                    measures ? Measured(set.OwnBytes) : set.Plan,
                    measures ? Measured(set.SharedBytes) : set.Host
                );
            report.Table(table);
            if (measures)
                report.Line(
                    "Own: what only this set uses. Shared: blocks that other files, most often of other sets, use "
                        + "as well. '-': the file system does not tell."
                );
            if (newest.Count > 0)
                report.Line(
                    "* what 'verify' and 'restore' take: the newest complete set of its target, before those that "
                        + "were found damaged"
                );
        }

        report.List(
            "Virtual machines:",
            sets.Where(set => Machines(set).Any())
                .Select(set =>
                    set.Set
                    + " on "
                    + set.Target
                    + ": "
                    + string.Join(
                        ", ",
                        Machines(set)
                            .Select(job => job.Machine + (job.KeptFrom == Guid.Empty ? "" : " (an older copy)"))
                    )
                )
                .ToList(),
            Tone.Plain
        );
        report.List(
            "Partial: what they hold is whole, what could not be copied is missing. 'restore' takes one only where "
                + "none is complete, or with --set.",
            sets.Where(set => set.State == SetCondition.Partial || set.MissingCount > 0).Select(Missing).ToList(),
            Tone.Warning
        );
        report.List(
            "Found damaged by a verification: with sets that take turns the next run writes them first. Nothing "
                + "that they hold, or share with others, is believed.",
            sets.Where(set => set.FoundDamaged).Select(set => set.Path).ToList(),
            Tone.Bad
        );
        foreach (var set in sets.Where(set => set.Problem != null))
        {
            report.Line();
            report.Line(
                set.Set
                    + (set.State == SetCondition.Damaged ? " is damaged: " : " cannot be read: ")
                    + set.Problem!.Message,
                Tone.Bad
            );
            report.Line("  " + set.Problem.Advice);
        }

        FailureText.Add(report, failures, failures.Count);
    }

    private static string Missing(SetInfo set) =>
        set.Path
        + ": "
        + (
            set.MissingCount == 0
                ? "nothing is missing here, but on another target"
                : "without "
                    + string.Join(", ", set.Missing.Take(10).Select(missing => missing.File))
                    + (
                        set.MissingCount > 10
                            ? " and others, " + set.MissingCount.ToString(CultureInfo.InvariantCulture) + " in all"
                            : ""
                    )
        );

    private static IEnumerable<SetJob> Machines(SetInfo set) => set.Jobs.Where(job => job.Machine.Length > 0);

    private static string Measured(long? bytes) => bytes is { } known ? HumanText.Size(known) : "-";

    private static string Word(SetCondition state) =>
        state == SetCondition.Writing ? "incomplete" : JsonOutput.ToToken(state).ToString();

    private static string Age(SetInfo set, DateTime now) =>
        (set.Completed ?? set.Started) is { } time ? HumanText.Age(time, now) : "";

    // What an incomplete set holds is not known until it is complete.
    private static string Count(SetInfo set, string value) =>
        set.Problem == null && set.State != SetCondition.Writing ? value : "";
}
