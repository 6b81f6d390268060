using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>What a verification calls damage, what it says it could not tell, and what it only notes.</summary>
public sealed class VerifyVerdictTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly string _set;

    public VerifyVerdictTests()
    {
        _host.Backup();
        _set = Path.Combine(_host.E, "Backup-SetA");
    }

    private string Disk => Path.Combine(_set, "VHD", "web.vhdx");

    private bool IsMarked => File.Exists(Path.Combine(_set, ".hvbackup", "damage.txt"));

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(FailureKind.AccessDenied)]
    [InlineData(FailureKind.OutOfResources)]
    [InlineData(FailureKind.NoAnswer)]
    [InlineData(FailureKind.FileLocked)]
    [InlineData(FailureKind.Unexpected)]
    public void A_file_that_this_process_cannot_open_is_not_damaged_but_not_verified_either(FailureKind kind)
    {
        FailWhen("OpenRead", Disk, kind);
        foreach (var quick in new[] { false, true })
        {
            var report = Verify(_host.E, quick: quick);
            Assert.Equal((0L, kind, 1), (report.DamageCount, Assert.Single(report.Unverified).Kind, report.ExitCode));
            Assert.False(report.IsGood);
            Assert.False(IsMarked);
        }
    }

    [Fact]
    public void What_the_medium_cannot_read_is_damage()
    {
        FailWhen("Read", Disk, FailureKind.IoError);
        var report = Verify(_host.E);
        Assert.Equal(
            (FailureKind.IoError, 0L, 5),
            (Assert.Single(report.Damages).Failure.Kind, report.UnverifiedCount, report.ExitCode)
        );
        Assert.True(IsMarked);
    }

    [Fact]
    public void A_mixture_is_damage_and_both_are_told()
    {
        FailWhen("OpenRead", Disk, FailureKind.AccessDenied);
        File.Delete(Path.Combine(_set, "VHD", "readme.txt"));
        var report = Verify(_host.E);
        Assert.Equal(
            (FailureKind.FileMissing, FailureKind.AccessDenied, 5),
            (Assert.Single(report.Damages).Failure.Kind, Assert.Single(report.Unverified).Kind, report.ExitCode)
        );
        Assert.True(IsMarked);
    }

    [Fact]
    public void A_folder_that_cannot_be_listed_does_not_hide_damage_behind_it_nor_is_what_it_holds_missing()
    {
        FailWhen("List", Path.Combine(_host.D, "Backup-SetA", "VHD", "sub"), FailureKind.AccessDenied);
        File.Delete(Path.Combine(_host.D, "Backup-SetA", "VHD", "web-data.vhd"));
        var report = Verify(_host.D);
        Assert.Equal(
            ("VHD/web-data.vhd", FailureKind.FileMissing),
            Assert.Single(report.Damages.Select(damage => (damage.File, damage.Failure.Kind)))
        );
        Assert.Equal(FailureKind.AccessDenied, Assert.Single(report.Unverified).Kind);
    }

    [Fact]
    public void A_manifest_that_may_not_be_read_says_nothing_of_the_set()
    {
        FailWhen("OpenRead", Path.Combine(_set, ".hvbackup", "VHD.manifest"), FailureKind.AccessDenied);
        var report = Verify(_host.E);
        Assert.Equal((0L, 1L, 1), (report.DamageCount, report.UnverifiedCount, report.ExitCode));
        Assert.False(IsMarked);
    }

    [Fact]
    public void A_mark_stays_when_not_everything_could_be_read()
    {
        MiniatureHost.ChangeQuietly(Disk, 10, (byte)(File.ReadAllBytes(Disk)[10] ^ 1));
        Verify(_host.E);
        FailWhen("OpenRead", Disk, FailureKind.AccessDenied);
        Verify(_host.E);
        Assert.True(IsMarked);
    }

    [Fact]
    public void A_volume_that_vanishes_ends_it_with_one_failure()
    {
        var gone = false;
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
            {
                gone |= operation == "OpenRead" && path == Disk;
                return gone && path.StartsWith(_host.E, StringComparison.Ordinal) ? FailureKind.IoError : null;
            },
        };
        var report = Verify(_host.E);
        Assert.Equal(
            (0L, FailureKind.VolumeGone, 1),
            (report.DamageCount, Assert.Single(report.Unverified).Kind, report.ExitCode)
        );
    }

    [Fact]
    public void Other_times_are_a_note_when_every_hash_is_right()
    {
        File.SetLastWriteTimeUtc(Disk, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var report = Verify(_host.E);
        Assert.True(report.IsGood);
        Assert.Contains(
            "VHD/web.vhdx",
            Assert.Single(report.Notes, note => note.Contains("time", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.False(IsMarked);
    }

    [Fact]
    public void Other_times_and_another_content_are_damage()
    {
        MiniatureHost.ChangeQuietly(Disk, 10, (byte)(File.ReadAllBytes(Disk)[10] ^ 1));
        File.SetLastWriteTimeUtc(Disk, DateTime.UtcNow);
        Assert.Equal(
            (FailureKind.BlockDamaged, 5),
            (Assert.Single(Verify(_host.E).Damages).Failure.Kind, Verify(_host.E).ExitCode)
        );
    }

    [Fact]
    public void A_quick_verification_says_that_it_cannot_tell_of_a_file_with_another_time()
    {
        File.SetLastWriteTimeUtc(Disk, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var report = Verify(_host.E, quick: true);
        Assert.Equal((0L, 1), (report.DamageCount, report.ExitCode));
        Assert.Contains("--quick", Assert.Single(report.Unverified).Advice, StringComparison.Ordinal);
        Assert.False(IsMarked);
    }

    [Fact]
    public void Times_that_a_file_system_keeps_to_two_seconds_are_a_note_for_a_quick_verification_too()
    {
        var time = File.GetLastWriteTimeUtc(Disk);
        File.SetLastWriteTimeUtc(Disk, new DateTime(time.Ticks / 20_000_000 * 20_000_000, DateTimeKind.Utc));
        Assert.True(Verify(_host.E, quick: true).IsGood);
    }

    [Theory]
    [InlineData("desktop.ini")]
    [InlineData("VHD/.DS_Store")]
    [InlineData("VHD/Thumbs.db")]
    [InlineData("CFG/.directory")]
    [InlineData(".Trash-1000/files/old.txt")]
    [InlineData("VHD/System Volume Information/IndexerVolumeGuid")]
    [InlineData("VHD/._web.vhdx")]
    public void What_desktops_and_file_systems_leave_in_a_set_is_a_note(string name)
    {
        Tree.Write(Path.Combine(_set, name), "?");
        var report = Verify(_host.E);
        Assert.True(report.IsGood);
        Assert.Contains(
            name.Split('/')[0],
            Assert.Single(report.Notes, note => note.Contains("harms nothing", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Something_else_beside_the_folders_of_a_set_is_extra_and_the_advice_is_to_remove_it()
    {
        Tree.Write(Path.Combine(_set, "notes.txt"), "?");
        var report = Verify(_host.E);
        Assert.Contains("no run does", Assert.Single(report.Damages).Failure.Advice, StringComparison.Ordinal);
        Assert.Equal(5, report.ExitCode);
        Assert.False(IsMarked);
    }

    [Fact]
    public void A_run_that_verifies_warns_of_what_others_put_into_the_set_and_completes_it()
    {
        _host.Backup();
        Tree.Write(Path.Combine(_set, "notes.txt"), "?");
        Tree.Write(Path.Combine(_set, "desktop.ini"), "?");
        var result = _host.Backup(_host.Plan with { Verify = true });
        Assert.Equal(("SetA", RunOutcome.CompleteWithWarnings), (result.Set, result.Outcome));
        Assert.Contains("notes.txt", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_cannot_verify_what_it_wrote_fails_and_marks_nothing()
    {
        var written = Path.Combine(_host.E, "Backup-SetB", "VHD", "readme.txt");
        FailWhen("OpenRead", written, FailureKind.OutOfResources);
        var result = _host.Backup(_host.Plan with { Verify = true });
        Assert.Equal(
            (RunOutcome.Failed, FailureKind.OutOfResources),
            (result.Outcome, Assert.Single(result.Failures).Kind)
        );
        Assert.False(File.Exists(Path.Combine(_host.E, "Backup-SetB", ".hvbackup", "damage.txt")));
    }

    private VerifyReport Verify(string target, bool quick = false) =>
        SetVerifier.Verify(
            _host.Files,
            SetCatalogue.Choose(FileSystems.Current, target, null),
            quick,
            new MirrorProgress(),
            CancellationToken.None
        );

    private void FailWhen(string operation, string path, FailureKind kind) =>
        _host.Files = new FaultyFiles(_host.Files)
        {
            Fail = (what, where) => what == operation && where == path ? kind : null,
        };
}
