using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

public sealed class MirrorTests : IDisposable
{
    private readonly MirrorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Names_with_any_legal_character_are_copied()
    {
        string[] names = PathOf.IsWindows
            ? ["ümläut.txt", "日本語.xml", "semi;colon", "per%cent", "'quotes'", "a b"]
            :
            [
                "ümläut.txt",
                "日本語.xml",
                "line\nbreak",
                "back\\slash",
                "\"quotes\"",
                "trailing space ",
                "trailing dot.",
                "*?<>|:",
                "-rf",
                "~",
                "not utf-8 \uDCFF\uDC80",
                new string('x', 255),
            ];
        foreach (var name in names)
            using (var file = FileSystems.Current.Create(PathOf.Join(_bench.Source, name), false))
                file.SetLength(3);
        for (var i = 0; i < 2; i++)
        {
            _bench.Backup();
            Assert.Empty(_bench.Log.Failures);
            Tree.AssertEqual(_bench.Source, _bench.Target());
        }
    }

    [Fact]
    public void Deep_folders_empty_folders_and_empty_files_are_copied()
    {
        var deep = string.Join(
            Path.DirectorySeparatorChar,
            Enumerable.Range(0, 60).Select(i => "a folder with a long name " + i)
        );
        Directory.CreateDirectory(Path.Combine(_bench.Source, "empty", "emptier"));
        Tree.Write(Path.Combine(_bench.Source, deep, "bottom.txt"), "deep down");
        Tree.Write(Path.Combine(_bench.Source, "nothing.txt"), "");
        Tree.Write(Path.Combine(_bench.Source, "nothing.vhdx"), "");
        _bench.Backup();
        Assert.Empty(_bench.Log.Failures);
        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Fact]
    public void Links_are_copied_as_links_and_nothing_behind_them_is_touched()
    {
        Platform.NeedsPosix();
        var outside = Path.Combine(_bench.Root, "outside");
        Tree.Write(Path.Combine(outside, "precious.txt"), "mine");
        Directory.CreateSymbolicLink(Path.Combine(_bench.Source, "folder-link"), outside);
        File.CreateSymbolicLink(Path.Combine(_bench.Source, "file-link"), Path.Combine(outside, "precious.txt"));
        File.CreateSymbolicLink(Path.Combine(_bench.Source, "dangling"), "nowhere at all");
        _bench.Backup();
        Tree.AssertEqual(_bench.Source, _bench.Target());

        // Links where the source has real things, and real things where it has links.
        foreach (var name in new[] { "folder-link", "file-link", "dangling" })
            File.Delete(Path.Combine(_bench.Source, name));
        Tree.Write(Path.Combine(_bench.Source, "folder-link", "a.txt"), "real");
        Tree.Write(Path.Combine(_bench.Source, "file-link"), "real too");
        Directory.CreateSymbolicLink(Path.Combine(_bench.Target(), "extra-link"), outside);
        _bench.Backup();
        Assert.Empty(_bench.Log.Failures);
        Tree.AssertEqual(_bench.Source, _bench.Target());
        Assert.Equal("mine", File.ReadAllText(Path.Combine(outside, "precious.txt")));
        Assert.Single(Directory.GetFiles(outside));
    }

    [Fact]
    public void A_link_in_the_place_of_the_target_is_refused()
    {
        Platform.NeedsPosix();
        var outside = Path.Combine(_bench.Root, "outside");
        Tree.Write(Path.Combine(outside, "precious.txt"), "mine");
        Directory.CreateSymbolicLink(_bench.Target(), outside);
        var failure = Assert.Throws<BackupException>(() => _bench.Backup()).Failure;
        Assert.Equal(FailureKind.LinkRefused, failure.Kind);
        Assert.True(File.Exists(Path.Combine(outside, "precious.txt")));
    }

    [Fact]
    public void Read_only_files_are_replaced_updated_and_deleted()
    {
        var small = Path.Combine(_bench.Source, "small.txt");
        var disk = Path.Combine(_bench.Source, "disk.vhdx");
        var extra = Path.Combine(_bench.Source, "folder", "extra.txt");
        Tree.Write(small, "one");
        Tree.Write(disk, Tree.Noise(1, 6_000_000));
        Tree.Write(extra, "goes away");
        foreach (var path in new[] { small, disk, extra })
            File.SetAttributes(path, FileAttributes.ReadOnly);
        _bench.Backup();
        Tree.AssertEqual(_bench.Source, _bench.Target());

        foreach (var path in new[] { small, disk, extra })
            File.SetAttributes(path, FileAttributes.Normal);
        File.WriteAllText(small, "another");
        File.WriteAllBytes(disk, Tree.Noise(2, 6_500_000));
        Directory.Delete(Path.GetDirectoryName(extra)!, true);
        foreach (var path in new[] { small, disk })
            File.SetAttributes(path, FileAttributes.ReadOnly);
        _bench.Backup();
        Assert.Empty(_bench.Log.Failures);
        Tree.AssertEqual(_bench.Source, _bench.Target());
        foreach (var path in new[] { small, disk })
            File.SetAttributes(path, FileAttributes.Normal);
    }

    [Fact]
    public void A_target_file_with_a_second_name_elsewhere_is_replaced_and_not_written_through()
    {
        Platform.NeedsPosix();
        var disk = Path.Combine(_bench.Source, "disk.vhdx");
        Tree.Write(disk, Tree.Noise(1, 6_000_000));
        _bench.Backup();
        var other = Path.Combine(_bench.Root, "second-name.vhdx");
        FileTools.HardLink(Path.Combine(_bench.Target(), "disk.vhdx"), other);
        var before = File.ReadAllBytes(other);
        Tree.Write(disk, Tree.Noise(2, 6_000_000));
        _bench.Backup();
        Tree.AssertEqual(_bench.Source, _bench.Target());
        Assert.Equal(before, File.ReadAllBytes(other));
    }

    [Fact]
    public void Globs_choose_files_and_keep_the_folders()
    {
        Tree.Write(Path.Combine(_bench.Source, "a.xml"), "1");
        Tree.Write(Path.Combine(_bench.Source, "B.XML"), "2");
        Tree.Write(Path.Combine(_bench.Source, "c.txt"), "3");
        Tree.Write(Path.Combine(_bench.Source, "sub", "d.xml"), "4");
        Directory.CreateDirectory(Path.Combine(_bench.Source, "hollow"));
        Tree.Write(Path.Combine(_bench.Source, "temp", "e.xml"), "5");
        _bench.Backup(new GlobFilter(["*.xml"], ["temp"]));
        Assert.Equal(["B.XML", "a.xml", "hollow", "sub", "sub/d.xml"], Names(_bench.Target()));
        // What the filter does not take is no part of a set any more.
        _bench.Backup(new GlobFilter(["a.*"]));
        Assert.Equal(["a.xml", "hollow", "sub", "temp"], Names(_bench.Target()));
    }

    [Fact]
    public void Without_a_set_what_the_filter_leaves_out_stays_in_the_destination()
    {
        Tree.Write(Path.Combine(_bench.Source, "a.xml"), "1");
        Tree.Write(Path.Combine(_bench.Target(), "notes.txt"), "mine");
        Tree.Write(Path.Combine(_bench.Target(), "old.xml"), "extra");
        Tree.Write(Path.Combine(_bench.Target(), "gone", "old.xml"), "extra");
        Tree.Write(Path.Combine(_bench.Target(), "mixed", "old.xml"), "extra");
        Tree.Write(Path.Combine(_bench.Target(), "mixed", "notes.txt"), "mine");
        _bench.Mirror(new GlobFilter(["*.xml"]));
        Assert.Equal(["a.xml", "mixed", "mixed/notes.txt", "notes.txt"], Names(_bench.Target()));
        _bench.Mirror();
        Assert.Equal(["a.xml"], Names(_bench.Target()));
    }

    [Fact]
    public void A_file_that_vanishes_is_named_and_the_rest_copied_and_nothing_deleted_beside_it()
    {
        Tree.Write(Path.Combine(_bench.Source, "a.txt"), "1");
        Tree.Write(Path.Combine(_bench.Source, "b.txt"), "2");
        Tree.Write(Path.Combine(_bench.Source, "other", "c.txt"), "3");
        Tree.Write(Path.Combine(_bench.Target(), "extra.txt"), "still here");
        Tree.Write(Path.Combine(_bench.Target(), "other", "extra.txt"), "not here");
        var vanishing = Path.Combine(_bench.Source, "b.txt");
        using var bench = new MirrorBench();
        var files = new FaultyFiles(FileSystems.Current)
        {
            Fail = (operation, path) =>
            {
                if (operation == "OpenRead" && path == vanishing)
                    File.Delete(vanishing);
                return null;
            },
        };
        var log = new FailureLog();
        using var engine = new MirrorEngine(files, log, new MirrorProgress());
        engine.Run(
            new MirrorJob
            {
                Source = _bench.Source,
                SourceName = _bench.Source,
                Targets = [new MirrorTarget { Folder = _bench.Target() }],
            },
            TestContext.Current.CancellationToken
        );

        var failure = Assert.Single(log.Failures);
        Assert.Equal((FailureKind.FileVanished, vanishing), (failure.Kind, failure.Target));
        Assert.Equal(["a.txt", "extra.txt", "other", "other/c.txt"], Names(_bench.Target()));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(10_000_000)]
    public void A_file_that_changes_while_it_is_read_is_named_and_no_torn_copy_takes_its_name(int size)
    {
        var log = Path.Combine(_bench.Source, "busy.log");
        Tree.Write(log, Tree.Noise(1, size));
        Tree.Write(Path.Combine(_bench.Source, "quiet.txt"), "2");
        var writes = 0;
        var oneWriter = new object();
        using var bench = new MirrorBench(
            files: new FaultyFiles(FileSystems.Current)
            {
                Fail = (operation, path) =>
                {
                    if (operation != "Read" || !path.EndsWith("busy.log", StringComparison.Ordinal))
                        return null;
                    // Blocks are read at the same time, and appending shuts other writers out.
                    lock (oneWriter)
                        File.AppendAllText(path, "line " + ++writes);
                    return null;
                },
            }
        );
        Directory.Delete(bench.Source);
        Directory.Move(_bench.Source, bench.Source);
        bench.Mirror();
        Assert.Equal(FailureKind.SourceChanged, Assert.Single(bench.Log.Failures).Kind);
        Assert.Equal(["quiet.txt"], Names(bench.Target()));
    }

    [Fact]
    public void What_is_no_file_is_left_out_with_a_warning()
    {
        Platform.NeedsPosix();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_bench.Source, "s")));
        _bench.Backup();
        Assert.Contains(Path.Combine(_bench.Source, "s"), Assert.Single(_bench.Log.Warnings), StringComparison.Ordinal);
        Assert.Empty(Names(_bench.Target()));
    }

    [Fact]
    public void Holes_stay_holes_and_data_that_became_zero_is_zeroed()
    {
        Platform.NeedsPosix();
        var disk = Path.Combine(_bench.Source, "sparse.vhdx");
        using (var file = File.Create(disk))
        {
            file.SetLength(3L << 30);
            file.Position = 1L << 30;
            file.Write(Tree.Noise(1, 1_000_000));
        }

        _bench.Backup();
        var copy = FileSystems.Current.Find(Path.Combine(_bench.Target(), "sparse.vhdx"))!;
        Assert.Equal(3L << 30, copy.Size);
        Assert.InRange(copy.AllocatedBytes, 1_000_000, 2_000_000);

        using (var file = File.Open(disk, FileMode.Open))
        {
            file.Position = 1L << 30;
            file.Write(new byte[500_000]);
        }

        _bench.Backup();
        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Fact]
    public void A_damaged_manifest_is_not_believed_and_the_copy_is_right_all_the_same()
    {
        Tree.Write(Path.Combine(_bench.Source, "a.vhdx"), Tree.Noise(1, 9_000_000));
        Tree.Write(Path.Combine(_bench.Source, "b.txt"), "2");
        _bench.Backup();
        var manifest = File.ReadAllBytes(_bench.Manifest());
        for (var at = 0; at < manifest.Length; at += 97)
        {
            var spoiled = (byte[])manifest.Clone();
            spoiled[at] ^= 0x10;
            File.WriteAllBytes(_bench.Manifest(), spoiled);
            _bench.Backup();
            Assert.Empty(_bench.Log.Failures);
            Assert.Single(_bench.Log.Warnings);
        }

        Tree.AssertEqual(_bench.Source, _bench.Target());
    }

    [Fact]
    public void A_second_target_that_fails_in_one_file_does_not_take_the_first_with_it()
    {
        using var bench = new MirrorBench(
            2,
            new FaultyFiles(FileSystems.Current)
            {
                Fail = (operation, path) =>
                    operation == "Write"
                    && path.Contains("target1", StringComparison.Ordinal)
                    && !path.EndsWith(".new", StringComparison.Ordinal)
                        ? FailureKind.IoError
                        : null,
            }
        );
        Tree.Write(Path.Combine(bench.Source, "a.vhdx"), Tree.Noise(1, 9_000_000));
        Tree.Write(Path.Combine(bench.Source, "b.txt"), "2");
        bench.Backup();
        Tree.AssertEqual(bench.Source, bench.Target(0));
        Assert.NotEmpty(bench.Log.Failures);
        Assert.All(bench.Log.Failures, failure => Assert.Contains("target1", failure.Target, StringComparison.Ordinal));
        Assert.Empty(Names(bench.Target(1)));
    }

    private static List<string> Names(string folder) =>
        Directory
            .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)
            .ToList();
}
