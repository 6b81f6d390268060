using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>Restoring, verifying and listing as a person does it.</summary>
public sealed class RestoreTests
{
    [Fact]
    public void A_restore_says_what_came_back_from_which_set_and_when_it_was_made()
    {
        using var work = Backed(out _);
        var ran = work.Run("restore", work.D, "--to", work["R"]);
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("Restored from SetA on " + work.D + " to " + work["R"] + ".", ran.Output);
        Assert.Matches(
            @"for the plan 'ad-hoc' and committed \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(just now\)\.",
            ran.Output
        );
        Assert.Contains("2 files restored, 2.9 MB in ", ran.Output);
        Assert.Equal(File.ReadAllBytes(work["C/files/disk.vhdx"]), File.ReadAllBytes(work["R/files/disk.vhdx"]));
        Assert.Contains("0 files restored, 0 B in 0.", work.Run("restore", work.D, "--to", work["R"]).Output);
    }

    [Fact]
    public void Patterns_choose_what_comes_back_and_one_that_matches_nothing_is_a_failure()
    {
        using var work = Backed(out _);
        Assert.Equal(
            0,
            work.Run("restore", work.D, "--to", work["R"], "--path", "*.vhdx", "--path", "nothing").ExitCode
        );
        Assert.Equal(
            ["disk.vhdx"],
            Directory.GetFiles(work["R"], "*", SearchOption.AllDirectories).Select(Path.GetFileName)
        );
        Assert.Equal(1, work.Run("restore", work.D, "--to", work["R"], "--path", "nothing").ExitCode);
        Assert.Equal(2, work.Run("restore", work.D, "--to", work["R"], "--path", "../x").ExitCode);
    }

    [Fact]
    public void Virtual_machines_are_listed_and_restored_by_name()
    {
        using var work = Backed(out var state);
        var none = work.Run("restore", work.D, "--to", work["R"], "--vm", "web*");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains(
            "cannot restore the virtual machine 'web*': the set has copies of folders only (files)",
            none.Error
        );
        // As in a set whose folder is a copy of a virtual machine.
        const string id = "6d3f2c1a-0000-4000-8000-1234567890ab";
        File.WriteAllText(
            state,
            Unsealed(state)
                .Replace("\"machine\": \"\"", "\"machine\": \"web01\"", StringComparison.Ordinal)
                .Replace("\"machineId\": \"\"", "\"machineId\": \"" + id + "\"", StringComparison.Ordinal)
        );
        Assert.Contains("SetA on " + work.D + ": web01", work.Run("list", work.D).Output);
        var machine = Assert.Single(work.Run("list", work.D, "--json").Json["sets"]![0]!["machines"]!);
        Assert.Equal(
            ("web01", id, "files", 2),
            ((string?)machine["name"], (string?)machine["id"], (string?)machine["folder"], (int)machine["files"]!)
        );
        Assert.Contains(
            "the set has web01 (" + id + ")",
            work.Run("restore", work.D, "--to", work["R"], "--vm", "web01", "db01").Error
        );
        Assert.Equal(2, work.Run("restore", work.D, "--to", work["R"], "--vm", " ").ExitCode);
        Assert.False(Directory.Exists(work["R"]));
        var ran = work.Run("restore", work.D, "--to", work["R"], "--vm", "WEB0?");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("The virtual machine web01.", ran.Output);
        Assert.True(File.Exists(work["R/files/disk.vhdx"]));
    }

    [Fact]
    public void What_is_there_with_other_content_is_only_replaced_by_force()
    {
        using var work = Backed(out _);
        work.Write("R/files/a.txt", "mine");
        var refused = work.Run("restore", work.D, "--to", work["R"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Restored only in part", refused.Output);
        Assert.Contains("a file is there already, with other content", refused.Output);
        Assert.Contains("--force", refused.Output);
        Assert.Equal("mine", File.ReadAllText(work["R/files/a.txt"]));
        Assert.Equal(0, work.Run("restore", work.D, "--to", work["R"], "--force").ExitCode);
        Assert.Equal("a", File.ReadAllText(work["R/files/a.txt"]));
    }

    [Fact]
    public void An_incomplete_set_is_not_restored()
    {
        using var work = Backed(out var state);
        File.WriteAllText(state, Unsealed(state).Replace("\"complete\"", "\"writing\"", StringComparison.Ordinal));
        var named = work.Run("restore", work.D, "--to", work["R"], "--set", "SetA");
        Assert.Equal(1, named.ExitCode);
        Assert.Contains("the run that wrote it did not complete it", named.Error);
        Assert.Contains(
            "none of its sets is complete (SetA: incomplete)",
            work.Run("restore", work.D, "--to", work["R"]).Error
        );
        Assert.False(Directory.Exists(work["R"]));
    }

    [Fact]
    public void A_set_with_a_damaged_state_is_listed_with_its_problem_and_doubted_everywhere()
    {
        using var work = Backed(out var state);
        work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        File.WriteAllText(state, "{ this is no state");
        var list = work.Run("list", work.D);
        Assert.Equal(0, list.ExitCode);
        Assert.Matches(@"SetA +damaged", list.Output);
        Assert.Contains("SetA is damaged: ", list.Output);
        Assert.Equal(5, work.Run("verify", work.D, "--set", "SetA").ExitCode);
        var verified = work.Run("verify", work.D);
        Assert.Equal(3, verified.ExitCode);
        Assert.Contains("Good: SetB", verified.Output);
        Assert.Contains("SetA was passed over, because nobody can tell what it is", verified.Output);
    }

    [Fact]
    public void The_newest_set_is_found_among_the_sets_of_several_plans()
    {
        using var work = Backed(out _);
        for (var run = 0; run < 3; run++)
            work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        work.Write("C/other/b.txt", "b");
        work.Run("backup", work["C/other"], "--to", work.D, "--provider", "copy", "--sets", "X,Y");
        Assert.Equal("X", (string?)work.Run("verify", work.D, "--json").Json["set"]);
    }

    [Fact]
    public void A_set_that_is_given_as_the_target_is_answered_with_what_to_type()
    {
        using var work = Backed(out _);
        foreach (var command in new[] { "list", "verify" })
        {
            var ran = work.Run(command, work["D/Backup-SetA"]);
            Assert.Equal(2, ran.ExitCode);
            Assert.Contains("name the folder it lies in, '" + work.D + "', and the set with --set SetA", ran.Error);
        }
    }

    [Fact]
    public void Targets_that_are_missing_do_not_hide_the_others()
    {
        using var work = Backed(out _);
        var ran = work.Run("list", work["nowhere"], work.D);
        Assert.Equal(1, ran.ExitCode);
        Assert.Matches(@"SetA \* +complete", ran.Output);
        Assert.Contains(work["nowhere"] + ": cannot look for sets: there is no such folder", ran.Output);
        Assert.Contains("There are no sets on " + work.E, work.Run("list", work.E).Output);
        Assert.Equal(1, work.Run("verify", work.E).ExitCode);
        Assert.Equal(1, work.Run("verify", work.D, "--set", "SetZ").ExitCode);
    }

    [Fact]
    public void A_mirror_makes_one_folder_like_another()
    {
        using var work = Backed(out _);
        work.Write("M/extra.txt", "extra");
        work.Write("M/keep.log", "left alone");
        var ran = work.Run("mirror", work["C/files"], work["M"], "--exclude", "*.log", "--max-rate", "1G");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("2 files, 2.9 MB: 2 copied, 0 unchanged, 1 deleted.", ran.Output);
        Assert.Equal(
            ["a.txt", "disk.vhdx", "keep.log"],
            Directory.GetFiles(work["M"]).Select(Path.GetFileName).Order()
        );
        Assert.Contains(
            "2 files, 2.9 MB: 0 copied, 2 unchanged, 0 deleted.",
            work.Run("mirror", work["C/files"], work["M"], "--exclude", "*.log").Output
        );
        Assert.Equal(2, work.Run("mirror", work["C/files"], work["C/files/inside"]).ExitCode);
        Assert.Equal(2, work.Run("mirror", work["nowhere"], work["M"]).ExitCode);
    }

    // As of a version that wrote no checksum.
    private static string Unsealed(string state) =>
        Regex.Replace(File.ReadAllText(state), ",\\s*\"sha256\": \"[0-9a-f]+\"", "");

    private static Workplace Backed(out string state)
    {
        var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        work.Fill("C/files/disk.vhdx", 3_000_000);
        Assert.Equal(0, work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy").ExitCode);
        state = work["D/Backup-SetA/.hvbackup/set.json"];
        return work;
    }
}
