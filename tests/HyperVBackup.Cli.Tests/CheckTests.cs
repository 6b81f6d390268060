using System;
using System.IO;
using System.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary><c>hvbackup check</c>.</summary>
public sealed class CheckTests
{
    [Fact]
    public void A_plan_is_shown_with_what_it_would_write_where()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        work.Run("run", plan);
        var before = work.Snapshot("");

        var ran = work.Run("check", plan);

        Assert.Equal(before, work.Snapshot(""));
        Assert.Equal("", ran.Error);
        Assert.Matches("^The plan 'nightly' can be used", ran.Output);
        Assert.Contains("Run 2 would write SetB; SetA stays as the last good one.", ran.Output);
        Assert.Contains("Read through copy: nothing is frozen.", ran.Output);
        Assert.Matches(@"(?m)^\S+ +VHD +1 +11\.4 MB +", ran.Output);
        Assert.Matches(@"(?m)^\S+ +\S+ +new +1\.9 MB +[\d.]+ [KMGT]B\r?$", ran.Output);
        Assert.All(
            ran.Output.Split('\n').Where(line => !line.Contains("one disk", StringComparison.Ordinal)),
            line => Assert.True(line.TrimEnd('\r').Length <= 80, line)
        );
    }

    [Fact]
    public void Scripts_get_an_object_and_0_or_3()
    {
        using var work = new Workplace();
        var json = work.Run("check", work.WriteSeedPlan(), "--json");
        // Folders of one disk are warned of; on a machine whose disk is not known they are not.
        Assert.Contains(json.ExitCode, new[] { 0, 3 });
        Assert.Equal(
            (json.ExitCode == 0 ? "usable" : "usableWithWarnings", json.ExitCode),
            ((string?)json.Json["outcome"], (int)json.Json["exitCode"]!)
        );
        Assert.Equal(
            (true, true, "SetA", "none"),
            (
                (bool)json.Json["isValid"]!,
                (bool)json.Json["fits"]!,
                (string?)json.Json["set"],
                (string?)json.Json["consistency"]
            )
        );
        Assert.Equal([work.D, work.E], json.Json["targets"]!.Select(target => (string?)target["target"]));
        Assert.True((long)json.Json["targets"]![0]!["neededBytes"]! > 2_000_000);
    }

    [Theory]
    [InlineData(
        "\"name\": \"nightly\"",
        "\"nmae\": \"nightly\"",
        "nmae: there is no such property; did you mean 'name'?"
    )]
    [InlineData("\"D/SystemVHD\"", "\"D/Nothing\"", "jobs[1].source: ")]
    [InlineData("[\"SetA\",\"SetB\"]", "[\"SetA\"]", "sets: a plan needs at least two sets")]
    [InlineData("}", "", "(file): it is not valid JSON")]
    public void A_plan_that_cannot_be_used_is_2_and_says_why(string right, string wrong, string problem)
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        File.WriteAllText(
            plan,
            File.ReadAllText(plan)
                .Replace("\"SetA\", \"SetB\"", "\"SetA\",\"SetB\"", StringComparison.Ordinal)
                .Replace(right, wrong, StringComparison.Ordinal)
        );
        var ran = work.Run("check", plan);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("cannot be used as things are.", ran.Output);
        Assert.Contains("  " + problem, ran.Output);
        var json = work.Run("check", plan, "--json");
        Assert.Equal(("unusable", 2), ((string?)json.Json["outcome"], (int)json.Json["exitCode"]!));
        Assert.NotEmpty(json.Json["problems"]!);
        Assert.False(Directory.Exists(work.State));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error_as_it_is_for_run()
    {
        using var work = new Workplace();
        Assert.Equal(work.Run("run", work["no.json"]), work.Run("check", work["no.json"]));
        Assert.Equal(2, work.Run("check", work.C, "--json").ExitCode);
    }

    [Fact]
    public void What_does_not_fit_is_2_and_then_the_run_meets_a_full_disk()
    {
        using var work = new Workplace();
        using var small = SmallVolume.Mount(work["small"], 24);
        work.Fill("C/files/b.bin", 30_000_000);
        var plan = work.Write(
            "plan.json",
            """{ "jobs": [ { "source": "C/files", "targets": [ "small" ] } ], "shadow": { "provider": "copy" } }"""
        );
        var check = work.Run("check", plan, "--json");
        Assert.Equal((2, false), (check.ExitCode, (bool)check.Json["fits"]!));
        Assert.Equal("diskFull", (string?)work.Run("run", plan, "--json").Json["failures"]![0]!["kind"]);
    }
}
