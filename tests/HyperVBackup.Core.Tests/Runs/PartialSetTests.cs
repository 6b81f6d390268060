using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// One block that cannot be read costs the file it lies in, and no other: what was copied whole is committed as
/// partial, says what it lacks, and can be restored.
/// </summary>
public sealed class PartialSetTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public PartialSetTests() => Platform.NeedsPosix();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_bad_file_in_the_very_first_run_leaves_everything_else_to_be_restored()
    {
        CannotRead("web.vhdx");
        for (var run = 1; run <= 3; run++)
        {
            var result = _host.Backup();
            Assert.Equal((RunOutcome.Failed, 1, true), (result.Outcome, result.ExitCode, result.IsPartial));
            var set = SetCatalogue.Choose(_host.Files, _host.E, null);
            Assert.Equal((result.Set, SetCondition.Partial), (set.Set, set.State));
            Assert.Equal(Path.Combine(_host.SystemDisks, "web.vhdx"), Assert.Single(set.Missing).File);
            Assert.Equal(1, set.MissingCount);
        }

        var to = Path.Combine(_host.Root, "back");
        var restored = _host.Restore(_host.E, to);
        Assert.Contains("is partial", Assert.Single(restored.Warnings), StringComparison.Ordinal);
        Assert.Equal("system disks", File.ReadAllText(Path.Combine(to, "VHD", "readme.txt")));
        Assert.False(File.Exists(Path.Combine(to, "VHD", "web.vhdx")));
    }

    [Fact]
    public void The_other_target_has_its_whole_part_and_says_so()
    {
        CannotRead("web.vhdx");
        _host.Backup();
        var there = _host.Sets(_host.D)["SetA"];
        Assert.Equal((SetCondition.Partial, 0L), (there.State, there.MissingCount));
        Assert.True(_host.Verify(_host.D).IsGood);
    }

    [Fact]
    public void A_partial_set_is_never_taken_for_the_last_good_one_and_is_the_next_to_be_written()
    {
        _host.Backup();
        _host.Backup();
        CannotRead("web.vhdx");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("SetA", _host.Backup().Set);
            Assert.Equal("SetB", SetCatalogue.Choose(FileSystems.Current, _host.E, null).Set);
            Assert.True(_host.Verify(_host.E, "SetB").IsGood);
        }

        _host.Files = FileSystems.Current;
        var healed = _host.Backup();
        Assert.Equal(("SetA", RunOutcome.Complete), (healed.Set, healed.Outcome));
        Assert.Equal(0, _host.Sets(_host.E)["SetA"].MissingCount);
        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_host.E, "Backup-SetA", "VHD"));
        Assert.True(_host.Verify(_host.E, "SetA").IsGood);
    }

    [Fact]
    public void What_could_not_be_read_leaves_its_older_copy_unvouched_for_and_nothing_is_deleted()
    {
        _host.Backup();
        _host.Backup();
        File.Delete(Path.Combine(_host.SystemDisks, "readme.txt"));
        CannotRead("web.vhdx");
        _host.Backup();
        var set = Path.Combine(_host.E, "Backup-SetA", "VHD");
        Assert.True(File.Exists(Path.Combine(set, "web.vhdx")));
        Assert.True(File.Exists(Path.Combine(set, "readme.txt")));
        var report = _host.Verify(_host.E, "SetA");
        Assert.True(report.IsGood, string.Join("; ", report.Damages.Select(damage => damage.Failure.Message)));
        Assert.Contains(
            report.Notes,
            note =>
                note.Contains("lacks", StringComparison.Ordinal) && note.Contains("web.vhdx", StringComparison.Ordinal)
        );
        var to = Path.Combine(_host.Root, "back");
        _host.Restore(_host.E, to, "SetA");
        Assert.False(File.Exists(Path.Combine(to, "VHD", "web.vhdx")));
    }

    [Fact]
    public void Damage_in_what_a_partial_set_does_hold_is_found()
    {
        CannotRead("web.vhdx");
        _host.Backup();
        MiniatureHost.ChangeQuietly(Path.Combine(_host.E, "Backup-SetA", "VHD", "readme.txt"), 0, (byte)'X');
        Assert.False(_host.Verify(_host.E, "SetA").IsGood);
        Assert.True(_host.Sets(_host.E)["SetA"].FoundDamaged);
    }

    [Fact]
    public void A_name_that_the_target_does_not_take_costs_that_folder_only()
    {
        Tree.Write(Path.Combine(_host.SystemDisks, "too-long", "inside.txt"), "unreachable");
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
                operation == "CreateFolder" && path.EndsWith("too-long", StringComparison.Ordinal)
                    ? FailureKind.PathTooLong
                    : null,
        };
        Assert.True(_host.Backup().IsPartial);
        var report = _host.Verify(_host.E);
        Assert.True(report.IsGood, string.Join("; ", report.Damages.Select(damage => damage.Failure.Message)));
        var to = Path.Combine(_host.Root, "back");
        _host.Restore(_host.E, to);
        Assert.Equal(Tree.Noise(1, 9_000_000), File.ReadAllBytes(Path.Combine(to, "VHD", "web.vhdx")));
    }

    [Fact]
    public void A_list_of_what_is_missing_is_cut_and_its_number_is_not()
    {
        for (var i = 0; i < 1500; i++)
            Tree.Write(Path.Combine(_host.SystemDisks, "many", "bad" + i), "x");
        CannotRead("bad", true);
        _host.Backup();
        var set = _host.Sets(_host.E)["SetA"];
        Assert.Equal((1500L, 200), (set.MissingCount, set.Missing.Count));
    }

    [Theory]
    [InlineData(FailureKind.DiskFull)]
    [InlineData(FailureKind.VolumeGone)]
    [InlineData(FailureKind.ReadOnlyVolume)]
    public void A_target_that_fails_as_a_whole_leaves_no_partial_set(FailureKind kind)
    {
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
                operation == "Create"
                && path.StartsWith(Path.Combine(_host.E, "Backup-SetA", "VHD"), StringComparison.Ordinal)
                    ? kind
                    : null,
        };
        var result = _host.Backup();
        Assert.Equal((RunOutcome.Failed, false), (result.Outcome, result.IsPartial));
        Assert.Equal(SetCondition.Writing, _host.Sets(_host.E)["SetA"].State);
    }

    [Fact]
    public void A_run_that_is_cancelled_leaves_no_partial_set()
    {
        using var stop = new CancellationTokenSource();
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
            {
                if (operation != "OpenRead" || !path.StartsWith(_host.SystemDisks, StringComparison.Ordinal))
                    return null;
                stop.Cancel();
                return FailureKind.IoError;
            },
        };
        Assert.Equal(RunOutcome.Cancelled, _host.Backup(cancel: stop.Token).Outcome);
        Assert.Equal(SetCondition.Writing, _host.Sets(_host.E)["SetA"].State);
    }

    private void CannotRead(string name, bool startsWith = false) =>
        _host.Files = new FaultyFiles(FileSystems.Current)
        {
            Fail = (operation, path) =>
                operation == "OpenRead"
                && !path.Contains("Backup-", StringComparison.Ordinal)
                && (
                    startsWith
                        ? Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)
                        : Path.GetFileName(path) == name
                )
                    ? FailureKind.IoError
                    : null,
        };
}
