using System;
using System.IO;
using System.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>The plan of the seed, run again and again.</summary>
public sealed class SeedPlanTests
{
    private const string Configuration = "C/ProgramData/Microsoft/Windows/Hyper-V/Virtual Machines/";

    [Fact]
    public void Three_runs_write_SetA_then_SetB_then_SetA_again()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();

        var sets = Enumerable.Range(0, 3).Select(_ => work.Run("run", plan, "--json")).ToList();

        Assert.All(sets, ran => Assert.Equal(0, ran.ExitCode));
        Assert.Equal(["SetA", "SetB", "SetA"], sets.Select(ran => (string?)ran.Json["set"]));
        Assert.Equal([1L, 2L, 3L], sets.Select(ran => (long)ran.Json["sequence"]!));
    }

    [Fact]
    public void A_set_holds_what_the_disks_held_contents_time_stamps_and_deletions_alike()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        work.Write(Configuration + "test.xml", "<test/>");
        var old = new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(work[Configuration + "web.xml"], old);
        Assert.Equal(0, work.Run("run", plan).ExitCode);
        Assert.True(File.Exists(work["D/Backup-SetA/CFG/Virtual Machines/test.xml"]));
        Assert.Equal(0, work.Run("run", plan).ExitCode);

        File.Delete(work[Configuration + "test.xml"]);
        work.Write(Configuration + "mail.vmcx", "mail");
        var changed = ChangeWithoutMovingItsTime(work["D/SystemVHD/web.vhd"]);
        Assert.Equal(0, work.Run("run", plan).ExitCode);

        foreach (var disk in new[] { "D", "E" })
        {
            Assert.Equal(
                ["mail.vmcx", "web.xml"],
                Directory.GetFiles(work[disk + "/Backup-SetA/CFG/Virtual Machines"]).Select(Path.GetFileName).Order()
            );
            Assert.False(File.Exists(work[disk + "/Backup-SetA/CFG/readme.txt"]));
            Assert.Equal("<web/>", File.ReadAllText(work[disk + "/Backup-SetA/CFG/Virtual Machines/web.xml"]));
            Assert.Equal(old, File.GetLastWriteTimeUtc(work[disk + "/Backup-SetA/CFG/Virtual Machines/web.xml"]));
        }

        Assert.Equal(changed, File.ReadAllBytes(work["E/Backup-SetA/VHD/web.vhd"]));
        Assert.Equal(
            File.GetLastWriteTimeUtc(work["D/SystemVHD/web.vhd"]),
            File.GetLastWriteTimeUtc(work["E/Backup-SetA/VHD/web.vhd"])
        );
        Assert.Equal(
            File.ReadAllBytes(work["E/DataVHD/data.vhdx"]),
            File.ReadAllBytes(work["D/Backup-SetA/VHD/data.vhdx"])
        );
        Assert.True(File.Exists(work["D/Backup-SetB/CFG/Virtual Machines/test.xml"]), "the other set stays as it was");
    }

    [Fact]
    public void The_result_counts_what_was_copied_kept_and_deleted()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        work.Write(Configuration + "test.xml", "<test/>");
        work.Run("run", plan);
        work.Run("run", plan);
        File.Delete(work[Configuration + "test.xml"]);
        ChangeWithoutMovingItsTime(work["D/SystemVHD/web.vhd"]);

        var result = work.Run("run", plan, "--json").Json;

        var system = result["jobs"]!.Single(job =>
            ((string)job["source"]!).EndsWith("SystemVHD", StringComparison.Ordinal)
        );
        Assert.Equal(
            (1, 1, 0, 0),
            (
                (int)system["files"]!,
                (int)system["filesCopied"]!,
                (int)system["filesUnchanged"]!,
                (int)system["deleted"]!
            )
        );
        Assert.InRange((long)system["bytesWritten"]!, 1, 1_000_000);
        var configuration = result["jobs"]!.First(job =>
            ((string)job["folder"]!).EndsWith("CFG", StringComparison.Ordinal)
        );
        Assert.Equal(
            (1, 0, 1, 1),
            (
                (int)configuration["files"]!,
                (int)configuration["filesCopied"]!,
                (int)configuration["filesUnchanged"]!,
                (int)configuration["deleted"]!
            )
        );
    }

    [Fact]
    public void The_list_shows_both_sets_with_state_age_and_size_and_marks_the_newest()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        work.Run("run", plan);
        work.Run("run", plan);

        var list = work.Run("list", work.D, work.E);

        Assert.Equal(0, list.ExitCode);
        var lines = list.Output.Split('\n').Select(line => line.Trim()).ToList();
        Assert.Matches("^Target +Set +State +Age +Consistency +Files +Size +Plan +Host$", lines[0]);
        Assert.Matches(@"SetB \* +complete +just now +none \(copy\) +2 +1\.9 MB +nightly", lines[1]);
        Assert.Matches(@"SetA +complete +just now +none \(copy\) +2 +1\.9 MB +nightly", lines[2]);
        Assert.Matches(@"SetB \* +complete +just now +none \(copy\) +2 +11\.4 MB +nightly", lines[3]);
    }

    [Fact]
    public void A_missing_target_fails_the_run_and_leaves_the_newest_complete_set_untouched()
    {
        using var work = new Workplace();
        var plan = work.WriteSeedPlan();
        work.Run("run", plan);
        work.Run("run", plan);
        var before = work.Snapshot("D/Backup-SetB");
        Directory.Move(work.E, work["unplugged"]);
        Directory.CreateDirectory(work["E2/DataVHD"]);
        File.WriteAllText(
            plan,
            File.ReadAllText(plan).Replace("\"E/DataVHD\"", "\"E2/DataVHD\"", StringComparison.Ordinal)
        );

        var ran = work.Run("run", plan, "--json");

        Assert.Equal(1, ran.ExitCode);
        Assert.Equal("targetMissing", (string?)ran.Json["failures"]![0]!["kind"]);
        Assert.Equal(before, work.Snapshot("D/Backup-SetB"));
        Assert.Equal("SetB", (string?)work.Run("verify", work.D, "--json").Json["set"]);
    }

    // As the guest of a running machine does: neither size nor time stamp moves.
    private static byte[] ChangeWithoutMovingItsTime(string path)
    {
        var time = File.GetLastWriteTimeUtc(path);
        var content = File.ReadAllBytes(path);
        content[1_234_567] ^= 0xFF;
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, time);
        return content;
    }
}
