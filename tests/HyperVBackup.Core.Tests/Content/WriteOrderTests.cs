using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Content;

/// <summary>
/// On file systems that fill with zeroes what a write leaves out, new content is written from front to back, whatever
/// worker has it; elsewhere and in place as it comes.
/// </summary>
public sealed class WriteOrderTests : IDisposable
{
    private const int Chunk = Blocks.ChunkSize;
    private readonly FaultyFiles _files = new(FileSystems.Current) { FillsGaps = true };
    private readonly List<long> _offsets = [];
    private readonly MirrorBench _bench;

    public WriteOrderTests()
    {
        _bench = new MirrorBench(files: _files);
        _files.Writing = (path, offset, _) =>
        {
            if (path.EndsWith(".new", StringComparison.Ordinal))
                return;
            lock (_offsets)
                _offsets.Add(offset);
        };
    }

    private string Source => Path.Combine(_bench.Source, "web.vhdx");

    private string Target => Path.Combine(_bench.Target(), "web.vhdx");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_new_file_is_written_from_front_to_back()
    {
        Make(12 * Chunk + 777);
        Hold();
        _bench.Backup();
        Assert.Equal(_offsets.Order(), _offsets);
        Assert.True(_offsets.Count > 12);
        RequireSame();
    }

    [Fact]
    public void Zeroes_and_holes_are_left_out_and_hold_nobody_up()
    {
        Make(12 * Chunk + 777);
        using (var file = File.OpenWrite(Source))
        {
            // A whole chunk, a few blocks, and the end, which is a hole where the file system has them.
            file.Position = 2L * Chunk;
            file.Write(new byte[Chunk]);
            file.Position = (5L * Chunk) + (3 * Blocks.Size);
            file.Write(new byte[4 * Blocks.Size]);
            file.SetLength(40L * Chunk);
        }

        Hold();
        _bench.Backup();
        Assert.Equal(_offsets.Order(), _offsets);
        Assert.DoesNotContain(_offsets, offset => offset is >= 2L * Chunk and < 3L * Chunk or > (13L * Chunk));
        RequireSame();
    }

    [Fact]
    public void What_a_file_has_grown_by_is_written_from_front_to_back()
    {
        Make(5 * Chunk);
        _bench.Backup();
        _offsets.Clear();
        using (var file = File.Open(Source, FileMode.Append))
            file.Write(Tree.Noise(9, 9 * Chunk));
        Hold();
        _bench.Backup();
        Assert.Equal(_offsets.Order(), _offsets);
        Assert.Equal(5L * Chunk, _offsets[0]);
        RequireSame();
    }

    [Fact]
    public void When_the_source_fails_in_the_middle_nobody_waits_for_what_will_not_come()
    {
        Make(12 * Chunk);
        var reads = 0;
        _files.Fail = (operation, path) =>
            operation == "Read" && path == Source && Interlocked.Increment(ref reads) == 3 ? FailureKind.IoError : null;
        _bench.Backup();
        Assert.Equal(FailureKind.IoError, Assert.Single(_bench.Log.Failures).Kind);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void When_a_target_fails_in_the_middle_the_other_gets_all()
    {
        using var bench = new MirrorBench(2, _files);
        Tree.Write(Path.Combine(bench.Source, "web.vhdx"), Tree.Noise(1, 12 * Chunk));
        var writes = 0;
        _files.Fail = (operation, path) =>
            operation == "Write"
            && path.StartsWith(bench.Target(1), StringComparison.Ordinal)
            && !path.EndsWith(".new", StringComparison.Ordinal)
            && Interlocked.Increment(ref writes) == 3
                ? FailureKind.IoError
                : null;
        bench.Backup();
        Assert.Single(bench.Log.Failures);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(bench.Source, "web.vhdx")),
            File.ReadAllBytes(Path.Combine(bench.Target(), "web.vhdx"))
        );
        Assert.False(File.Exists(Path.Combine(bench.Target(1), "web.vhdx")));
    }

    [Fact]
    public void A_pass_lets_the_next_write_and_an_end_lets_nobody()
    {
        var (order, written) = (new WriteOrder(), new List<int>());
        order.Pass(1);
        order.Write(0, () => written.Add(0));
        order.Write(2, () => written.Add(2));
        order.End();
        order.Write(9, () => written.Add(9));
        Assert.Equal([0, 2], written);
    }

    // The first worker to read is the last to go on, so that without an order its chunk would be written last.
    private void Hold()
    {
        var first = 0;
        using var others = new CountdownEvent(3);
        var gate = new CountdownEvent(3);
        _files.Fail = (operation, path) =>
        {
            if (operation != "Read" || path != Source)
                return null;
            if (Interlocked.Increment(ref first) == 1)
                gate.Wait(TimeSpan.FromSeconds(10));
            else if (!gate.IsSet)
                gate.Signal();
            return null;
        };
    }

    private void Make(int size) => Tree.Write(Source, Tree.Noise(1, size));

    private void RequireSame()
    {
        Assert.Empty(_bench.Log.Failures);
        Assert.Equal(File.ReadAllBytes(Source), File.ReadAllBytes(Target));
    }
}
