using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench;

/// <summary>hvbackup, run as people run it.</summary>
internal sealed class HvBackup
{
    private static readonly (string[] Options, string How)[] Ways =
    [
        ([], "native"),
        (["--self-contained", "false"], "ReadyToRun: it could not be compiled to a native program here"),
        (
            ["--self-contained", "false", "-p:PublishReadyToRun=false"],
            "without code made ahead of time: its compilers could not be restored"
        ),
    ];

    private readonly Child _child;
    private readonly Tools _tools;
    private readonly string _program;
    private readonly Dictionary<string, string?> _environment;

    private HvBackup(Child child, Tools tools, string program, string how, string state)
    {
        _child = child;
        _tools = tools;
        _program = program;
        How = how;
        // Of this process's settings of .NET none is for it, but where .NET is.
        _environment = Environment
            .GetEnvironmentVariables()
            .Keys.Cast<string>()
            .Where(name =>
                name.StartsWith("DOTNET_", StringComparison.Ordinal)
                || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            )
            .ToDictionary(name => name, _ => (string?)null);
        _environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")
        );
        _environment["HVBACKUP_STATE"] = state;
    }

    /// <summary>How it was built.</summary>
    public string How { get; }

    /// <summary>The measurements of all works, for the peak of memory and the profile.</summary>
    public List<(string Work, Series Series)> Measured { get; } = [];

    /// <summary>Takes a program that is there.</summary>
    public static HvBackup Existing(Child child, Tools tools, string program, string state) =>
        new(child, tools, Path.GetFullPath(program), "given by --cli: " + program, state);

    /// <summary>
    /// Builds it from this repository as it is shipped, a native program, or as near to that as the compilers that can
    /// be had allow.
    /// </summary>
    /// <exception cref="ChildException">It does not build.</exception>
    public static HvBackup Publish(Child child, Tools tools, string repository, string folder, string state)
    {
        var platform = "linux-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        string[] command =
        [
            "dotnet",
            "publish",
            Path.Combine(repository, "src/HyperVBackup.Cli"),
            "-c",
            "Release",
            "-r",
            platform,
            "-nologo",
            "-v",
            "quiet",
            "--artifacts-path",
            Path.Combine(folder, "build"),
            "-o",
            Path.Combine(folder, "bin"),
        ];
        var complaint = "";
        foreach (var (options, how) in Ways)
        {
            var result = child.Run([.. command, .. options]);
            if (result.ExitCode == 0)
                return new HvBackup(
                    child,
                    tools,
                    Path.Combine(folder, "bin/hvbackup"),
                    "published in Release for " + platform + ", " + how,
                    state
                );
            complaint = (result.Output + result.Error).Trim();
        }

        throw new ChildException("hvbackup does not build: " + complaint);
    }

    /// <summary>Backs a folder up to targets.</summary>
    public Sample Backup(string source, params string[] targets) =>
        Run(targets, ["backup", source, "--to", .. targets, "--provider", "copy"]);

    /// <summary>Verifies a set.</summary>
    public Sample Verify(string target, string set) => Run([], ["verify", target, "--set", set]);

    /// <summary>Restores a set.</summary>
    public Sample Restore(string target, string set, string folder) =>
        Run([folder], ["restore", target, "--set", set, "--to", folder]);

    /// <summary>The folder of a set on a target.</summary>
    public static string SetFolder(string target, string set) => Path.Combine(target, "Backup-" + set);

    private Sample Run(string[] written, string[] arguments)
    {
        var result = _child.Run([_program, .. arguments, "--json", "--no-progress"], _environment);
        if (result.ExitCode != 0)
            throw new ChildException(
                "hvbackup " + arguments[0] + " ended with " + result.ExitCode + ": " + Complaint(result)
            );
        return Sample.Of(result) with
        {
            Result = JsonDocument.Parse(result.Output).RootElement,
            SyncSeconds = written.Sum(folder => _tools.Sync(folder).Seconds),
        };
    }

    private static string Complaint(ChildResult result)
    {
        try
        {
            var json = JsonDocument.Parse(result.Output).RootElement;
            foreach (var name in new[] { "failures", "warnings" })
                if (json.TryGetProperty(name, out var list) && list.GetArrayLength() > 0)
                    return list[0].ToString().ReplaceLineEndings(" ");
        }
        catch (JsonException)
        {
            // Then it is on the other stream.
        }

        return result.Error.Trim().ReplaceLineEndings(" ");
    }
}
