using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>A run that would take too much from a copy fails before it takes anything.</summary>
public sealed class DeletionGuardTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public void Dispose() => _host.Dispose();

    private string Source => Path.Combine(_host.Root, "files");

    private string Target => _host.E;

    private BackupPlan Plan =>
        new()
        {
            Name = "files",
            Shadow = new ShadowOptions { Provider = "copy" },
            Jobs =
            [
                new BackupJob
                {
                    Source = Source,
                    Folder = "files",
                    Targets = [Target],
                },
            ],
        };

    [Theory]
    [InlineData(20, 10, 50, false)]
    [InlineData(20, 11, 50, true)]
    [InlineData(20, 5, 20, true)]
    [InlineData(20, 5, 25, false)]
    [InlineData(20, 4, 0, false)]
    [InlineData(20, 5, 0, true)]
    [InlineData(20, 19, 100, false)]
    [InlineData(5, 4, 50, false)]
    public void More_files_than_the_share_may_not_go_and_fewer_than_five_always_may(
        int before,
        int gone,
        int percent,
        bool isTooMuch
    )
    {
        Given(before);
        WhenGone(gone);
        var plan = Plan with { MaxDeletePercent = percent };
        var result = _host.Backup(plan);
        if (isTooMuch)
            Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(result.Failures).Kind);
        else
            Assert.Equal(RunOutcome.Complete, result.Outcome);
        Assert.Equal(isTooMuch ? before : before - gone, Copies("SetA"));
    }

    [Fact]
    public void One_large_file_is_as_much_as_many_small_ones()
    {
        Tree.Write(Path.Combine(Source, "large.bin"), Tree.Noise(7, 17 << 20));
        Given(6);
        File.Delete(Path.Combine(Source, "large.bin"));
        var failure = Assert.Single(_host.Backup(Plan).Failures);
        Assert.Equal((FailureKind.TooManyDeletions, Source), (failure.Kind, failure.Target));
        Assert.Contains("1 of the 7 files", failure.Cause, StringComparison.Ordinal);
        Assert.True(File.Exists(Copy("SetA", "large.bin")));
    }

    [Fact]
    public void Nothing_is_deleted_and_the_newest_set_stays_whole_however_often_it_is_tried()
    {
        Given(20);
        WhenGone(15);
        for (var i = 0; i < 3; i++)
        {
            var failure = Assert.Single(_host.Backup(Plan).Failures);
            Assert.Contains("nothing was deleted", failure.Cause, StringComparison.Ordinal);
            Assert.Equal((20, 20), (Copies("SetA"), Copies("SetB")));
            Assert.True(_host.Verify(Target, "SetB").IsGood);
        }
    }

    [Fact]
    public void A_check_says_it_before()
    {
        Given(20);
        Assert.Empty(Problems());
        WhenGone(15);
        Assert.Contains("15 of the 20 files", Assert.Single(Problems()), StringComparison.Ordinal);
        Assert.Empty(PlanCheck.Of(Plan, _host.Context with { AllowDeletions = true }, CancellationToken.None).Problems);
    }

    [Fact]
    public void It_is_allowed_for_one_run_at_a_time()
    {
        Given(40);
        WhenGone(30);
        Assert.Equal(
            RunOutcome.Complete,
            BackupRun.Execute(Plan, _host.Context with { AllowDeletions = true }, CancellationToken.None).Outcome
        );
        Assert.Equal(10, Copies("SetA"));
        // The other set still has what is not missed any more.
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
        Assert.Equal(10, Copies("SetB"));
        WhenGone(8, 30);
        Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(_host.Backup(Plan).Failures).Kind);
    }

    [Fact]
    public void The_first_run_of_a_plan_has_nothing_to_lose()
    {
        Directory.CreateDirectory(Source);
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
    }

    [Fact]
    public void A_folder_of_few_files_that_is_empty_now_is_taken_for_a_disk_that_is_away()
    {
        Given(2);
        WhenGone(2);
        Assert.Equal(FailureKind.SourceMissing, Assert.Single(_host.Backup(Plan).Failures).Kind);
        Assert.Contains("holds no file", Assert.Single(Problems()), StringComparison.Ordinal);
        Assert.Equal((2, 2), (Copies("SetA"), Copies("SetB")));
        Assert.Equal(
            RunOutcome.Complete,
            BackupRun.Execute(Plan, _host.Context with { AllowDeletions = true }, CancellationToken.None).Outcome
        );
    }

    [Fact]
    public void Files_that_were_moved_are_not_lost_and_checkpoints_that_were_merged_are_not_missed()
    {
        for (var i = 0; i < 9; i++)
            Tree.Write(Path.Combine(Source, "vm_" + i + ".avhdx"), "checkpoint " + i);
        Given(20);
        Directory.CreateDirectory(Path.Combine(Source, "elsewhere"));
        foreach (var file in Directory.GetFiles(Source, "*.txt"))
            File.Move(file, Path.Combine(Source, "elsewhere", Path.GetFileName(file)));
        foreach (var file in Directory.GetFiles(Source, "*.avhdx"))
            File.Delete(file);
        Assert.Empty(Problems());
        Assert.Equal(RunOutcome.Complete, _host.Backup(Plan).Outcome);
    }

    [Fact]
    public void Of_several_jobs_the_one_that_loses_too_much_fails_the_run()
    {
        Tree.Write(Path.Combine(_host.Root, "others", "a"), "one");
        Tree.Write(Path.Combine(_host.Root, "others", "b"), "two");
        var plan = Plan with
        {
            Jobs =
            [
                .. Plan.Jobs,
                new BackupJob
                {
                    Source = Path.Combine(_host.Root, "others"),
                    Folder = "others",
                    Targets = [Target],
                },
            ],
        };
        Given(20, plan);
        WhenGone(15);
        File.Delete(Path.Combine(_host.Root, "others", "a"));
        var result = _host.Backup(plan);
        Assert.Equal((RunOutcome.Failed, Source), (result.Outcome, Assert.Single(result.Failures).Target));
        Assert.Equal((20, 20), (Copies("SetA"), Copies("SetB")));
        Assert.True(_host.Verify(Target, "SetB").IsGood);
        Assert.NotEqual(SetCondition.Complete, _host.Sets(Target)["SetA"].State);
    }

    [Fact]
    public void A_set_of_its_own_time_deletes_nothing_and_is_measured_by_the_newest()
    {
        var plan = Plan with { Keep = new KeepRule { Last = 2 } };
        Given(20, plan);
        WhenGone(15);
        for (var i = 0; i < 2; i++)
            Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(_host.Backup(plan).Failures).Kind);
        Assert.Contains(
            "15 of the 20 files",
            Assert.Single(PlanCheck.Of(plan, _host.Context, CancellationToken.None).Problems).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(2, _host.Sets(Target).Values.Count(set => set.State == SetCondition.Complete));
    }

    [Fact]
    public void What_a_refused_run_left_of_a_set_that_began_empty_does_not_let_the_next_one_through()
    {
        for (var i = 0; i < 20; i++)
            Tree.Write(Path.Combine(Source, "file" + i + ".txt"), new string('x', i + 1));
        _host.Backup(Plan);
        WhenGone(15);
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("15 of the 20 files", Assert.Single(Problems()), StringComparison.Ordinal);
            Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(_host.Backup(Plan).Failures).Kind);
        }

        Assert.Equal(SetCondition.Complete, _host.Sets(Target)["SetA"].State);
    }

    [Fact]
    public void A_target_that_is_new_is_no_way_around_it()
    {
        Given(20);
        WhenGone(15);
        var plan = Plan with { Jobs = [Plan.Jobs[0] with { Targets = [_host.D, Target] }] };
        Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(_host.Backup(plan).Failures).Kind);
    }

    [Theory]
    [InlineData(50, false, true)]
    [InlineData(75, false, false)]
    [InlineData(50, true, false)]
    public void A_mirror_without_a_plan_is_guarded_alike(int percent, bool isAllowed, bool isTooMuch)
    {
        var copy = Path.Combine(_host.Root, "copy");
        Given(20);
        Mirror(copy, 50, false);
        WhenGone(15);
        var result = Mirror(copy, percent, isAllowed);
        Assert.Equal(isTooMuch ? RunOutcome.Failed : RunOutcome.Complete, result.Outcome);
        Assert.Equal(isTooMuch ? 20 : 5, Directory.GetFiles(copy).Length);
        if (isTooMuch)
            Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(result.Failures).Kind);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    public void A_folder_that_gave_way_to_something_else_counts_and_is_there_again_when_that_is_refused(string instead)
    {
        WithFolder();
        Replace(instead);
        Assert.Contains("12 of the 15 files", Assert.Single(Problems()), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            var failure = Assert.Single(_host.Backup(Plan).Failures);
            Assert.Contains("12 of the 15 files", failure.Cause, StringComparison.Ordinal);
            Assert.Equal(12, Directory.GetFiles(Copy("SetA", "folder/inner")).Length);
            Assert.Equal(["folder"], Directory.GetDirectories(Copy("SetA", "")).Select(Path.GetFileName));
        }

        Assert.Equal(
            RunOutcome.Complete,
            BackupRun.Execute(Plan, _host.Context with { AllowDeletions = true }, CancellationToken.None).Outcome
        );
        Assert.DoesNotContain(
            Directory.GetDirectories(Copy("SetA", "")),
            path => new DirectoryInfo(path).LinkTarget == null
        );
        Assert.True(_host.Verify(Target, "SetA").IsGood);
    }

    [Fact]
    public void So_do_files_that_became_links_or_folders()
    {
        Given(20);
        for (var i = 0; i < 15; i++)
        {
            var file = Path.Combine(Source, "file" + i + ".txt");
            File.Delete(file);
            if (i % 2 == 0)
                File.CreateSymbolicLink(file, "elsewhere");
            else
                Directory.CreateDirectory(file);
        }

        Assert.Contains("15 of the 20 files", Assert.Single(Problems()), StringComparison.Ordinal);
        var failure = Assert.Single(_host.Backup(Plan).Failures);
        Assert.Contains("15 of the 20 files", failure.Cause, StringComparison.Ordinal);
        Assert.Equal(20, Directory.GetFiles(Copy("SetA", "")).Count(path => new FileInfo(path).LinkTarget == null));
    }

    [Fact]
    public void A_mirror_gives_a_folder_back_too_and_one_that_was_cut_off_does_not_let_the_next_one_through()
    {
        var copy = Path.Combine(_host.Root, "copy");
        WithFolder();
        Mirror(copy, 50, false);
        Replace("file");
        Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(Mirror(copy, 50, false).Failures).Kind);
        Assert.Equal(12, Directory.GetFiles(Path.Combine(copy, "folder", "inner")).Length);
        // As a run leaves it that is killed when the folder has made room.
        Directory.Move(Path.Combine(copy, "folder"), Path.Combine(copy, ".hvbackup-tmp-0123456789abcdef"));
        Assert.Equal(FailureKind.TooManyDeletions, Assert.Single(Mirror(copy, 50, false).Failures).Kind);
        Assert.Equal(RunOutcome.Complete, Mirror(copy, 50, true).Outcome);
        Assert.Empty(Directory.GetDirectories(copy));
    }

    private void WithFolder()
    {
        for (var i = 0; i < 12; i++)
            Tree.Write(Path.Combine(Source, "folder", "inner", "file" + i), new string('y', 100 + i));
        Given(3);
    }

    private void Replace(string instead)
    {
        Directory.Delete(Path.Combine(Source, "folder"), true);
        if (instead == "file")
            Tree.Write(Path.Combine(Source, "folder"), "a file");
        else
            Directory.CreateSymbolicLink(Path.Combine(Source, "folder"), "elsewhere");
    }

    private void Given(int files, BackupPlan? plan = null)
    {
        for (var i = 0; i < files; i++)
            Tree.Write(Path.Combine(Source, "file" + i + ".txt"), new string('x', i + 1));
        Assert.Equal(RunOutcome.Complete, _host.Backup(plan ?? Plan).Outcome);
        Assert.Equal(RunOutcome.Complete, _host.Backup(plan ?? Plan).Outcome);
    }

    private void WhenGone(int files, int first = 0)
    {
        for (var i = first; i < first + files; i++)
            File.Delete(Path.Combine(Source, "file" + i + ".txt"));
    }

    private string Copy(string set, string file) => Path.Combine(Target, "Backup-" + set, "files", file);

    private int Copies(string set) => Directory.GetFiles(Copy(set, ""), "*.txt", SearchOption.AllDirectories).Length;

    private string[] Problems() =>
        PlanCheck.Of(Plan, _host.Context, CancellationToken.None).Problems.Select(problem => problem.Message).ToArray();

    private MirrorResult Mirror(string copy, int percent, bool isAllowed) =>
        MirrorRun.Execute(
            Source,
            copy,
            GlobFilter.All,
            0,
            _host.Context with
            {
                AllowDeletions = isAllowed,
            },
            CancellationToken.None,
            percent
        );
}
