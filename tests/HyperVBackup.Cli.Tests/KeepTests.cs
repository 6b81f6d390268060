using System;
using System.IO;
using System.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>More than two sets, and which are kept.</summary>
public sealed class KeepTests
{
    [Fact]
    public void A_number_of_sets_is_that_many_names()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var sets = Enumerable
            .Range(0, 4)
            .Select(_ =>
                (string?)
                    work.Run(
                        "backup",
                        work["C/files"],
                        "--to",
                        work.D,
                        "--provider",
                        "copy",
                        "--sets",
                        "3",
                        "--json"
                    ).Json["set"]
            );
        Assert.Equal(["Set01", "Set02", "Set03", "Set01"], sets);
    }

    [Fact]
    public void With_keep_each_run_writes_a_new_set_and_removes_what_is_not_kept()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        string[] backup =
        [
            "backup",
            work["C/files"],
            "--to",
            work.D,
            "--provider",
            "copy",
            "--keep",
            "last=2,daily=3",
            "--json",
        ];
        var (first, second) = (work.Run(backup).Json, work.Run(backup).Json);
        var third = work.Run(backup);
        Assert.Equal((0, (string?)first["set"]), (third.ExitCode, (string?)Assert.Single(third.Json["removed"]!)));
        Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}_[0-9]{4}(-[0-9]+)?$", (string?)third.Json["set"]);
        Assert.Equal(
            new[] { second, third.Json }.Select(run => "Backup-" + run["set"]).Order(StringComparer.Ordinal),
            Directory.GetDirectories(work.D).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(0, work.Run("verify", work.D).ExitCode);
    }

    [Fact]
    public void Prune_says_first_and_removes_then()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        string Plan(int last) =>
            work.Write(
                "plan.json",
                $$"""
                { "name": "nightly", "keep": { "last": {{last}} },
                  "jobs": [ { "source": "C/files", "targets": ["D"] } ],
                  "shadow": { "provider": "copy" } }
                """
            );
        for (var run = 0; run < 4; run++)
            Assert.Equal(0, work.Run("run", Plan(9)).ExitCode);
        var plan = Plan(2);
        var before = work.Snapshot("D");

        var dry = work.Run("prune", plan, "--dry-run", "--json");
        Assert.Equal((0, true, 4), (dry.ExitCode, (bool)dry.Json["dryRun"]!, dry.Json["sets"]!.Count()));
        Assert.Equal(before, work.Snapshot("D"));
        Assert.Contains(
            "2 sets would be removed.",
            work.Run("prune", plan, "--dry-run").Output,
            StringComparison.Ordinal
        );

        var pruned = work.Run("prune", plan);
        Assert.Equal(0, pruned.ExitCode);
        Assert.Contains("2 sets removed.", pruned.Output, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetDirectories(work.D).Length);
        Assert.Contains("Nothing to remove.", work.Run("prune", plan).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--keep daily", "gives no number")]
    [InlineData("--keep hourly=2", "is not one of last")]
    [InlineData("--keep last=3 --sets A,B", "leave one of the two out")]
    [InlineData("--sets 1", "at least two sets")]
    public void What_is_no_rule_is_refused_before_anything_is_touched(string options, string why)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var ran = work.Run(["backup", work["C/files"], "--to", work.D, "--provider", "copy", .. options.Split(' ')]);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains(why, ran.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(work.D));
    }

    [Fact]
    public void Prune_needs_a_plan_with_keep()
    {
        using var work = new Workplace();
        var ran = work.Run("prune", work.WriteSeedPlan());
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("keep: it is missing", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void List_measures_what_sets_take_when_asked()
    {
        using var work = new Workplace();
        work.Fill("C/files/a.bin", 300_000);
        Assert.Equal(0, work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy").ExitCode);
        Assert.Equal(
            Newtonsoft.Json.Linq.JTokenType.Null,
            work.Run("list", work.D, "--json").Json["sets"]![0]!["ownBytes"]!.Type
        );
        var measured = work.Run("list", work.D, "--size", "--json").Json["sets"]![0]!;
        if (measured["ownBytes"]!.Type == Newtonsoft.Json.Linq.JTokenType.Null)
            Assert.Contains(" - ", work.Run("list", work.D, "--size").Output, StringComparison.Ordinal);
        else
            Assert.InRange((long)measured["ownBytes"]! + (long)measured["sharedBytes"]!, 300_000, 400_000);
    }
}
