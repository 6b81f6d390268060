using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Reports;
using HyperVBackup.Runs;

namespace HyperVBackup.Tests.Reports;

/// <summary>Results as tests wish them, and the report of them at a fixed time in a fixed zone.</summary>
internal static class Histories
{
    public const string Hour = "2026-01-29 02:00 +01:00";

    /// <summary>Now: half past ten in Prague.</summary>
    public static readonly DateTime Now = new(2026, 1, 29, 9, 30, 0, DateTimeKind.Utc);

    public static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone(
        "test",
        TimeSpan.FromHours(1),
        null,
        null
    );

    private static readonly string[] BadNames =
    [
        "<script>alert(1)</script>",
        "\"onmouseover=\"x\"",
        "'; --",
        "a&amp;b & c",
        "]]>",
        "</style><img src=x onerror=alert(1)>",
        "line\r\nbreak\tand\u0000\u001b[2J",
        "\udc80\ud800lone",
        "\ufffe\uffff",
        "\u202egnp.exe",
        "\U0001F4BE \u0159e\u0161en\u00ed",
        new string('W', 180),
        "{{7*7}}${x}",
        "--><!--",
        "%3Cscript%3E",
    ];

    /// <summary>The report of results, given the newest first.</summary>
    public static ReportModel Build(
        IEnumerable<RunResult> results,
        ReportOptions? options = null,
        params TargetReport[] targets
    ) =>
        ReportBuilder.Build(
            results.Select(result => new HistoryEntry
            {
                Path = "/state/runs/" + result.RunId + ".json",
                Result = result,
            }),
            targets,
            (options ?? new ReportOptions()) with
            {
                Zone = Zone,
            },
            "HV1",
            "/state/runs",
            Now
        );

    /// <summary>A run of the night so many days ago, at two o'clock in Prague, that copied a folder to E.</summary>
    public static RunResult Run(double daysAgo, RunOutcome outcome = RunOutcome.Complete, string plan = "nightly")
    {
        var started = new DateTime(2026, 1, 29, 1, 0, 0, DateTimeKind.Utc).AddDays(-daysAgo);
        return new RunResult
        {
            Outcome = outcome,
            RunId = Guid.NewGuid(),
            Plan = plan,
            Set = "SetA",
            Started = started,
            Ended = started.AddMinutes(10),
            Host = "HV1",
            Provider = "vss",
            BytesRead = 6L << 30,
            BytesWritten = 1 << 30,
            Jobs = [Job("/vm/disks")],
        };
    }

    public static RunResult Failed(double daysAgo, Failure? failure = null, string plan = "nightly") =>
        Run(daysAgo, RunOutcome.Failed, plan) with
        {
            Jobs = [],
            BytesWritten = 0,
            Failures = [failure ?? new Failure(FailureKind.DiskFull, "/e", "write", "no space is left")],
            FailureCount = 1,
        };

    public static JobResult Job(string source, string target = "/e", string? folder = null) =>
        new()
        {
            Source = source,
            Target = target,
            Folder = target + "/Backup-SetA/" + (folder ?? source[(source.LastIndexOf('/') + 1)..]),
            Files = 3,
            Bytes = 10L << 30,
            BytesWritten = 1 << 30,
            Seconds = 100,
        };

    /// <summary>A run of virtual machines; those with an '!' before their name failed.</summary>
    public static RunResult RunOfMachines(double daysAgo, params string[] names)
    {
        var run = Run(
            daysAgo,
            names.Any(name => name[0] == '!') ? RunOutcome.CompleteWithWarnings : RunOutcome.Complete
        );
        return run with
        {
            Jobs = names.Where(name => name[0] != '!').Select(name => Job("vm:" + name, folder: name)).ToArray(),
            Machines = names.Select(name => Machine(name.TrimStart('!'), name[0] != '!')).ToArray(),
        };
    }

    public static MachineResult Machine(string name, bool isGood = true) =>
        new()
        {
            Name = name,
            Id = IdOf(name),
            Folder = name,
            IsBackedUp = isGood,
            Capture = "Online",
            Bytes = isGood ? 10L << 30 : 0,
            BytesWritten = isGood ? 1 << 30 : 0,
            Seconds = isGood ? 50 : 0,
            Failure = isGood
                ? null
                : new Failure(FailureKind.WriterFailed, name, "freeze", "the writer of " + name + " failed"),
        };

    public static Guid IdOf(string name) =>
        new(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.Unicode.GetBytes(name)).AsSpan(0, 16));

    /// <summary>Names of machines, folders, plans, hosts, sets and failures that would break a careless page.</summary>
    public static IReadOnlyList<RunResult> Hostile() =>
        BadNames
            .Select(
                (name, i) =>
                    Failed(i, new Failure(FailureKind.IoError, name, name, name) { Advice = name }, name) with
                    {
                        Host = name,
                        Set = name,
                        Log = name,
                        Warnings = [name, "warned of " + name],
                        Jobs = [Job("/" + name, "/" + name, name)],
                    }
            )
            .Concat(BadNames.Select((name, i) => RunOfMachines(i + 20, name, "!x" + name) with { Plan = name }))
            .ToList();
}
