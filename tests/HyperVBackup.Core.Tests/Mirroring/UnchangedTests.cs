using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>When a file is taken for unchanged without being read, and when its content is asked.</summary>
public sealed class UnchangedTests : IDisposable
{
    private readonly ConcurrentQueue<string> _read = new();
    private readonly FaultyFiles _files = new(FileSystems.Current);
    private readonly MirrorBench _bench;

    public UnchangedTests()
    {
        _bench = new MirrorBench(1, _files) { Frozen = DateTime.UtcNow.AddHours(1) };
        _files.Fail = (operation, path) =>
        {
            if (operation == "OpenRead" && PathOf.TryRelative(_bench.Source, path, out var relative))
                _read.Enqueue(relative);
            return null;
        };
    }

    private string A => Path.Combine(_bench.Source, "a");

    private string B => Path.Combine(_bench.Source, "b");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_file_that_nobody_has_touched_is_not_read_again()
    {
        Start();
        _bench.Backup();
        Assert.Empty(_read);
    }

    [Fact]
    public void Two_files_of_one_size_and_time_that_trade_places_are_copied()
    {
        Start();
        File.Move(A, A + "x");
        File.Move(B, A);
        File.Move(A + "x", B);
        Assert.Equal(2, Assert.Single(_bench.Backup()).Tally.FilesCopied);
        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000_000)]
    public void A_file_that_changed_and_whose_time_was_put_back_is_copied(int size)
    {
        Start(size);
        MiniatureHost.ChangeQuietly(A, 50, 7);
        Assert.Equal(1, Assert.Single(_bench.Backup()).Tally.FilesCopied);
        Tree.AssertEqual(_bench.Source, _bench.Target());
        _read.Clear();
        _bench.Backup();
        Assert.Empty(_read);
    }

    [Fact]
    public void A_file_replaced_by_one_of_the_same_size_and_time_is_copied()
    {
        Start();
        var before = FileSystems.Current.Find(A)!;
        File.Delete(A);
        Tree.Write(A, Tree.Noise(9, 100));
        FileSystems.Current.SetMetadata(A, before);
        _bench.Backup();
        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Fact]
    public void A_file_that_changed_in_the_moment_of_its_backup_is_read_again_the_next_time()
    {
        _bench.Frozen = null;
        Start();
        _bench.Backup();
        Assert.Equal(["a", "b"], _read.Order());
    }

    [Theory]
    [InlineData("fuse.sshfs")]
    [InlineData("exfat")]
    [InlineData("cifs")]
    [InlineData("tmpfs")]
    [InlineData("")]
    public void Where_the_times_of_a_file_system_do_not_tell_of_every_change_content_decides(string fileSystem)
    {
        _files.Volume = (_, volume) => volume with { FileSystem = fileSystem };
        Start();
        _bench.Backup();
        Assert.Equal(["a", "b"], _read.Order());
        Assert.Equal(0, Assert.Single(_bench.Backup()).Tally.FilesCopied);
    }

    [Fact]
    public void A_file_system_whose_kind_cannot_be_told_is_not_believed()
    {
        Start();
        _files.Fail = (operation, path) =>
            operation == "GetVolume" && path.StartsWith(_bench.Source, StringComparison.Ordinal)
                ? FailureKind.IoError
                : null;
        MiniatureHost.ChangeQuietly(A, 50, 7);
        _bench.Backup();
        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Fact]
    public void The_files_of_an_older_manifest_are_compared_by_content_once()
    {
        Start();
        AsVersionOne(_bench.Manifest());
        MiniatureHost.ChangeQuietly(A, 50, 7);
        var tally = Assert.Single(_bench.Backup()).Tally;
        Assert.Equal((1, 1), (tally.FilesCopied, tally.FilesUnchanged));
        Assert.Equal(["a", "b"], _read.Order());
        Assert.Equal(0, _bench.Log.WarningCount);
        _read.Clear();
        _bench.Backup();
        Assert.Empty(_read);
    }

    [Fact]
    public void A_mirror_without_manifests_copies_what_changed_although_size_and_time_stayed()
    {
        Start();
        _bench.Mirror();
        MiniatureHost.ChangeQuietly(A, 50, 7);
        Assert.Equal(1, Assert.Single(_bench.Mirror()).Tally.FilesCopied);
        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Theory]
    [InlineData(0, 2499, false)]
    [InlineData(0, 2501, true)]
    [InlineData(1, 49, false)]
    [InlineData(1, 52, true)]
    public void A_time_tells_nothing_of_what_came_within_its_grain(int nanoseconds, int laterMilliseconds, bool isOlder)
    {
        var time = new FileTime(1_000_000, nanoseconds);
        Assert.Equal(
            isOlder,
            FileClock.IsOlder(time, FileTime.FromDateTime(time.ToDateTime().AddMilliseconds(laterMilliseconds)))
        );
    }

    private void Start(int size = 100)
    {
        Assert.SkipUnless(
            SourceStamps.IsReliable(FileSystems.Current.GetVolume(_bench.Source)),
            "needs a temporary folder on a file system with times of change that can be believed"
        );
        foreach (var (file, seed) in new[] { (A, 1), (B, 2) })
        {
            Tree.Write(file, Tree.Noise(seed, size));
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        _bench.Backup();
        Assert.NotEmpty(_read);
        _read.Clear();
    }

    private static void AsVersionOne(string manifest)
    {
        using (var reader = new ManifestReader(FileSystems.Current, manifest))
        using (
            var writer = new ManifestWriter(
                FileSystems.Current.Create(manifest + ".1", false),
                reader.Header with
                {
                    Version = 1,
                }
            )
        )
        {
            foreach (var record in reader.All())
                writer.Add(record);
            writer.Finish();
        }

        File.Move(manifest + ".1", manifest, true);
    }
}
