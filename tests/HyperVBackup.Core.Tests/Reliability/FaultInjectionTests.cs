using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Every operation of a run fails once, in every way that it can fail: the run ends well, says what happened to which
/// file, and nothing is lost.
/// </summary>
public class FaultInjectionTests(ITestOutputHelper output)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1";
    private static readonly string[] Makes = ["Create", "CreateFolder", "CreateLink", "TryClone"];
    private static readonly string[] Changes =
    [
        "Create",
        "CreateFolder",
        "CreateLink",
        "TryClone",
        "Rename",
        "DeleteFile",
        "DeleteFolder",
        "SetMetadata",
        "OpenUpdate",
        "Write",
        "SetLength",
    ];
    private static readonly FailureKind[] Lasting = [FailureKind.VolumeGone, FailureKind.ReadOnlyVolume];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Whatever_operation_fails_the_run_ends_well_and_the_next_one_succeeds(int targets, bool clones)
    {
        var start = MemoryHost.New(targets, clones: clones);
        start.BackupWell();
        start.Change(2);
        var kept = start.BackupWell();
        start.Change(3);
        var files = start.Files.Settled();
        var operations = Operations(files, targets);
        var injected = 0;
        for (var i = 0; i < operations.Count; i++)
        {
            var kinds = KindsOf(operations[i].Operation);
            foreach (var kind in Long ? kinds : [kinds[i % kinds.Length]])
            {
                injected++;
                try
                {
                    FailAt(i, kind, files.Settled(), targets, kept);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException(
                        $"{kind} at operation {i} of {operations.Count} "
                            + $"({operations[i].Operation} {operations[i].Path}): {e.Message}",
                        e
                    );
                }
            }
        }

        output.WriteLine(
            $"{injected} faults injected into {operations.Count} operations with "
                + $"{targets} target(s){(clones ? " that clone blocks" : "")}, nothing was lost."
        );
    }

    [Fact]
    public void A_copy_that_can_no_longer_be_read_is_written_anew()
    {
        var host = MemoryHost.New();
        host.BackupWell();
        host.Change(2);
        host.BackupWell();
        host.Change(3);
        // The run is killed before it commits, so what stands in the set must be compared with the source, and the disk
        // cannot read it any more.
        host.KilledAfter(40, () => host.Backup());
        host.Through = new FaultyFiles(host.Files)
        {
            Fail = (operation, path) =>
                operation == "Read"
                && path.Contains("Backup-SetA", StringComparison.Ordinal)
                && path.Contains("VHD", StringComparison.Ordinal)
                && !path.Contains(".hvbackup", StringComparison.Ordinal)
                    ? FailureKind.IoError
                    : null,
        };

        var result = host.Backup();

        Assert.Equal((RunOutcome.CompleteWithWarnings, "SetA"), (result.Outcome, result.Set));
        Assert.Contains(result.Warnings, warning => warning.Contains("web.vhdx", StringComparison.Ordinal));
        host.Through = host.Files;
        host.RequireEqual("SetA");
        host.RequireTruth();
    }

    [Fact]
    public void A_set_whose_state_cannot_be_read_just_now_is_not_taken_for_a_damaged_one()
    {
        var host = MemoryHost.New();
        host.BackupWell();
        host.BackupWell();
        foreach (var kind in new[] { FailureKind.IoError, FailureKind.AccessDenied, FailureKind.FileLocked })
        {
            var failures = 1;
            host.Through = new FaultyFiles(host.Files)
            {
                Fail = (operation, path) =>
                    operation == "OpenRead"
                    && path == SetLayout.StateFileOf(SetLayout.SetFolder(host.Targets[0], "SetB"))
                    && failures-- > 0
                        ? kind
                        : null,
            };
            Assert.Equal(
                (SetCondition.Unreadable, kind),
                SetCatalogue
                    .List(host.Through, host.Targets[0])
                    .Where(set => set.Set == "SetB")
                    .Select(set => (set.State, set.Problem!.Kind))
                    .Single()
            );
            failures = 1;
            var before = MemoryHost.Describe(host.Files, host.Targets[0]);
            var result = host.Backup();
            Assert.Equal((RunOutcome.Failed, kind), (result.Outcome, result.Failures[0].Kind));
            Assert.Equal(before, MemoryHost.Describe(host.Files, host.Targets[0]));
        }
    }

    [Fact]
    public void A_volume_that_refuses_to_be_flushed_at_the_end_fails_the_run()
    {
        var host = MemoryHost.New();
        var flushes = 0;
        host.Through = new FaultyFiles(host.Files) { RefuseFlush = _ => ++flushes == 3 };
        var result = host.Backup();
        Assert.Equal(RunOutcome.Failed, result.Outcome);
        Assert.Contains(
            result.Failures,
            failure => failure.Kind == FailureKind.IoError && failure.Operation == "flush the volume"
        );
        Assert.Equal(SetCondition.Writing, Assert.Single(host.Sets(host.Targets[0])).State);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(16, false)]
    [InlineData(1, true)]
    public void A_target_that_fills_up_at_any_point_keeps_its_last_good_set(int step, bool clones)
    {
        var start = MemoryHost.New(clones: clones);
        start.BackupWell();
        start.Change(2);
        var kept = start.BackupWell();
        start.Change(3);
        var used = start.Files.Used("D");
        var files = start.Files.Settled();
        var full = 0;
        for (var pages = 0; pages < 400; pages += Long ? 1 : step * 7)
        {
            var host = new MemoryHost(files.Settled());
            host.Files.Resize("D", used - 100 * MemoryNode.PageSize + pages * MemoryNode.PageSize);
            var result = host.Backup();
            if (result.Outcome == RunOutcome.Failed)
            {
                full++;
                Assert.Contains(
                    result.Failures,
                    failure =>
                        failure.Kind == FailureKind.DiskFull
                        && failure.Advice.StartsWith("Free space", StringComparison.Ordinal)
                );
            }

            host.RequireTruth();
            host.RequireWhole(kept);
            host.Files.Resize("D", long.MaxValue);
            var next = host.BackupWell();
            host.RequireEqual(next);
            host.RequireTidy();
        }

        Assert.True(full > 0);
    }

    private static List<(string Operation, string Path)> Operations(MemoryFiles files, int targets)
    {
        var operations = new List<(string, string)>();
        var host = new MemoryHost(files.Settled(), targets);
        host.Through = new FaultyFiles(host.Files)
        {
            Fail = (operation, path) =>
            {
                operations.Add((operation, path));
                return null;
            },
        };
        host.BackupWell();
        return operations;
    }

    private static FailureKind[] KindsOf(string operation)
    {
        var kinds = new List<FailureKind> { FailureKind.IoError, FailureKind.VolumeGone };
        if (operation is not "Read" and not "Write" and not "Stat" and not "Flush")
            kinds.Add(FailureKind.AccessDenied);
        if (Makes.Contains(operation) || operation is "Write" or "SetLength" or "Rename")
            kinds.Add(FailureKind.DiskFull);
        if (Makes.Contains(operation) || operation == "Rename")
            kinds.Add(FailureKind.PathTooLong);
        if (Changes.Contains(operation))
            kinds.Add(FailureKind.ReadOnlyVolume);
        return kinds.ToArray();
    }

    private static void FailAt(int index, FailureKind kind, MemoryFiles files, int targets, string kept)
    {
        var host = new MemoryHost(files, targets);
        var (count, failed, volume) = (0, "", "");
        var where = "";
        host.Through = new FaultyFiles(files)
        {
            Fail = (operation, path) =>
            {
                var isIt = count++ == index;
                if (isIt)
                    (failed, where, volume) = (operation, path, VolumeOf(path));
                // A volume that is gone stays gone, and one that became read-only stays so.
                var still =
                    volume.Length > 0
                    && VolumeOf(path) == volume
                    && (
                        kind == FailureKind.VolumeGone
                        || (kind == FailureKind.ReadOnlyVolume && Changes.Contains(operation))
                    );
                return isIt || still ? kind : null;
            },
        };
        RunResult? result = null;
        try
        {
            result = host.Backup();
        }
        catch (PlanException e)
        {
            // Met while the plan was looked over: nothing was touched.
            Assert.Contains("injected", e.Message, StringComparison.Ordinal);
            Assert.Empty(host.Files.Record);
        }

        Assert.Empty(((FaultyFiles)host.Through).Open);
        host.Through = files;
        if (result != null)
            CheckResult(result, kind, where, host);
        host.RequireTruth();
        host.RequireWhole(kept);
        CheckDeletions(failed, where, host);
        var removable =
            !Lasting.Contains(kind)
            && !where.EndsWith(".lock", StringComparison.Ordinal)
            && !where.StartsWith(MemoryHost.State.Path, StringComparison.Ordinal);
        if (removable)
            CheckHost(host);
        var next = host.BackupWell();
        host.RequireWhole(next);
        host.RequireEqual(next);
        host.RequireTruth(next);
        host.RequireTidy();
    }

    private static void CheckResult(RunResult result, FailureKind kind, string where, MemoryHost host)
    {
        Assert.DoesNotContain(result.Failures, failure => failure.Kind == FailureKind.Unexpected);
        if (result.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings)
        {
            // It did not matter: then everything must be as it should.
            Assert.Equal(0, result.FailureCount);
            host.RequireWhole(result.Set);
            host.RequireEqual(result.Set);
            return;
        }

        Assert.Equal((RunOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Contains(
            result.Failures,
            failure =>
                (
                    failure.Message.Contains(where, StringComparison.Ordinal)
                    || (Lasting.Contains(kind) && VolumeOf(failure.Target) == VolumeOf(where))
                ) && (failure.Kind == kind || failure.Kind == FailureKind.LeftoverRemains)
        );
        Assert.All(
            result.Failures,
            failure =>
                Assert.True(
                    failure.Target.Length > 0
                        && failure.Operation.Length > 0
                        && failure.Cause.Length > 0
                        && failure.Advice.Length > 0
                )
        );
    }

    // What the source no longer has stays in the copy of a folder in which something could not be read.
    private static void CheckDeletions(string operation, string where, MemoryHost host)
    {
        if (
            operation is not "OpenRead" and not "Read" and not "Stat" and not "List"
            || (where != MemoryHost.Disks && PathOf.Parent(where) != MemoryHost.Disks)
        )
            return;
        if (host.Sets(host.Targets[0]).Single(set => set.Set == "SetA").State == SetCondition.Complete)
            return;
        if (where == PathOf.Join(MemoryHost.Disks, "sub"))
            return; // The folder that could not be listed is that one.
        Assert.NotNull(host.Files.Find(PathOf.Join(SetLayout.SetFolder(host.Targets[0], "SetA"), "VHD/only-in-1.xml")));
    }

    private static void CheckHost(MemoryHost host)
    {
        Assert.All(host.Targets, target => Assert.Null(host.Files.Find(PathOf.Join(target, ".hvbackup.lock"))));
        Assert.Null(host.Files.Find(MemoryHost.State.Lock));
        Assert.Empty(host.Files.List(MemoryHost.State.Shadows));
    }

    private static string VolumeOf(string path) =>
        path.Length < MemoryFiles.Root.Length + 2 ? "" : path.Substring(0, MemoryFiles.Root.Length + 2);
}
