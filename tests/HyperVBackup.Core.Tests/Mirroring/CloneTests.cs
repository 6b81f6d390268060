using System;
using System.IO;
using System.Linq;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>
/// Where source and target share a file system that can, a new large file shares the blocks of its source instead of
/// being written.
/// </summary>
public sealed class CloneTests : IDisposable
{
    private const int Size = 5_000_000;
    private readonly FaultyFiles _files = new(FileSystems.Current);
    private readonly MirrorBench _bench;

    public CloneTests()
    {
        _files.Clone = Copy;
        _bench = new MirrorBench(files: _files);
        Tree.Write(Source, Tree.Noise(1, Size));
    }

    private string Source => Path.Combine(_bench.Source, "web.vhdx");

    private string Target => Path.Combine(_bench.Target(), "web.vhdx");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_new_file_is_a_clone_and_from_then_on_only_what_changed_is_written()
    {
        var made = 0;
        _files.Clone = (source, destination) => ++made > 0 && Copy(source, destination);
        Assert.Equal((1L, 0L), Done(_bench.Backup()[0]));
        Spoil(Source, 3_000_000);
        Assert.Equal((1L, (long)Blocks.Size), Done(_bench.Backup()[0]));
        Assert.Equal((0L, 0L), Done(_bench.Backup()[0]));
        Assert.Equal(1, made);
        AssertSame(Source, Target);
    }

    [Fact]
    public void The_hashes_are_those_of_what_the_clone_holds()
    {
        // As if the source had changed between its clone and its reading, within one tick of the file system's clock.
        _files.Clone = (source, destination) =>
        {
            Copy(source, destination);
            Spoil(destination, 4_500_000);
            return true;
        };
        _bench.Backup();
        Assert.Equal((1L, (long)Blocks.Size), Done(_bench.Backup()[0]));
        AssertSame(Source, Target);
    }

    [Fact]
    public void A_source_that_changes_after_its_clone_was_made_is_named_and_the_clone_gets_no_name()
    {
        _files.Clone = (source, destination) =>
        {
            Copy(source, destination);
            File.AppendAllText(source, "more");
            return true;
        };
        _bench.Backup();
        Assert.Equal(
            (FailureKind.SourceChanged, Source),
            _bench.Log.Failures.Select(failure => (failure.Kind, failure.Target)).Single()
        );
        Assert.Empty(Directory.GetFileSystemEntries(_bench.Target()));
    }

    [Fact]
    public void A_clone_that_cannot_be_read_is_a_source_that_cannot_be_read()
    {
        _files.Fail = (operation, path) =>
            operation == "Read" && path.Contains(".hvbackup-tmp-", StringComparison.Ordinal)
                ? FailureKind.IoError
                : null;
        _bench.Backup();
        Assert.Equal(
            (FailureKind.IoError, Source),
            _bench.Log.Failures.Select(failure => (failure.Kind, failure.Target)).Single()
        );
        Assert.Empty(Directory.GetFileSystemEntries(_bench.Target()));
    }

    [Fact]
    public void What_cannot_be_cloned_is_copied()
    {
        foreach (var kind in new FailureKind?[] { null, FailureKind.IoError })
        {
            using var bench = new MirrorBench(files: _files);
            Tree.Write(Path.Combine(bench.Source, "web.vhdx"), Tree.Noise(1, Size));
            _files.Clone = (_, _) => false;
            _files.Fail = (operation, _) => operation == "TryClone" ? kind : null;
            Assert.Equal((1L, (long)Size), Done(bench.Backup()[0]));
            Assert.Empty(bench.Log.Failures);
            AssertSame(Path.Combine(bench.Source, "web.vhdx"), Path.Combine(bench.Target(), "web.vhdx"));
        }
    }

    [Fact]
    public void On_XFS_a_full_copy_takes_no_room()
    {
        using var folder = new TempFolder();
        using var disk = SmallDisk.Mount("xfs", 320);
        var (source, target) = (Path.Combine(disk.Path, "source"), Path.Combine(disk.Path, "target"));
        Tree.Write(Path.Combine(source, "web.vhdx"), Tree.Noise(1, 64_000_000));
        var log = new FailureLog();
        FileSystems.Current.TryFlushVolume(source);
        var before = FileSystems.Current.GetVolume(source);
        Assert.SkipUnless(before.ClonesBlocks, "needs an XFS that shares blocks");
        using (var engine = new MirrorEngine(FileSystems.Current, log, new MirrorProgress()))
            engine.Run(
                new MirrorJob
                {
                    Source = source,
                    SourceName = source,
                    Targets = [new MirrorTarget { Folder = target }],
                },
                default
            );
        Assert.Empty(log.Failures);
        AssertSame(Path.Combine(source, "web.vhdx"), Path.Combine(target, "web.vhdx"));
        Assert.InRange(before.FreeBytes - FileSystems.Current.GetVolume(source).FreeBytes, -8_000_000, 8_000_000);
    }

    private static (long Copied, long Written) Done(MirroredTarget target) =>
        (target.Tally.FilesCopied, target.Tally.BytesWritten);

    private static void AssertSame(string one, string other) =>
        Assert.True(File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other)));

    private static void Spoil(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = offset;
        var old = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(old ^ 1));
    }

    private static bool Copy(string source, string destination)
    {
        File.Copy(source, destination);
        return true;
    }
}
