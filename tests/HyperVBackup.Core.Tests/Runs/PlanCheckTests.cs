using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>What is said of a plan before anything runs.</summary>
public sealed class PlanCheckTests : IDisposable
{
    private static readonly string[] Harmless = ["Find", "Resolve", "List", "OpenRead", "GetVolume", "Stat", "Read"];
    private readonly MiniatureHost _host = new();
    private readonly List<string> _touched = [];

    public PlanCheckTests()
    {
        // Three disks, as the folders are meant to be.
        _host.Files = new FaultyFiles(FileSystems.Current)
        {
            Volume = (path, volume) => volume with { Disk = DiskOf(path), Id = (ulong)DiskOf(path)[0] },
            Fail = (operation, path) =>
            {
                if (!Harmless.Contains(operation))
                    _touched.Add(operation + " " + path);
                return null;
            },
        };
    }

    private FaultyFiles Files => (FaultyFiles)_host.Files;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_plan_that_is_fine_is_called_so_with_what_it_would_do()
    {
        for (var run = 1; run <= 3; run++)
        {
            var check = Check();
            Assert.Equal((true, true, 0), (check.IsValid, check.Fits, check.ExitCode));
            Assert.Empty(check.Warnings);
            Assert.Equal(("nightly", "copy", Consistency.None), (check.Plan, check.Provider, check.Consistency));
            Assert.Equal(
                [
                    (_host.Config, "CFG", 1L, 16L),
                    (_host.SystemDisks, "VHD", 2L, 9_000_012L),
                    (_host.DataDisks, "VHD", 2L, 5_400_000L),
                ],
                check.Sources.Select(source => (source.Source, source.Folder, source.Files, source.Bytes))
            );
            Assert.Equal([_host.D, _host.E], check.Targets.Select(target => target.Target));
            Assert.All(
                check.Targets,
                target => Assert.True(target.FreeBytes > 0 && target.TotalBytes > 0 && target.FileSystem.Length > 0)
            );
            Assert.Equal(
                run == 1 ? null
                    : run == 2 ? "SetA"
                    : "SetB",
                check.Keeps
            );
            var result = _host.Backup();
            Assert.Equal((result.Set, result.Sequence), (check.Set, check.Sequence));
        }
    }

    [Fact]
    public void Nothing_is_touched_whatever_the_provider()
    {
        _host.Backup();
        foreach (var provider in new[] { "copy", "reflink", "auto" })
        {
            var before = Everything();
            _touched.Clear();
            Check(_host.Plan with { Shadow = new ShadowOptions { Provider = provider } });
            Assert.Empty(_touched);
            Assert.Equal(before, Everything());
        }
    }

    [Fact]
    public void A_first_run_needs_what_the_sources_hold_and_a_later_one_what_has_grown()
    {
        const long slack = 64 * 1024;
        // How many blocks a file has is in flux while the system writes it out.
        FileSystems.Current.TryFlushVolume(_host.Root);
        var first = Check();
        Assert.InRange(Target(first, _host.E).NeededBytes, 9_000_012, 9_000_012 + slack);
        Assert.InRange(Target(first, _host.D).NeededBytes, 5_400_000, 5_400_000 + slack);
        _host.Backup();
        _host.Backup();
        FileSystems.Current.TryFlushVolume(_host.Root);
        Assert.InRange(Target(Check(), _host.E).NeededBytes, 1, slack);
        Tree.Write(Path.Combine(_host.SystemDisks, "web.vhdx"), Tree.Noise(1, 12_000_000));
        Tree.Write(Path.Combine(_host.SystemDisks, "new.vhdx"), Tree.Noise(4, 2_000_000));
        FileSystems.Current.TryFlushVolume(_host.Root);
        Assert.InRange(Target(Check(), _host.E).NeededBytes, 5_000_000 - slack, 5_000_000 + slack);
    }

    [Fact]
    public void Holes_need_no_room_where_both_file_systems_know_them()
    {
        Platform.NeedsPosix();
        using (var disk = File.Create(Path.Combine(_host.SystemDisks, "sparse.vhdx")))
            disk.SetLength(1L << 40);
        Assert.SkipUnless(
            FileSystems.Current.Find(Path.Combine(_host.SystemDisks, "sparse.vhdx"))!.AllocatedBytes < 1 << 20,
            "needs a file system with holes"
        );
        Files.Volume = (path, volume) =>
            volume with
            {
                FileSystem = "ext4",
                Id = (ulong)DiskOf(path)[0],
                Disk = DiskOf(path),
            };
        // The hashes of a tebibyte: 256 MiB and a little.
        Assert.InRange(Target(Check(), _host.E).NeededBytes, 9_000_012, 330_000_000);
        Files.Volume = (path, volume) =>
            volume with
            {
                FileSystem = DiskOf(path) == "E" ? "vfat" : "ext4",
                Id = (ulong)DiskOf(path)[0],
                Disk = DiskOf(path),
            };
        Assert.True(Target(Check(), _host.E).NeededBytes > 1L << 40);
    }

    [Fact]
    public void What_does_not_fit_is_a_problem_that_names_both_numbers()
    {
        Files.Volume = (path, volume) =>
            volume with
            {
                Disk = DiskOf(path),
                Id = (ulong)DiskOf(path)[0],
                FreeBytes = DiskOf(path) == "E" ? 1024 * 1024 : volume.FreeBytes,
            };
        var check = Check();
        Assert.Equal((false, false, 2), (check.IsValid, check.Fits, check.ExitCode));
        Assert.Equal((false, true), (Target(check, _host.E).Fits, Target(check, _host.D).Fits));
        var problem = Assert.Single(check.Problems);
        Assert.Equal("jobs[0].targets[1]", problem.Property);
        Assert.StartsWith(
            _host.E + ": cannot hold the set: in the worst case it takes 8.6 MB, and 1.0 MB are free. ",
            problem.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Targets_on_one_volume_share_its_room()
    {
        Files.Volume = (_, volume) => volume with { Id = 1, Disk = "one", FreeBytes = 12_000_000 };
        var check = Check();
        Assert.False(check.Fits);
        Assert.All(check.Targets, target => Assert.False(target.Fits));
        Assert.Contains(
            _host.D + ", " + _host.E + ": cannot hold the set",
            Assert.Single(check.Problems).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_copy_on_the_disk_of_its_original_is_worth_a_warning()
    {
        Files.Volume = (_, volume) => volume with { Disk = "0" };
        var check = Check();
        Assert.Equal(3, check.ExitCode);
        Assert.Contains(
            _host.SystemDisks
                + " and its copy on "
                + _host.E
                + " lie on one disk (0); whatever destroys it takes both.",
            check.Warnings
        );
        Assert.Contains(
            _host.Config + " and all its copies lie on one disk (0); whatever destroys it takes both.",
            check.Warnings
        );
    }

    [Fact]
    public void Deletions_are_told_for_each_target()
    {
        _host.Backup();
        _host.Backup();
        File.Delete(Path.Combine(_host.SystemDisks, "readme.txt"));
        var check = Check();
        Assert.Equal(
            (1L, 12L, 0L),
            (
                Target(check, _host.E).FilesToDelete,
                Target(check, _host.E).BytesToDelete,
                Target(check, _host.D).FilesToDelete
            )
        );
        Assert.Contains("deletes 1 file, 12 B", Target(check, _host.E).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_and_the_rest_all_the_same()
    {
        Directory.Delete(_host.D, true);
        var check = Check(
            _host.Plan with
            {
                Sets = ["one"],
                Jobs = [.. _host.Plan.Jobs, new BackupJob { Source = "", Targets = [_host.E] }],
            }
        );
        Assert.Equal(
            ["sets", "jobs[1].source", "jobs[3].source", "jobs[0].targets[0]"],
            check
                .Problems.Select(problem => problem.Property)
                .Where(property => !property.EndsWith(".folder", StringComparison.Ordinal))
        );
        Assert.Equal(2, check.ExitCode);
        Assert.Equal("", check.Set);
        Assert.Equal([1L, 2L], check.Sources.Select(source => source.Files));
    }

    [Fact]
    public void A_target_that_is_missing_is_a_problem_here_though_no_mistake_of_the_plan()
    {
        Directory.Delete(_host.D, true);
        var check = Check(_host.Plan with { Jobs = [_host.Plan.Jobs[0], _host.Plan.Jobs[2]] });
        Assert.Equal("jobs[0].targets[0]", Assert.Single(check.Problems).Property);
        Assert.Contains("Attach the disk", check.Problems[0].Message, StringComparison.Ordinal);
        Assert.Equal("", check.Set);
    }

    [Fact]
    public void Foreign_sets_are_named_and_a_problem_unless_they_are_taken_over()
    {
        _host.Backup();
        _host.HostName = "HV2";
        var check = Check();
        Assert.Equal(2, check.Problems.Count);
        Assert.All(
            check.Problems,
            problem => Assert.Contains("written by the host HV1", problem.Message, StringComparison.Ordinal)
        );
        Assert.Equal("jobs[0].targets[0]", check.Problems[0].Property);
        var taken = Check(_host.Plan with { TakeOver = true });
        Assert.True(taken.IsValid);
        Assert.Single(taken.Targets[0].ForeignSets);
    }

    [Fact]
    public void Whoever_holds_a_lock_is_named()
    {
        var before = Check();
        Assert.Null(before.LockedBy);
        Trees.Create(FileSystems.Current, _host.State.Path, true);
        using (RunLock.Take(FileSystems.Current, _host.State.Lock, "weekly", _host.Clock.UtcNow))
        using (RunLock.Take(FileSystems.Current, RunLock.OnTarget(_host.D), "other", _host.Clock.UtcNow))
        {
            var check = Check();
            Assert.Equal(3, check.ExitCode);
            Assert.Contains("'weekly'", check.LockedBy, StringComparison.Ordinal);
            Assert.Contains("'other'", Target(check, _host.D).LockedBy, StringComparison.Ordinal);
            Assert.Equal(2, check.Warnings.Count);
        }

        // What a dead process left is no lock.
        File.WriteAllText(_host.State.Lock, "{}");
        Assert.Null(Check().LockedBy);
        Assert.Equal(RunOutcome.Complete, _host.Backup().Outcome);
    }

    [Fact]
    public void Leftovers_are_named()
    {
        var entry = new JournalEntry
        {
            Id = Guid.NewGuid(),
            Provider = "copy",
            Created = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            Owner = new JournalOwner(int.MaxValue, DateTime.UnixEpoch, Environment.MachineName),
        };
        _host.Context.Journal.Intend(entry);
        Assert.Equal(["the shadow set " + entry.Id + " (copy) of 2026-01-02 03:04Z"], Check().Leftovers);
    }

    [Fact]
    public void Folders_that_others_may_write_to_and_jobs_that_are_no_more_are_warnings_as_in_a_run()
    {
        Platform.NeedsPosix();
        _host.Backup();
        _host.Backup();
        FileTools.SetMode(Path.Combine(_host.E, "Backup-SetA"), "777");
        var check = Check(_host.Plan with { Jobs = [_host.Plan.Jobs[0], _host.Plan.Jobs[1]] });
        Assert.Equal(3, check.ExitCode);
        Assert.Contains(
            check.Warnings,
            warning =>
                warning.StartsWith(Path.Combine(_host.E, "Backup-SetA") + ": cannot vouch", StringComparison.Ordinal)
        );
        Assert.Contains(
            check.Warnings,
            warning =>
                warning.StartsWith(
                    Path.Combine(_host.D, "Backup-SetA", "VHD") + " belongs to no job",
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void A_provider_that_cannot_is_a_problem_and_copies_of_live_files_a_warning()
    {
        Platform.NeedsPosix();
        Files.Volume = (path, volume) => volume with { Disk = DiskOf(path), ClonesBlocks = false };
        var refused = Check(_host.Plan with { Shadow = new ShadowOptions { Provider = "reflink" } });
        Assert.Equal("shadow.provider", Assert.Single(refused.Problems).Property);
        var live = Check(_host.Plan with { Shadow = new ShadowOptions() });
        Assert.Equal(("copy", 3), (live.Provider, live.ExitCode));
        Assert.StartsWith("Nothing would be frozen", Assert.Single(live.Warnings), StringComparison.Ordinal);
        var machines = Check(
            _host.Plan with
            {
                VirtualMachines = ["web"],
                VirtualMachineTargets = [_host.E],
                Shadow = new ShadowOptions(),
            }
        );
        Assert.Equal("virtualMachines", Assert.Single(machines.Problems).Property);
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_a_problem_of_its_job()
    {
        Files.Fail = (operation, path) =>
            operation == "List" && path == Path.Combine(_host.DataDisks, "sub") ? FailureKind.AccessDenied : null;
        var problem = Assert.Single(Check().Problems);
        Assert.Equal("jobs[2].source", problem.Property);
        Assert.Contains(Path.Combine(_host.DataDisks, "sub"), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_each_run_writes_a_new_set_it_needs_a_full_copy_and_those_that_would_go_are_named()
    {
        var plan = _host.Plan with { Keep = new KeepRule { Last = 2 } };
        for (var run = 0; run < 2; run++)
            _host.Backup(plan);
        _host.Clock.UtcNow += TimeSpan.FromHours(1);
        var check = Check(plan);
        Assert.True(check.IsValid, string.Join("; ", check.Problems));
        Assert.InRange(Target(check, _host.E).NeededBytes, 9_000_012, 9_100_000);
        var result = BackupRun.Execute(plan, _host.Context, CancellationToken.None);
        Assert.Equal(result.Set, check.Set);
        Assert.Equal(result.Removed, check.Removes);
        Assert.Single(check.Removes);
    }

    [Fact]
    public void A_set_that_begins_as_a_clone_needs_what_has_grown_since_the_newest_complete_one()
    {
        _host.Backup();
        Files.Volume = (path, volume) =>
            volume with
            {
                Disk = DiskOf(path),
                Id = (ulong)DiskOf(path)[0],
                ClonesBlocks = true,
            };
        Tree.Write(Path.Combine(_host.SystemDisks, "new.vhdx"), Tree.Noise(4, 2_000_000));
        Assert.InRange(Target(Check(), _host.E).NeededBytes, 2_000_000, 2_070_000);
        Assert.InRange(
            Target(Check(_host.Plan with { ShareBlocks = false }), _host.E).NeededBytes,
            11_000_012,
            11_100_000
        );
    }

    [Fact]
    public void What_is_foreseen_is_what_the_run_then_takes()
    {
        Platform.NeedsPosix();
        for (var run = 0; run < 4; run++)
        {
            Tree.Write(Path.Combine(_host.SystemDisks, "more" + run + ".bin"), Tree.Noise(run, 700_000 * (run + 1)));
            var foreseen = Check().Targets.ToDictionary(target => target.Target, target => target.NeededBytes);
            var before = new[] { _host.D, _host.E }.ToDictionary(target => target, Allocated);
            _host.Backup();
            foreach (var target in foreseen.Keys)
                Assert.InRange(Allocated(target) - before[target], 0, foreseen[target] + (256 * 1024));
        }
    }

    private static long Allocated(string target) =>
        Trees
            .Walk(FileSystems.Current, target, StringComparer.Ordinal)
            .Where(item => item.Relative.StartsWith("Backup-", StringComparison.Ordinal))
            .Sum(item => item.Entry.AllocatedBytes);

    private string DiskOf(string path) =>
        path.StartsWith(_host.D, StringComparison.Ordinal) ? "D"
        : path.StartsWith(_host.E, StringComparison.Ordinal) ? "E"
        : "C";

    private static TargetCheck Target(PlanCheck check, string target) =>
        check.Targets.Single(one => one.Target == target);

    private PlanCheck Check(BackupPlan? plan = null) =>
        PlanCheck.Of(plan ?? _host.Plan, _host.Context, CancellationToken.None);

    private string[] Everything() =>
        Directory
            .GetFileSystemEntries(_host.Root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => path + "|" + File.GetLastWriteTimeUtc(path).Ticks)
            .ToArray();
}
