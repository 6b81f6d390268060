using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

public sealed class RestoreTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly string _to;

    public RestoreTests()
    {
        _to = Path.Combine(_host.Root, "restored");
        _host.Backup();
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void When_disk_D_dies_E_alone_brings_back_what_was_on_it()
    {
        var before = Tree.Describe(_host.SystemDisks);
        Directory.Delete(_host.D, true);
        var report = _host.Restore(_host.E, _to);
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(before, Tree.Describe(Path.Combine(_to, "VHD")));
        Assert.True(File.Exists(Path.Combine(_to, "CFG", "vm1.xml")));
    }

    [Fact]
    public void Patterns_choose_files_by_name_or_path()
    {
        Assert.Equal(1, _host.Restore(_host.D, _to, paths: ["*.avhdx"]).FilesRestored);
        Assert.Equal(["VHD/sub/db.avhdx"], Files());
        Assert.Equal(1, _host.Restore(_host.D, _to, paths: ["cfg/*"]).FilesRestored);
        var nothing = Assert.Throws<BackupException>(() => _host.Restore(_host.D, _to, paths: ["*.nope"]));
        Assert.Equal(FailureKind.FileMissing, nothing.Failure.Kind);
    }

    [Fact]
    public void What_is_there_already_is_left_alone_and_what_differs_is_not_overwritten_without_force()
    {
        _host.Restore(_host.E, _to);
        MiniatureHost.ChangeQuietly(Path.Combine(_to, "VHD", "web.vhdx"), 0, 1);
        var again = _host.Restore(_host.E, _to);
        Assert.Equal((0L, 2L, 1L), (again.FilesRestored, again.FilesPresent, again.FailureCount));
        Assert.Equal(FailureKind.DestinationExists, again.Failures[0].Kind);
        Assert.Equal(1, again.ExitCode);
        var forced = _host.Restore(_host.E, _to, force: true);
        Assert.Equal((1L, 2L, 0L), (forced.FilesRestored, forced.FilesPresent, forced.FailureCount));
        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_to, "VHD"));
    }

    [Fact]
    public void A_damaged_block_fails_its_file_and_names_it_and_the_rest_is_restored()
    {
        var copy = Path.Combine(_host.E, "Backup-SetA", "VHD", "web.vhdx");
        MiniatureHost.ChangeQuietly(copy, 6_000_000, (byte)(File.ReadAllBytes(copy)[6_000_000] ^ 1));
        var report = _host.Restore(_host.E, _to);
        Assert.Equal(5, report.ExitCode);
        var failure = Assert.Single(report.Failures);
        Assert.Equal((FailureKind.BlockDamaged, copy), (failure.Kind, failure.Target));
        Assert.Contains("5898240 to 6029311", failure.Cause, StringComparison.Ordinal);
        Assert.Equal(["CFG/vm1.xml", "VHD/readme.txt"], Files());
    }

    [Fact]
    public void An_interrupted_restore_is_continued()
    {
        var writes = 0;
        var faulty = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
                operation == "Write" && path.StartsWith(_to, StringComparison.Ordinal) && ++writes > 3
                    ? FailureKind.VolumeGone
                    : null,
        };
        _host.Files = faulty;
        Assert.Throws<BackupException>(() => _host.Restore(_host.E, _to));
        var begun = Assert.Single(Directory.GetFiles(Path.Combine(_to, "VHD"), ".hvbackup-tmp-*"));

        long written = 0;
        faulty.Fail = (operation, path) =>
        {
            if (operation == "Write" && path == begun)
                written++;
            return null;
        };
        Assert.Equal(0, _host.Restore(_host.E, _to).ExitCode);
        Assert.InRange(written, 1, 2);
        Tree.AssertEqual(_host.SystemDisks, Path.Combine(_to, "VHD"));
    }

    [Fact]
    public void Nothing_is_written_through_a_link_in_the_destination()
    {
        Platform.NeedsPosix();
        var outside = Path.Combine(_host.Root, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(_to);
        Directory.CreateSymbolicLink(Path.Combine(_to, "VHD"), outside);
        var report = _host.Restore(_host.E, _to, force: true);
        Assert.Equal(1, report.ExitCode);
        Assert.All(report.Failures, failure => Assert.Equal(FailureKind.LinkRefused, failure.Kind));
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    private string[] Files() =>
        Directory
            .GetFiles(_to, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_to, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)
            .ToArray();
}
