using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>The one object of --json.</summary>
public sealed class JsonTests
{
    [Fact]
    public void A_backup_tells_everything_that_scripts_branch_on()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var ran = work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy", "--verify", "--json");
        var json = ran.Json;
        Assert.Equal(["outcome", "exitCode"], json.Properties().Take(2).Select(property => property.Name));
        Assert.Equal(
            ("complete", 0, "SetA", "copy", "none"),
            (
                (string?)json["outcome"],
                (int)json["exitCode"]!,
                (string?)json["set"],
                (string?)json["provider"],
                (string?)json["consistency"]
            )
        );
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", (string?)json["started"]);
        Assert.Equal(JTokenType.Float, json["duration"]!.Type);
        Assert.Equal((1, 0), ((int)json["bytesRead"]!, (int)json["failureCount"]!));
        Assert.Equal(
            (work["C/files"], work.D, work["D/Backup-SetA/files"]),
            (
                (string?)json["jobs"]![0]!["source"],
                (string?)json["jobs"]![0]!["target"],
                (string?)json["jobs"]![0]!["folder"]
            )
        );
        Assert.Equal("", ran.Error);
    }

    [Fact]
    public void A_failure_tells_what_where_why_and_what_to_do()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var failure = work.Run("backup", work["C/files"], "--to", work["nowhere"], "--provider", "copy", "--json").Json[
            "failures"
        ]![0]!;
        Assert.Equal(
            ["kind", "target", "operation", "cause", "nativeCode", "advice", "errorId", "message"],
            failure.Cast<JProperty>().Select(property => property.Name)
        );
        Assert.Equal(
            ("targetMissing", work["nowhere"], "HvBackup.TargetMissing"),
            ((string?)failure["kind"], (string?)failure["target"], (string?)failure["errorId"])
        );
        Assert.StartsWith("Attach the disk", (string?)failure["advice"]);
    }

    [Theory]
    [InlineData("backup --json", "arguments")]
    [InlineData("demo --json", "arguments")]
    [InlineData("backup a --to b --tp c --json", "arguments")]
    [InlineData("--json", "arguments")]
    [InlineData("run nope.json --json", "(file)")]
    public void Arguments_that_are_wrong_are_an_object_too(string args, string property)
    {
        using var work = new Workplace();
        var ran = work.Run(args.Split(' '));
        Assert.Equal((2, "failed", 2), (ran.ExitCode, (string?)ran.Json["outcome"], (int)ran.Json["exitCode"]!));
        Assert.Equal("badPlan", (string?)ran.Json["failures"]![0]!["kind"]);
        Assert.Equal(property, (string?)ran.Json["problems"]![0]!["property"]);
        Assert.Equal("", ran.Error);
    }

    [Fact]
    public void A_list_has_the_targets_and_their_sets()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        for (var run = 0; run < 2; run++)
            work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        var json = work.Run("list", work.D, work.E, "--json").Json;
        Assert.Equal([work.D, work.E], json["targets"]!.Select(target => (string?)target));
        Assert.Equal(
            ["SetB complete True", "SetA complete False"],
            json["sets"]!.Select(set => set["set"] + " " + set["state"] + " " + set["isNewest"])
        );
        Assert.Equal((1, 1), ((int)json["sets"]![0]!["files"]!, (int)json["sets"]![0]!["bytes"]!));
    }

    [Fact]
    public void A_set_that_was_found_damaged_is_not_called_complete()
    {
        using var work = new Workplace();
        var file = work.Write("C/files/a.txt", "a");
        work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        var copy = work["D/Backup-SetA/files/a.txt"];
        File.WriteAllText(copy, "b");
        File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(file));
        Assert.Equal(5, work.Run("verify", work.D).ExitCode);
        var set = Assert.Single(work.Run("list", work.D, "--json").Json["sets"]!);
        Assert.Equal(("damaged", true), ((string?)set["state"], (bool)set["foundDamaged"]!));
        Assert.Matches(@"SetA \* +damaged", work.Run("list", work.D).Output);
    }

    [Fact]
    public void It_is_ASCII_whatever_names_hold()
    {
        using var work = new Workplace();
        work.Write("C/\u0159e\u0161en\u00ed \U0001F4BE/a.txt", "a");
        var ran = work.Run(
            "backup",
            work["C/\u0159e\u0161en\u00ed \U0001F4BE"],
            "--to",
            work.D,
            "--provider",
            "copy",
            "--json"
        );
        Assert.Equal(0, ran.ExitCode);
        Assert.DoesNotContain(ran.Output, c => c > 126);
        Assert.Equal(work["C/\u0159e\u0161en\u00ed \U0001F4BE"], (string?)ran.Json["jobs"]![0]!["source"]);
    }

    [Fact]
    public void Names_that_are_no_text_break_neither_the_object_nor_the_report()
    {
        Platform.NeedsPosix();
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        // A byte that is no UTF-8, and a name that would clear the screen.
        foreach (var name in new[] { "\udc80.txt", "\u001b[2J\n.txt" })
            FileSystems.Current.Create(PathOf.Join(work["D/Backup-SetA/files"], name), false).Dispose();

        var json = work.Run("verify", work.D, "--json");
        var text = work.Run("verify", work.D);

        Assert.Equal((5, 5), (json.ExitCode, text.ExitCode));
        Assert.Contains("files/\\udc80.txt", json.Output);
        Assert.Contains("files/\u001b[2J\n.txt", json.Json["damages"]!.Select(damage => (string)damage["file"]!));
        Assert.Contains("  files/\\udc80.txt: ", text.Output);
        Assert.Contains("  files/\\u001b[2J\\u000a.txt: ", text.Output);
        Assert.DoesNotContain('\u001b', text.Output);
    }

    [Fact]
    public void A_mirror_a_verification_and_a_restore_have_outcome_exit_code_and_duration()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "abc");
        work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        foreach (
            var args in new[]
            {
                new[] { "mirror", work["C/files"], work["M"] },
                ["verify", work.D],
                ["restore", work.D, "--to", work["R"]],
            }
        )
        {
            var json = work.Run([.. args, "--json"]).Json;
            Assert.Equal(("complete", 0), ((string?)json["outcome"], (int)json["exitCode"]!));
            Assert.Equal(JTokenType.Float, json["duration"]!.Type);
            Assert.Empty(json["failures"]!);
        }

        Assert.Equal("abc", File.ReadAllText(work["R/files/a.txt"]));
    }
}
