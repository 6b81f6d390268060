using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Windows;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsBlockFileTests : WindowsTest
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(4095, true)]
    [InlineData(4096, true)]
    [InlineData(4097, true)]
    [InlineData(300_001, false)]
    [InlineData(300_001, true)]
    public void Content_of_any_size_comes_back(int size, bool direct)
    {
        var content = Content(size);
        Write(Temp["file"], content, direct);
        Assert.Equal(content, File.ReadAllBytes(Temp["file"]));
        Assert.Equal(content, Read(Temp["file"], direct));
    }

    [Fact]
    public void Opened_direct_the_cache_is_bypassed()
    {
        Write(Temp["file"], Content(8192));
        using var direct = (WindowsBlockFile)Files.OpenRead(Temp["file"], true);
        using var cached = (WindowsBlockFile)Files.OpenRead(Temp["file"], false);
        Assert.True(direct.IsDirect);
        Assert.False(cached.IsDirect);
        Assert.Equal(Read(cached, 0, 8192), Read(direct, 0, 8192));
        Assert.True(direct.IsDirect, "an aligned read was refused, so that the cache was used after all");
        Assert.Equal((true, false), (direct.IsParallel, cached.IsParallel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_offset_count_and_place_in_memory_can_be_read(bool direct)
    {
        var content = Content(200_003);
        Write(Temp["file"], content);
        using var file = Files.OpenRead(Temp["file"], direct);
        using var buffer = new AlignedBuffer(content.Length + 8192);
        foreach (
            var (offset, start, count) in new[]
            {
                (0, 0, 4096),
                (1, 0, 4096),
                (0, 1, 4096),
                (4096, 4096, 100),
                (4095, 7, 2),
                (65_536, 0, 131_072),
                (12_345, 4096, 150_001),
                (199_999, 0, 4),
                (200_000, 0, 4096),
                (196_608, 0, 4096),
                (200_003, 0, 1),
                (204_800, 0, 4096),
                (1_000_000, 3, 10),
            }
        )
        {
            Array.Clear(buffer.Bytes, 0, buffer.Bytes.Length);
            var got = file.Read(offset, buffer, start, count);
            Assert.Equal(Math.Max(0, Math.Min(count, content.Length - offset)), got);
            Assert.Equal(content.Skip(offset).Take(got), buffer.Bytes.Skip(buffer.First + start).Take(got));
            Assert.All(buffer.Bytes.Skip(buffer.First + start + got), b => Assert.Equal(0, b));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_offset_count_and_place_in_memory_can_be_written(bool direct)
    {
        var expected = Content(200_003);
        Write(Temp["file"], expected);
        using (var file = Files.OpenUpdate(Temp["file"], direct))
        {
            var seed = 100;
            foreach (
                var (offset, start, count) in new[]
                {
                    (0, 0, 4096),
                    (8191, 0, 2),
                    (16_384, 1, 8192),
                    (32_768, 0, 4097),
                    (65_536, 4096, 65_536),
                    (131_072, 5, 3),
                    (199_999, 0, 4),
                    (196_608, 0, 3395),
                }
            )
            {
                var content = Content(count, seed++);
                using var buffer = new AlignedBuffer(start + count);
                content.CopyTo(buffer.Bytes, buffer.First + start);
                file.Write(offset, buffer, start, count);
                content.CopyTo(expected, offset);
                Assert.Equal(expected.Skip(offset).Take(count), Read(file, offset, count));
            }

            file.Flush();
        }

        Assert.Equal(expected, File.ReadAllBytes(Temp["file"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Several_threads_read_and_write_one_file_each_at_its_own_offsets(bool direct)
    {
        const int block = 64 * 1024;
        const int blocks = 64;
        var content = Content(block * blocks + 777);
        using (var file = Files.Create(Temp["file"], direct))
        {
            Parallel.For(
                0,
                blocks + 1,
                new ParallelOptions { MaxDegreeOfParallelism = 4 },
                i =>
                {
                    var part = content.Skip(i * block).Take(block).ToArray();
                    using var buffer = Buffer(part);
                    file.Write((long)i * block, buffer, 0, part.Length);
                    Assert.Equal(part, Read(file, (long)i * block, part.Length));
                }
            );
        }

        Assert.Equal(content, File.ReadAllBytes(Temp["file"]));
    }

    [Fact]
    public void Offsets_beyond_4_GiB_are_reached()
    {
        const long far = (5L << 30) + 4096;
        WriteSparse(Temp["file"]); // else NTFS would write 5 GiB of zeroes
        using var file = Files.OpenUpdate(Temp["file"], false);
        using var buffer = Buffer(Content(10));
        file.Write(far, buffer, 0, 10);
        Assert.Equal(far + 10, file.Stat().Size);
        Assert.Equal(Content(10), Read(file, far, 100));
        Assert.Equal(new byte[4], Read(file, (1L << 30) + 4096, 4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_is_cut_and_extended_with_zeroes(bool direct)
    {
        var content = Content(10_000);
        Write(Temp["file"], content);
        using (var file = Files.OpenUpdate(Temp["file"], direct))
        {
            file.SetLength(4097);
            Assert.Equal(4097, file.Stat().Size);
            file.SetLength(9000);
        }

        Assert.Equal(content.Take(4097).Concat(new byte[9000 - 4097]), File.ReadAllBytes(Temp["file"]));
    }

    [Fact]
    public void Zeroing_a_range_reads_as_zero_or_is_declined()
    {
        var content = Content(300_000);
        Write(Temp["file"], content);
        using var file = Files.OpenUpdate(Temp["file"], false);
        if (file.TryZero(4096, 200_000))
            Array.Clear(content, 4096, 200_000);
        Assert.Equal(content, Read(file, 0, 300_000));
        Assert.Equal(300_000, file.Stat().Size);
        Assert.Equal(0u, ((WindowsBlockFile)file).Attributes & 0x200);
    }

    [Fact]
    public void On_NTFS_a_range_is_zeroed_and_the_file_does_not_become_sparse()
    {
        Platform.NeedsWindows("FSCTL_SET_ZERO_DATA");
        Write(Temp["file"], Content(300_000));
        using var file = Files.OpenUpdate(Temp["file"], true);
        Assert.True(file.TryZero(4097, 200_000));
        Assert.Equal(new byte[200_000], Read(file, 4097, 200_000));
        Assert.Equal(
            (FileAttributes)0,
            File.GetAttributes(Temp["file"]) & (FileAttributes.SparseFile | FileAttributes.Compressed)
        );
    }

    [Fact]
    public void Holes_are_found_and_not_called_data()
    {
        Platform.NeedsWindows("sparse files");
        WriteSparse(Temp["sparse"]);
        using var file = Files.OpenUpdate(Temp["sparse"], false);
        file.SetLength(16 << 20);
        using var buffer = Buffer(Content(65_536));
        file.Write(8 << 20, buffer, 0, 65_536);
        Assert.True(file.NextData(0, out var start, out var end));
        Assert.Equal((8L << 20, (8L << 20) + 65_536), (start, end));
        Assert.False(file.NextData(end, out _, out _));
        Assert.True(file.Stat().AllocatedBytes < 1 << 20);
    }

    [Fact]
    public void The_next_data_never_leaves_out_what_was_written()
    {
        Write(Temp["file"], Content(100_000));
        using var file = Files.OpenRead(Temp["file"], false);
        Assert.True(file.NextData(0, out var start, out var end));
        Assert.Equal((0, 100_000), (start, end));
        Assert.True(file.NextData(50_000, out start, out end));
        Assert.Equal((50_000, 100_000), (start, end));
        Assert.False(file.NextData(100_000, out _, out _));
    }

    [Fact]
    public void Metadata_is_that_of_the_open_file_whatever_its_name_is_by_now()
    {
        Write(Temp["old"], Content(123));
        using var file = Files.OpenRead(Temp["old"], false);
        var before = Files.Find(Temp["old"])!;
        Assert.Equal(before, file.Stat());
        Files.Rename(Temp["old"], Temp["new"]);
        Write(Temp["old"], Content(456));
        Assert.Equal(123, file.Stat().Size);
        Assert.Equal(before.FileId, file.Stat().FileId);
    }

    [Fact]
    public void Writing_to_a_file_opened_for_reading_is_refused()
    {
        Write(Temp["file"], Content(10));
        using var file = Files.OpenRead(Temp["file"], false);
        using var buffer = Buffer(Content(10));
        var failure = Fails(FailureKind.AccessDenied, () => file.Write(0, buffer, 0, 10));
        Assert.Equal(Temp["file"], failure.Target);
    }

    [Fact]
    public void A_range_outside_the_buffer_is_a_mistake_of_the_caller()
    {
        Write(Temp["file"], Content(10));
        using var file = Files.OpenRead(Temp["file"], false);
        using var buffer = new AlignedBuffer(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(0, buffer, 1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(0, buffer, -1, 5));
    }
}
