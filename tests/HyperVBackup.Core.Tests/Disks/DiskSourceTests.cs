using System;
using System.IO;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Files;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

public class DiskSourceTests
{
    [Fact]
    public void Both_adapters_read_any_range_as_it_is_in_the_file_and_stop_at_its_end()
    {
        var random = new Random(5);
        var bytes = new byte[100_001];
        random.NextBytes(bytes);
        using var blocks = new BlockFileSource(new MemoryBlockFile(bytes), 8192);
        foreach (var source in new IDiskSource[] { blocks, new StreamSource(new MemoryStream(bytes)) })
        {
            Assert.Equal(bytes.Length, source.Length);
            for (var round = 0; round < 500; round++)
            {
                var offset = random.Next(bytes.Length + 100);
                var count = random.Next(30_000);
                var there = Math.Max(0, Math.Min(count, bytes.Length - offset));
                var buffer = new byte[count + 7];
                Assert.Equal(there, source.Read(offset, buffer, 7, count));
                Assert.True(buffer.AsSpan(7, there).SequenceEqual(bytes.AsSpan(Math.Min(offset, bytes.Length), there)));
                Assert.Equal(new byte[7], buffer[..7]);
            }
        }
    }

    [Fact]
    public void A_block_file_is_read_in_whole_sectors()
    {
        var file = new MemoryBlockFile(new byte[20_000]);
        using var source = new BlockFileSource(file, 8192);
        source.Read(5000, new byte[10_000], 0, 10_000);
        Assert.True(file.Reads > 1);
        Assert.False(file.SawUnalignedRead);
    }

    [Fact]
    public void A_disk_behind_a_block_file_is_checked()
    {
        using var source = new BlockFileSource(new MemoryBlockFile(VhdxImage.Dynamic().Bytes));
        Assert.True(DiskChecker.Check(source, "dynamic.vhdx", TestContext.Current.CancellationToken).IsIntact);
    }

    [Fact]
    public void An_error_of_the_disk_underneath_passes_through()
    {
        var file = new MemoryBlockFile(VhdxImage.Dynamic().Bytes) { FailAt = VhdxImage.Bat };
        using var source = new BlockFileSource(file);
        Assert.Throws<IOException>(() =>
            DiskChecker.Check(source, "dynamic.vhdx", TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public void A_check_can_be_cancelled()
    {
        var source = new StreamSource(new MemoryStream(VhdxImage.Dynamic().Bytes));
        Assert.Throws<OperationCanceledException>(() =>
            DiskChecker.Check(source, "dynamic.vhdx", new CancellationToken(true))
        );
    }

    [Fact]
    public void A_file_that_is_shorter_than_it_said_is_damage()
    {
        foreach (var image in new DiskImage[] { VhdxImage.Dynamic(), VhdImage.Dynamic() })
        {
            for (var there = 0; there < image.Bytes.Length; there += image.Bytes.Length / 50)
            {
                using var source = new BlockFileSource(new MemoryBlockFile(image.Bytes) { Readable = there });
                var report = DiskChecker.Check(source, image.Name, TestContext.Current.CancellationToken);
                if (there <= VhdxImage.Bat || image is VhdImage)
                    Assert.False(report.IsIntact);
            }
        }
    }

    private sealed class MemoryBlockFile(byte[] bytes) : IBlockFile
    {
        public int Reads { get; private set; }

        public bool SawUnalignedRead { get; private set; }

        public long FailAt { get; init; } = long.MaxValue;

        public int Readable { get; init; } = bytes.Length;

        public bool FillsGaps => false;

        public FileEntry Stat() =>
            new()
            {
                Name = "disk",
                Kind = EntryKind.File,
                Size = bytes.Length,
            };

        public int Read(long offset, AlignedBuffer buffer, int start, int count)
        {
            Reads++;
            SawUnalignedRead |=
                offset % AlignedBuffer.Alignment != 0
                || start % AlignedBuffer.Alignment != 0
                || count % AlignedBuffer.Alignment != 0;
            if (FailAt >= offset && FailAt < offset + count)
                throw new IOException("the medium failed");
            var there = (int)Math.Max(0, Math.Min(count, Readable - offset));
            if (there > 0)
                Buffer.BlockCopy(bytes, (int)offset, buffer.Bytes, buffer.First + start, there);
            return there;
        }

        public void Write(long offset, AlignedBuffer buffer, int start, int count) =>
            throw new InvalidOperationException("a check writes nothing");

        public bool? IsMarkedSparse() => null;

        public bool TryUnmarkSparse() => false;

        public void SetLength(long length) => throw new InvalidOperationException("a check writes nothing");

        public void SetMetadata(FileEntry like) => throw new InvalidOperationException("a check writes nothing");

        public bool TryZero(long offset, long count) => throw new InvalidOperationException("a check writes nothing");

        public bool NextData(long offset, out long start, out long end) => throw new NotSupportedException();

        public void Flush() => throw new InvalidOperationException("a check writes nothing");

        public void Dispose() { }
    }
}
