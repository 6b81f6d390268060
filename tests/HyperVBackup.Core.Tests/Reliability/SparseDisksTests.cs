using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Disks;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Virtual disks on NTFS by ntfs-3g: none is marked as sparse, because Hyper-V attaches none that is. Judged by the
/// mark itself, as getfattr reads it (needs root on Linux, ntfs-3g and getfattr).
/// </summary>
public sealed class SparseDisksTests : IDisposable
{
    private const int Megabyte = 1024 * 1024;
    private static readonly string[] Disks = ["large.vhdx", "small.vhd", "sub/checkpoint.AVHDX", "odd.vhds", "dvd.iso"];
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly SmallDisk _disk = SmallDisk.Mount("ntfs", 300, "-F", "-Q");

    public SparseDisksTests()
    {
        DiskTool.Run("getfattr", "--version");
        // Large and small, holes at the beginning, within and at the end, and an end within a cluster.
        Write("large.vhdx", 20 * Megabyte, 9 * Megabyte);
        Write("small.vhd", 2 * Megabyte, Megabyte);
        Write("sub/checkpoint.AVHDX", 5 * Megabyte + 77, 0);
        Write("odd.vhds", 70_000, 0);
        Write("dvd.iso", 6 * Megabyte, 5 * Megabyte);
        Write("data.bin", 20 * Megabyte, 0);
    }

    private string Source => _folder["C/VHD"];

    private string Mirrored => Path.Combine(_disk.Path, "mirror");

    private string Restored => Path.Combine(_disk.Path, "restored", "VHD");

    public void Dispose()
    {
        _disk.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_set_has_no_sparse_disk_and_other_files_keep_their_holes()
    {
        Backup();
        var set = Path.Combine(_disk.Path, "Backup-SetA", "VHD");
        RequireWhole(set);
        Assert.True(IsSparse(Path.Combine(set, "data.bin")));
        _disk.Remount();
        RequireWhole(set);
        RequireGood("SetA");
    }

    [Fact]
    public void A_second_run_finds_everything_unchanged()
    {
        Backup();
        Backup();
        var result = Backup();
        Assert.Equal("SetA", result.Set);
        Assert.Equal(0, result.BytesWritten);
        Mirror();
        Assert.Equal(0, Mirror());
    }

    [Fact]
    public void A_disk_that_grows_or_has_a_block_zeroed_stays_whole_and_costs_what_changed()
    {
        Mirror();
        using (var file = File.OpenWrite(Path.Combine(Source, "large.vhdx")))
            file.SetLength(30 * Megabyte);
        using (var file = File.OpenWrite(Path.Combine(Source, "dvd.iso")))
        {
            file.Position = 5 * Megabyte;
            file.Write(new byte[4096]);
        }

        var written = Mirror();
        RequireWhole(Mirrored);
        Assert.InRange(written, 10 * Megabyte, 10 * Megabyte + 2 * Blocks.Size);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sparse_copies_of_an_earlier_version_are_filled_by_the_next_run(bool inSets)
    {
        var copies = inSets ? Path.Combine(_disk.Path, "Backup-SetA", "VHD") : Mirrored;
        Action run = inSets ? () => Backup() : () => Mirror();
        run();
        foreach (var name in Disks)
            MakeSparse(Path.Combine(copies, name));

        run();
        // The other set was written by that one.
        if (inSets)
            run();

        RequireWhole(copies);
        if (inSets)
            RequireGood("SetA");
    }

    [Fact]
    public void A_restore_makes_no_sparse_disk()
    {
        Backup();
        Assert.Equal((0, 6L), Restore());
        RequireWhole(Restored);
        Assert.True(IsSparse(Path.Combine(Restored, "data.bin")));
        Assert.Equal((0, 0L), Restore());
    }

    [Fact]
    public void A_restore_writes_a_sparse_disk_anew_though_it_has_the_right_content()
    {
        Backup();
        Restore();
        foreach (var name in Disks)
            MakeSparse(Path.Combine(Restored, name));
        Assert.Equal((0, (long)Disks.Length), Restore());
        RequireWhole(Restored);
    }

    [Fact]
    public void A_sparse_copy_is_counted_with_the_room_that_filling_it_takes()
    {
        Mirror();
        var before = Needed();
        MakeSparse(Path.Combine(Mirrored, "large.vhdx"));
        Assert.InRange(Needed() - before, 19 * Megabyte, 20 * Megabyte);
    }

    [Fact]
    public void What_would_be_written_is_counted_without_holes()
    {
        Backup();
        var volume = FileSystems.Current.GetVolume(_disk.Path);
        Assert.True(volume.MarksSparse);
        Assert.False(FileSystems.Current.GetVolume(_folder["C"]).MarksSparse);
        using (var file = File.OpenWrite(Path.Combine(Source, "large.vhdx")))
            file.SetLength(volume.FreeBytes);
        var elsewhere = _folder.Folder("other");
        Backup(elsewhere);
        var set = SetCatalogue.Choose(FileSystems.Current, elsewhere, null);
        var failure = Assert.Throws<BackupException>(() => Restore(set)).Failure;
        Assert.Equal(FailureKind.DiskFull, failure.Kind);
        Assert.False(Directory.Exists(Restored));
    }

    private void Write(string name, int length, int dataAt)
    {
        Tree.Write(Path.Combine(Source, name), "");
        using var file = File.OpenWrite(Path.Combine(Source, name));
        file.SetLength(length);
        file.Position = dataAt;
        file.Write(Tree.Noise(length, Math.Min(length - dataAt, 60_000)));
    }

    // As the copy of a version that left holes: the same content and times.
    private static void MakeSparse(string path)
    {
        var content = File.ReadAllBytes(path);
        var time = File.GetLastWriteTimeUtc(path);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(0);
            file.SetLength(content.Length);
            for (var at = 0; at < content.Length; at += 4096)
            {
                var page = content.AsSpan(at, Math.Min(4096, content.Length - at));
                if (page.IndexOfAnyExcept((byte)0) < 0)
                    continue;
                file.Position = at;
                file.Write(page);
            }
        }

        File.SetLastWriteTimeUtc(path, time);
        Assert.True(IsSparse(path), path);
    }

    private long Needed() =>
        SpaceSurvey
            .Of(
                FileSystems.Current,
                Source,
                GlobFilter.All,
                Source,
                [(Mirrored, _disk.Path)],
                (_, _) => 0,
                TestContext.Current.CancellationToken
            )
            .Needed[0];

    private static bool IsSparse(string path)
    {
        var printed = DiskTool.Run("getfattr", "--absolute-names", "-e", "hex", "-n", "system.ntfs_attrib_be", path);
        var bits = printed[(printed.IndexOf("=0x", StringComparison.Ordinal) + 3)..].Trim();
        return (uint.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0x200) != 0;
    }

    private static void RequireWhole(string folder) =>
        Assert.Equal([], Disks.Where(name => IsSparse(Path.Combine(folder, name))));

    private RunResult Backup(string? target = null)
    {
        var result = _disk.Backup(
            Source,
            new StateFolder(_folder["state"]),
            _clock,
            change: plan => plan with { Jobs = [new BackupJob { Source = Source, Targets = [target ?? _disk.Path] }] }
        );
        Assert.Empty(result.Failures);
        // That some of these are no disks but by their names is told as well.
        Assert.DoesNotContain(result.Warnings, text => text.Contains("sparse", StringComparison.Ordinal));
        return result;
    }

    private long Mirror()
    {
        using var engine = new MirrorEngine(FileSystems.Current, new FailureLog(), new MirrorProgress());
        var job = new MirrorJob
        {
            Source = Source,
            SourceName = Source,
            Filter = GlobFilter.All,
            Targets = [new MirrorTarget { Folder = Mirrored }],
        };
        var mirrored = engine.Run(job, TestContext.Current.CancellationToken);
        return mirrored.Sum(target => target.Tally.BytesWritten);
    }

    private (int ExitCode, long Restored) Restore(SetInfo? set = null)
    {
        var request = new RestoreRequest
        {
            Set = set ?? SetCatalogue.Choose(FileSystems.Current, _disk.Path, null),
            Destination = Path.Combine(_disk.Path, "restored"),
        };
        var report = SetRestorer.Restore(FileSystems.Current, request, new MirrorProgress(), CancellationToken.None);
        return (report.ExitCode, report.FilesRestored);
    }

    private void RequireGood(string name)
    {
        var set = SetCatalogue.Choose(FileSystems.Current, _disk.Path, name);
        var report = SetVerifier.Verify(FileSystems.Current, set, false, new MirrorProgress(), CancellationToken.None);
        Assert.True(report.IsGood, string.Join("; ", report.Damages.Select(damage => damage.Failure.Message)));
    }
}
