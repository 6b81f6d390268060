using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Mirroring.Strategies;
using HyperVBackup.Progress;
using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>Which way a large file takes to its target in which situation, and that it takes it.</summary>
public sealed class CopyStrategyTests : IDisposable
{
    private const string Name = "web.vhdx";
    private const int Size = 5_000_000;
    private static readonly Guid Run = new("11111111-2222-3333-4444-555555555555");
    private readonly TempFolder _folder = new();
    private readonly FaultyFiles _files = new(FileSystems.Current) { Clone = (_, _) => false };
    private readonly ConcurrentQueue<string> _read = new();
    private readonly FailureLog _log = new();
    private byte[] _content = Tree.Noise(1, Size);

    public CopyStrategyTests() => Tree.Write(Path.Combine(_folder, "source", Name), _content);

    private string Target => Path.Combine(_folder, "target");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", nameof(NewFile))]
    [InlineData("source clones", nameof(CloneOfSource))]
    [InlineData("copy", nameof(UpdateByReading))]
    [InlineData("copy, source clones", nameof(UpdateByReading))]
    [InlineData("copy, manifest", nameof(UpdateByManifest))]
    [InlineData("copy, manifest, source clones", nameof(UpdateByManifest))]
    [InlineData("copy, manifest, touched", nameof(UpdateByReading))]
    [InlineData("copy, manifest, other name", nameof(NewFile))]
    [InlineData("copy, other name, source clones", nameof(CloneOfSource))]
    [InlineData("newest", nameof(NewFile))]
    [InlineData("newest, newest clones", nameof(CloneOfNewest))]
    [InlineData("newest, newest clones, source clones", nameof(CloneOfNewest))]
    [InlineData("newest, newest clones, copy, manifest", nameof(CloneOfNewest))]
    [InlineData("newest, newest clones, not believed", nameof(DoubtedCloneOfNewest))]
    [InlineData("newest, newest clones, newest touched", nameof(NewFile))]
    [InlineData("newest, copy, manifest", nameof(UpdateByManifest))]
    [InlineData("newest, copy", nameof(UpdateByReading))]
    public void Each_situation_has_its_strategy(string situation, string expected)
    {
        if (situation.Contains("other name", StringComparison.Ordinal))
            Platform.NeedsPosix(); // It makes a hard link.
        using var copy = new Situation(this, situation);
        Assert.Equal(expected, CopyStrategies.Choose(copy.File).GetType().Name);
    }

    [Theory]
    [InlineData("", Size, false)]
    [InlineData("source clones", 0, true)] // The clone is what is hashed.
    [InlineData("copy", Blocks.Size, true)]
    [InlineData("copy, manifest", Blocks.Size, false)]
    [InlineData("newest, newest clones", PageMap.Size, false)]
    [InlineData("newest, newest clones, not believed", PageMap.Size, true)]
    public void Each_strategy_writes_and_reads_what_it_has_to_and_ends_with_the_source(
        string situation,
        long written,
        bool isReadWhole
    )
    {
        using var copy = new Situation(this, situation);
        Change(3_000_000);
        var result = copy.Copy();

        Assert.Empty(_log.Failures);
        Assert.Equal(written, result.Tally.BytesWritten);
        var reads = _read.Count(path => !path.Contains("source", StringComparison.Ordinal));
        Assert.Equal(isReadWhole, reads >= (Size + Blocks.ChunkSize - 1) / Blocks.ChunkSize);
        Assert.True(File.ReadAllBytes(Path.Combine(Target, Name)).AsSpan().SequenceEqual(_content));
        Assert.Equal([Name], Directory.EnumerateFiles(Target).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public void Given_a_manifest_that_cannot_be_read_on_an_update_by_manifest_goes_on_by_reading()
    {
        using var copy = new Situation(this, "copy, manifest");
        var strategy = CopyStrategies.Choose(copy.File);
        strategy.Open();
        _files.Fail = (operation, path) =>
            operation == "Read" && path.EndsWith(".manifest", StringComparison.Ordinal) ? FailureKind.IoError : null;
        using var chunk = Chunk();
        Assert.IsType<UpdateByReading>(Assert.IsType<UpdateByManifest>(strategy).Prepare(chunk, chunk.Lanes[0]));
        Assert.Contains("is not used", _log.Warnings.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_manifest_that_cannot_be_read_on_a_clone_of_the_newest_is_read_from_there_on()
    {
        using var copy = new Situation(this, "newest, newest clones");
        var strategy = CopyStrategies.Choose(copy.File);
        strategy.Open();
        _files.Fail = (operation, path) =>
            operation == "Read" && path.EndsWith(".manifest", StringComparison.Ordinal) ? FailureKind.IoError : null;
        using var chunk = Chunk();
        Assert.IsType<DoubtedCloneOfNewest>(Assert.IsType<CloneOfNewest>(strategy).Prepare(chunk, chunk.Lanes[0]));
    }

    [Fact]
    public void Given_a_clone_that_does_not_hold_what_its_manifest_says_it_is_gone_through_once_more()
    {
        using var copy = new Situation(this, "newest, newest clones, rotten");
        Change(200);
        var result = copy.Copy();

        Assert.Contains("does not hold what its manifest says", _log.Warnings.Single(), StringComparison.Ordinal);
        Assert.True(File.ReadAllBytes(Path.Combine(Target, Name)).AsSpan().SequenceEqual(_content));
        Assert.Equal(2 * PageMap.Size, result.Tally.BytesWritten);
    }

    private static Chunk Chunk()
    {
        var chunk = new Chunk { Length = Blocks.ChunkSize };
        chunk.UseLanes(1);
        return chunk;
    }

    private void Change(long offset)
    {
        _content = (byte[])_content.Clone();
        _content[offset] ^= 1;
        Tree.Write(Path.Combine(_folder, "source", Name), _content);
    }

    /// <summary>A source, and a target as the words say.</summary>
    private sealed class Situation : IDisposable
    {
        private readonly CopyStrategyTests _test;
        private readonly string _words;
        private readonly Lazy<TargetLane> _lane;
        private readonly Lazy<TargetFile> _file;

        public Situation(CopyStrategyTests test, string words)
        {
            _test = test;
            _words = words;
            Directory.CreateDirectory(test.Target);
            foreach (var (word, folder) in new[] { ("copy", "target"), ("newest", "newest") })
                if (Is(word))
                    Make(folder);
            var copy = Path.Combine(test.Target, Name);
            if (Is("touched"))
                System.IO.File.SetLastWriteTimeUtc(copy, new DateTime(2020, 1, 1));
            if (Is("newest touched"))
                System.IO.File.SetLastWriteTimeUtc(
                    Path.Combine(test._folder, "newest", Name),
                    new DateTime(2020, 1, 1)
                );
            if (Is("other name"))
                FileTools.HardLink(copy, Path.Combine(test._folder, "other name"));
            test._files.Clone = (from, to) =>
            {
                var isMeant = Is(from.Contains("newest", StringComparison.Ordinal) ? "newest clones" : "source clones");
                if (isMeant)
                    System.IO.File.Copy(from, to);
                if (isMeant && Is("rotten"))
                    Spoil(to, 100, 4_000_000);
                return isMeant;
            };
            test._files.Fail = (operation, path) =>
            {
                if (operation == "Read" && !path.Contains(".manifest", StringComparison.Ordinal))
                    test._read.Enqueue(path);
                return null;
            };
            _lane = new Lazy<TargetLane>(() => new TargetLane(test._files, TargetOf("target"), test._log));
            _file = new Lazy<TargetFile>(MakeFile);
        }

        /// <summary>The file, before a strategy is chosen.</summary>
        public TargetFile File => _file.Value;

        /// <summary>Copies it with the whole engine.</summary>
        public MirroredTarget Copy()
        {
            using var engine = new MirrorEngine(_test._files, _test._log, new MirrorProgress());
            return engine.Run(JobOf("target"), default).Single();
        }

        public void Dispose()
        {
            if (_file.IsValueCreated)
                _file.Value.Dispose();
            if (_lane.IsValueCreated)
                _lane.Value.Dispose();
        }

        private static void Spoil(string path, params int[] offsets)
        {
            var content = System.IO.File.ReadAllBytes(path);
            foreach (var offset in offsets)
                content[offset] ^= 1;
            System.IO.File.WriteAllBytes(path, content);
        }

        private bool Is(string word) => _words.Split(", ").Contains(word);

        // As a run before made it, with its manifest.
        private void Make(string folder)
        {
            using (var engine = new MirrorEngine(_test._files, _test._log, new MirrorProgress()))
                engine.Run(JobOf(folder) with { Targets = [PlainTargetOf(folder)] }, default);
            var manifest = Path.Combine(_test._folder, folder + ".manifest");
            System.IO.File.Move(manifest + ".new", manifest);
        }

        private MirrorJob JobOf(string folder) =>
            new()
            {
                Source = Path.Combine(_test._folder, "source"),
                SourceName = "source",
                InSet = true,
                Targets = [TargetOf(folder)],
            };

        private MirrorTarget PlainTargetOf(string folder) =>
            new()
            {
                Folder = Path.Combine(_test._folder, folder),
                NewManifest = Path.Combine(_test._folder, folder + ".manifest.new"),
                Header = new ManifestHeader(Run, "VHD", _test._files.IgnoresCase),
            };

        private MirrorTarget TargetOf(string folder) =>
            PlainTargetOf(folder) with
            {
                BaseManifest = Is("manifest") ? Path.Combine(_test._folder, folder + ".manifest") : null,
                BaseRun = Run,
                Peer = Is("newest")
                    ? new PeerFolder
                    {
                        Folder = Path.Combine(_test._folder, "newest"),
                        Manifest = Path.Combine(_test._folder, "newest.manifest"),
                        Run = Run,
                        IsBelieved = !Is("not believed"),
                    }
                    : null,
            };

        private TargetFile MakeFile()
        {
            var source = Path.Combine(_test._folder, "source", Name);
            var entry = _test._files.Find(source)!;
            var there = _test._files.Find(Path.Combine(_test.Target, Name));
            var known = _lane.Value.Base.Find(Name);
            var slot = new CopySlot(_lane.Value, there, TargetLane.StampHolds(known, there) ? known : null);
            slot.Peer = _lane.Value.Peer?.Find(Name, entry, slot);
            var stamps = new SourceStamps(_test._files, DateTime.UtcNow, null);
            var task = new FileTask(new FolderVisit(), Name, source, source, entry, stamps, [slot]);
            if (_lane.Value.Manifest is { } manifest)
                manifest.BeginBlocks();
            return new TargetFile(_test._files, task, slot, new MirrorProgress());
        }
    }
}
