using System;
using System.IO;
using System.Threading;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>Each exit code, and what is printed with it.</summary>
public sealed class ExitCodeTests
{
    [Fact]
    public void A_complete_backup_is_0()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var ran = work.Run("backup", work["C/files"], "--to", work.D, work.E, "--provider", "copy");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.StartsWith("Complete: the new set SetA is on " + work.D + ", " + work.E + ".", ran.Output);
    }

    [Fact]
    public void A_cancelled_backup_is_1_and_its_set_stays_incomplete()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var ran = work.Run(cancelled.Token, "backup", work["C/files"], "--to", work.D, "--provider", "copy");
        Assert.Equal(1, ran.ExitCode);
        Assert.StartsWith("Cancelled: there is no new set.", ran.Output);
        Assert.Equal(1, work.Run("verify", work.D).ExitCode);
    }

    [Fact]
    public void A_missing_plan_is_2()
    {
        using var work = new Workplace();
        var ran = work.Run("run", work["nope.json"]);
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
        Assert.Contains("(file): there is no such file", ran.Error);
        Assert.Contains("it is a folder; name the plan's file in it", work.Run("run", work.C).Error);
    }

    [Fact]
    public void A_misspelt_property_is_2_says_what_was_meant_and_touches_nothing()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        File.WriteAllText(plan, File.ReadAllText(plan).Replace("\"include\"", "\"inclde\"", StringComparison.Ordinal));
        var ran = work.Run("run", plan);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("jobs[0].inclde: there is no such property; did you mean 'include'?", ran.Error);
        Assert.False(Directory.Exists(work.State));
        Assert.Equal([work["D/SystemVHD"]], Directory.GetFileSystemEntries(work.D));
    }

    [Fact]
    public void A_source_that_is_not_there_is_2()
    {
        using var work = new Workplace();
        var ran = work.Run("backup", work["C/nope"], "--to", work.D);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("source: '" + work["C/nope"] + "' does not exist", ran.Error);
    }

    [Fact]
    public void A_backup_with_something_to_know_is_3()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        work.Write("C/more/b.txt", "b");
        string Plan(string jobs) =>
            work.Write(
                "plan.json",
                $$"""{ "name": "nightly", "shadow": { "provider": "copy" }, "jobs": [ {{jobs}} ] }"""
            );
        const string files = """{ "source": "C/files", "targets": ["D"] }""";
        var both = Plan(files + """, { "source": "C/more", "targets": ["D"] }""");
        for (var run = 0; run < 2; run++)
            work.Run("run", both);
        var ran = work.Run("run", Plan(files));
        Assert.Equal(3, ran.ExitCode);
        Assert.StartsWith("Complete, with warnings:", ran.Output);
        Assert.Contains("belongs to no job of the plan any more", ran.Output);
    }

    [Fact]
    public void The_sets_of_another_plan_are_written_only_by_those_who_take_them_over()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        work.Write("C/other/b.txt", "b");
        string[] Backup(string folder, params string[] more) =>
            ["backup", work[folder], "--to", work.D, "--provider", "copy", "--sets", "One,Two", .. more];
        work.Run(Backup("C/files"));
        var refused = work.Run(Backup("C/other"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--take-over", refused.Output);
        Assert.Equal(0, work.Run(Backup("C/other", "--take-over")).ExitCode);
    }

    [Theory]
    [InlineData("state/run.lock")]
    [InlineData("D/.hvbackup.lock")]
    public void A_lock_that_somebody_holds_is_4(string path)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var file = work.Write(path, "");
        using var held = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var ran = work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy", "--json");
        Assert.Equal(4, ran.ExitCode);
        Assert.Equal("lockHeld", (string?)ran.Json["failures"]![0]!["kind"]);
    }

    [Fact]
    public void Damage_is_5_and_names_the_file_and_its_bytes()
    {
        using var work = new Workplace();
        var time = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(work.Fill("C/files/disk.vhdx", 3_000_000), time);
        work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        var copy = work["D/Backup-SetA/files/disk.vhdx"];
        var content = File.ReadAllBytes(copy);
        content[1_000_000] ^= 1;
        File.WriteAllBytes(copy, content);
        File.SetLastWriteTimeUtc(copy, time);

        var ran = work.Run("verify", work.D);
        var json = work.Run("verify", work.D, "--json");

        Assert.Equal((5, 5), (ran.ExitCode, json.ExitCode));
        Assert.Matches(@"files/disk\.vhdx: bytes \d+ to \d+ do not have their hash", ran.Output);
        var damage = Assert.Single(json.Json["damages"]!);
        Assert.InRange(1_000_000, (long)damage["offset"]!, (long)damage["offset"]! + (long)damage["length"]! - 1);
        Assert.Equal("damaged", (string?)json.Json["outcome"]);
        Assert.Equal(0, work.Run("verify", work.D, "--quick").ExitCode);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("backup --help")]
    [InlineData("restore -h")]
    [InlineData("--version")]
    public void Help_and_version_are_0(string args)
    {
        using var work = new Workplace();
        var ran = work.Run(args.Split(' '));
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Contains(args == "--version" ? "hvbackup " : "Usage:", ran.Output);
    }

    [Fact]
    public void The_version_is_the_modules()
    {
        using var work = new Workplace();
        Assert.Equal(
            "hvbackup " + typeof(Program).Assembly.GetName().Version!.ToString(3) + Environment.NewLine,
            work.Run("--version").Output
        );
    }

    [Fact]
    public void A_disk_that_is_full_is_1_and_the_newest_complete_set_is_still_good()
    {
        using var work = new Workplace();
        using var small = SmallVolume.Mount(work["small"], 24);
        work.Fill("C/files/a.bin", 5_000_000);
        for (var run = 0; run < 2; run++)
            Assert.Equal(0, work.Run("backup", work["C/files"], "--to", work["small"], "--provider", "copy").ExitCode);
        work.Fill("C/files/b.bin", 30_000_000);

        var ran = work.Run("backup", work["C/files"], "--to", work["small"], "--provider", "copy", "--json");

        Assert.Equal((1, "diskFull"), (ran.ExitCode, (string?)ran.Json["failures"]![0]!["kind"]));
        var verified = work.Run("verify", work["small"], "--json");
        Assert.Equal((0, "SetB"), (verified.ExitCode, (string?)verified.Json["set"]));
        Assert.Matches(@"SetA +incomplete", work.Run("list", work["small"]).Output);
    }
}
