using System;
using System.Linq;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>What sets that share blocks do when the blocks that they share are not what they should be.</summary>
public class SharedBlocksTests
{
    [Fact]
    public void A_file_that_is_the_same_in_both_sets_is_one_in_space()
    {
        var host = MemoryHost.New(clones: true);
        host.BackupWell();
        var one = host.Files.Used("D");
        host.BackupWell();
        // Nothing changed: the second costs its manifests, its set.json and its names.
        Assert.InRange(host.Files.Used("D"), one, one + 40 * MemoryNode.PageSize);
        Assert.InRange(one, 150 * MemoryNode.PageSize, long.MaxValue);
        host.RequireTruth();
    }

    [Fact]
    public void A_plan_can_ask_for_full_copies()
    {
        var host = MemoryHost.New(clones: true);
        for (var run = 0; run < 3; run++)
            Assert.Equal(RunOutcome.Complete, host.Backup(host.Plan with { ShareBlocks = false }).Outcome);
        Assert.DoesNotContain(host.Files.Record, step => step.Operation == "TryClone");
    }

    [Fact]
    public void Nothing_is_ever_written_into_the_set_whose_blocks_are_shared()
    {
        var host = WithTwoSets(clones: true);
        var before = MemoryHost.Describe(host.Files, SetLayout.SetFolder(host.Targets[0], "SetB"));
        host.Change(3);
        Assert.Equal("SetA", host.BackupWell());
        Assert.Equal(before, MemoryHost.Describe(host.Files, SetLayout.SetFolder(host.Targets[0], "SetB")));
    }

    [Fact]
    public void A_rotten_page_beside_a_changed_one_is_found_and_does_not_get_into_the_new_set()
    {
        var host = WithTwoSets(clones: true);
        // Block 3 of the disk changes with every run. The last page of it rots, and a page of another block, which
        // nobody would look at.
        host.PutDisk("web.vhdx", Blocks.ChunkSize + 300_000, (0, 1), (3, 2), (10, 0), (11, 6), (33, 2));
        host.Files.Put(Disk, Changed(host.Files.Get(Disk), 3 * Blocks.Size));
        host.Files.Rot(In("SetB", "VHD/web.vhdx"), 4 * Blocks.Size - 10);
        host.Files.Rot(In("SetB", "VHD/web.vhdx"), 11 * Blocks.Size + 5);

        var result = host.Backup();

        Assert.Equal((RunOutcome.CompleteWithWarnings, "SetA"), (result.Outcome, result.Set));
        Assert.Contains(
            result.Warnings,
            warning =>
                warning.Contains(
                    In("SetB", "VHD/web.vhdx") + " does not hold what its manifest says",
                    StringComparison.Ordinal
                )
        );
        host.RequireEqual("SetA");
        host.RequireTruth("SetA");
        Assert.False(host.Verify(host.Sets(host.Targets[0]).Single(set => set.Set == "SetB")).IsGood);
    }

    [Fact]
    public void A_bad_sector_in_a_shared_file_costs_a_warning_and_not_the_run()
    {
        var host = WithTwoSets(clones: true);
        host.Change(3);
        host.Through = new FaultyFiles(host.Files)
        {
            Fail = (operation, path) =>
                operation == "Read"
                && path.Contains(TemporaryNames.Prefix, StringComparison.Ordinal)
                && path.Contains("VHD", StringComparison.Ordinal)
                    ? FailureKind.IoError
                    : null,
        };

        var result = host.Backup();

        Assert.Equal((RunOutcome.CompleteWithWarnings, "SetA"), (result.Outcome, result.Set));
        host.Through = host.Files;
        host.RequireEqual("SetA");
        host.RequireTruth();
    }

    [Fact]
    public void A_shared_block_that_rots_is_found_by_verification_in_every_set_that_shares_it()
    {
        var host = WithTwoSets(clones: true);
        host.Files.Rot(In("SetB", "VHD/web.vhdx"), 5);
        Assert.Equal("SetA", host.BackupWell());
        Assert.All(
            host.Sets(host.Targets[0]),
            set => Assert.Equal("VHD/web.vhdx", Assert.Single(host.Verify(set).Damages).File)
        );
    }

    [Fact]
    public void A_plan_that_verifies_finds_it_before_the_set_counts_and_the_next_run_heals_it()
    {
        var host = WithTwoSets(clones: true);
        var plan = host.Plan with { Verify = true };
        host.Files.Rot(In("SetB", "VHD/web.vhdx"), 5);

        var first = host.Backup(plan);
        var second = host.Backup(plan);

        Assert.Equal((RunOutcome.Failed, FailureKind.BlockDamaged), (first.Outcome, first.Failures[0].Kind));
        Assert.Equal((RunOutcome.Complete, "SetA"), (second.Outcome, second.Set));
        host.RequireEqual("SetA");
        host.RequireTruth("SetA");
        // From here on sets are clones of the good one.
        Assert.Equal("SetB", host.Backup(plan).Set);
        host.RequireTruth();
    }

    [Theory]
    [InlineData("VHD/grows.bin")]
    [InlineData("VHD/sub/same.txt")]
    public void What_somebody_has_touched_is_not_cloned(string file)
    {
        var host = WithTwoSets(clones: true);
        var path = In("SetB", file);
        host.Files.Put(path, Changed(host.Files.Get(path), 0), host.Files.Find(path)!.Modified);
        host.BackupWell();
        host.RequireEqual("SetA");
        host.RequireTruth("SetA");
    }

    [Fact]
    public void What_lies_behind_a_link_is_not_cloned()
    {
        var host = WithTwoSets(clones: true);
        var folder = In("SetB", "VHD/sub");
        // The files themselves are as they were; only the way to them leads elsewhere.
        host.Files.Rename(folder, MemoryFiles.At("D/elsewhere"));
        host.Files.CreateLink(
            folder,
            new FileEntry
            {
                Name = "sub",
                Kind = EntryKind.Link,
                LinkTarget = MemoryFiles.At("D/elsewhere"),
            }
        );
        host.Files.ClearRecord();
        host.BackupWell();
        host.RequireEqual("SetA");
        Assert.DoesNotContain(
            host.Files.Record,
            step => step.Operation == "TryClone" && step.Path.Contains("sub", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_damaged_manifest_of_the_newest_set_costs_space_and_nothing_else()
    {
        var host = WithTwoSets(clones: true);
        host.Change(3);
        host.Files.Rot(SetLayout.ManifestOf(In("SetB", ""), "VHD"), 300);
        var result = host.Backup();
        Assert.Equal((RunOutcome.CompleteWithWarnings, "SetA"), (result.Outcome, result.Set));
        host.RequireEqual("SetA");
        host.RequireTruth("SetA");
    }

    [Fact]
    public void A_run_that_did_not_end_is_followed_by_one_that_believes_no_hash()
    {
        var host = WithTwoSets(clones: true);
        host.Change(3);
        host.KilledAfter(30, () => host.Backup());
        host.Files.Rot(In("SetB", "VHD/web.vhdx"), 5);
        host.BackupWell();
        host.RequireEqual("SetA");
        host.RequireTruth("SetA");
    }

    private static string Disk => PathOf.Join(MemoryHost.Disks, "web.vhdx");

    private static MemoryHost WithTwoSets(bool clones)
    {
        var host = MemoryHost.New(clones: clones);
        host.BackupWell();
        host.Change(2);
        Assert.Equal("SetB", host.BackupWell());
        return host;
    }

    private static string In(string set, string path)
    {
        var folder = SetLayout.SetFolder(MemoryFiles.At("D"), set);
        return path.Length == 0 ? folder : PathOf.Join(folder, path);
    }

    private static byte[] Changed(byte[] content, int at)
    {
        content[at] ^= 1;
        return content;
    }
}
