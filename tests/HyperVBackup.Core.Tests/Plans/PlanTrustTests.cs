using System;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>A plan that names commands is code.</summary>
public sealed class PlanTrustTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _file;

    public PlanTrustTests()
    {
        _folder.Folder("source");
        _folder.Folder("target");
        _folder.Write("bin/notify.sh", "#!/bin/sh\n");
        _folder.Write("plans/alarm.ps1", "'alarm'");
        _file = _folder.Write(
            "plans/nightly.json",
            Json(
                """
                { "command": "../bin/notify.sh", "arguments": ["--mail", "alarm.ps1", "a b", "\u0000"],
                  "timeoutSeconds": 5 }
                """
            )
        );
        if (PathOf.IsWindows)
            return;
        foreach (var folder in new[] { "", "plans", "bin" })
            FileTools.SetMode(_folder[folder], "755");
        foreach (var file in new[] { "plans/nightly.json", "plans/alarm.ps1", "bin/notify.sh" })
            FileTools.SetMode(_folder[file], "644");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Commands_are_read_with_their_path_beside_the_plan()
    {
        var plan = Read();
        Assert.Equal(
            (_folder["bin/notify.sh"], TimeSpan.FromSeconds(5), _file),
            (plan.OnFailure!.Command, plan.OnFailure.Timeout, plan.File)
        );
        Assert.Equal(["--mail", "alarm.ps1", "a b", "\0"], plan.OnFailure.Arguments);
        Assert.Null(plan.OnSuccess);
    }

    [Theory]
    [InlineData("""{ "arguments": [] }""", "onFailure.command: it is missing")]
    [InlineData(
        """{ "comand": "x", "command": "x" }""",
        "onFailure.comand: there is no such property; did you mean 'command'?"
    )]
    [InlineData(
        """{ "command": "x", "timeoutSeconds": 0 }""",
        "onFailure.timeoutSeconds: it must be a number from 1 to 86400"
    )]
    [InlineData("\"notify.sh\"", "onFailure: it must be an object")]
    public void What_is_wrong_with_a_command_is_named(string command, string message)
    {
        File.WriteAllText(_file, Json(command));
        Assert.Contains(message, Assert.Throws<PlanException>(Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_is_not_there_or_no_absolute_path_is_refused()
    {
        File.Delete(_folder["bin/notify.sh"]);
        Assert.Contains("does not exist", Assert.Single(Problems()).Message, StringComparison.Ordinal);
        var bare = Read() with { OnFailure = new PlanCommand { Command = "notify.sh" } };
        Assert.Contains(
            "no absolute path",
            Assert.Single(PlanValidator.Validate(bare, FileSystems.Current)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("plans/nightly.json", "666", "(file)")]
    [InlineData("plans/nightly.json", "664", "(file)")]
    [InlineData("plans", "777", "(file)")]
    [InlineData("plans", "1777", "(file)")]
    [InlineData("bin/notify.sh", "757", "onFailure.command")]
    [InlineData("plans/alarm.ps1", "666", "onFailure.arguments[1]")]
    public void What_others_may_write_to_is_refused_with_what_to_do(string path, string mode, string property)
    {
        Platform.NeedsPosix();
        Assert.Empty(Problems());
        FileTools.SetMode(_folder[path], mode);
        var problem = Assert.Single(Problems());
        Assert.Equal(property, problem.Property);
        Assert.Contains(
            _folder[path] + ": cannot run the commands of the plan: ",
            problem.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("chmod go-w '" + _folder[path] + "'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_without_commands_may_lie_anywhere()
    {
        Platform.NeedsPosix();
        File.WriteAllText(_file, Json(null));
        FileTools.SetMode(_file, "666");
        FileTools.SetMode(_folder["plans"], "777");
        Assert.Empty(Problems());
    }

    [Fact]
    public void A_link_to_a_plan_is_as_good_as_the_folders_of_both()
    {
        Platform.NeedsPosix();
        var links = _folder.Folder("links");
        FileTools.SetMode(links, "777");
        File.CreateSymbolicLink(_folder["links/plan.json"], _file);
        var plan = PlanJson.Parse(File.ReadAllText(_file), _folder["links/plan.json"], _folder["plans"]);
        Assert.Contains(
            links + ": cannot run",
            Assert.Single(PlanValidator.Validate(plan, FileSystems.Current)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("", "777", true)] // who may write to a folder above swaps what is in it
    [InlineData("", "1777", false)] // as in /tmp, where nobody renames what is another's
    [InlineData("plans", "1777", true)] // but the file itself could be made there before
    public void The_folders_above_decide_as_well(string folder, string mode, bool isRefused)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root: the folder must be root's");
        FileTools.SetMode(_folder[folder], mode);
        var plan = Read() with { OnFailure = new PlanCommand { Command = "/bin/true" } };
        Assert.Equal(
            isRefused,
            PlanValidator
                .Validate(plan, FileSystems.Current)
                .Any(problem =>
                    problem.Property == "(file)"
                    && problem.Message.StartsWith(_folder[folder].TrimEnd('/') + ": cannot run")
                )
        );
        FileTools.SetMode(_folder[folder], "755");
    }

    [Fact]
    public void A_link_above_a_script_is_as_good_as_its_folder()
    {
        Platform.NeedsPosix();
        FileTools.SetMode(_folder.Folder("links"), "777");
        Directory.CreateSymbolicLink(_folder["links/bin"], "../bin");
        Directory.CreateSymbolicLink(_folder["bin2"], "links/bin");
        var plan = Read() with { OnFailure = new PlanCommand { Command = _folder["bin2/notify.sh"] } };
        var problem = Assert.Single(PlanValidator.Validate(plan, FileSystems.Current));
        Assert.StartsWith(_folder["links"] + ": cannot run", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_is_no_file_is_as_trusted_as_the_script_it_stands_in()
    {
        var plan = PlanJson.Parse(File.ReadAllText(_file), "The plan given as a hashtable", _folder["plans"]);
        Assert.Null(plan.File);
        Assert.Empty(PlanValidator.Validate(plan, FileSystems.Current));
    }

    private static string Json(string? onFailure) =>
        $$"""
            { "jobs": [ { "source": "../source", "targets": [ "../target" ] } ]{{(
                onFailure == null ? "" : ", \"onFailure\": " + onFailure
            )}} }
            """;

    private BackupPlan Read() => PlanJson.Parse(File.ReadAllText(_file), _file, PathOf.Parent(_file));

    private PlanProblem[] Problems() => PlanValidator.Validate(Read(), FileSystems.Current).ToArray();
}
