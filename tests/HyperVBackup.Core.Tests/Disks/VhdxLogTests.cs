using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;
using LogWrite = HyperVBackup.Tests.Disks.VhdxImage.LogWrite;

namespace HyperVBackup.Tests.Disks;

/// <summary>
/// A backup of a running machine has a dirty log, and structures in the file that are older than it. That is no damage.
/// </summary>
public class VhdxLogTests
{
    private const int MiB = VhdxImage.MiB;
    private const ulong Length = 6 * MiB;

    [Fact]
    public void An_empty_entry_is_enough_for_a_log_in_use()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [], Length, Length);
        var report = image.AssertNote("dirty log: 1 entries will be replayed at attach");
        Assert.True(report.HasDirtyLog);
    }

    [Fact]
    public void A_clean_log_may_hold_anything()
    {
        var image = VhdxImage.Dynamic();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0))], Length, Length);
        Assert.False(image.AssertIntact().HasDirtyLog);
    }

    [Fact]
    public void A_dirty_log_without_any_valid_entry_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.AssertDamage("no valid sequence", VhdxImage.Log, MiB);
    }

    [Fact]
    public void A_dirty_log_of_no_length_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(68, 0, 4);
        image.MarkDirty();
        image.AssertDamage("no valid sequence", VhdxImage.Log, 0);
    }

    [Fact]
    public void A_dirty_log_that_is_not_in_the_file_is_damage_and_nothing_else_is_believed()
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(72, 1UL << 40, 8);
        image.MarkDirty();
        Assert.Null(image.AssertDamage("log should be", VhdxImage.Header2 + 68, 12).VirtualSize);
    }

    [Fact]
    public void A_dirty_log_of_another_version_is_damage_and_a_clean_one_is_not()
    {
        var image = VhdxImage.Dynamic();
        image.PutInHeaders(64, 1, 2);
        image.AssertIntact();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [], Length, Length);
        image.AssertDamage("log to replay has version 1", VhdxImage.Header2 + 64, 2);
    }

    // One flipped bit anywhere in the only entry, header, descriptors, data or their padding, and it is none.
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(33)]
    [InlineData(50)]
    [InlineData(64)]
    [InlineData(70)]
    [InlineData(80)]
    [InlineData(88)]
    [InlineData(3000)]
    [InlineData(4096)]
    [InlineData(4100)]
    [InlineData(6000)]
    [InlineData(8191)]
    public void An_entry_with_a_flipped_bit_is_not_replayed(int at)
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(1, 2, 0))], Length, Length);
        image.AssertIntact();
        image.Bytes[VhdxImage.Log + at] ^= 1;
        image.AssertDamage("no valid sequence", VhdxImage.Log, MiB);
    }

    // With a right checksum: what a broken writer would leave.
    [Theory]
    [InlineData(8, 4096UL - 512, 4)]
    [InlineData(8, 4096UL, 4)]
    [InlineData(8, 2UL * VhdxImage.MiB, 4)]
    [InlineData(12, 512UL, 4)]
    [InlineData(12, (ulong)VhdxImage.MiB, 4)]
    [InlineData(12, 8192UL, 4)]
    [InlineData(16, 0UL, 8)]
    [InlineData(24, 2UL, 4)]
    [InlineData(24, 0xFFFF_FFFFUL, 4)]
    [InlineData(64, 0UL, 4)]
    [InlineData(64 + 16, 512UL, 8)]
    [InlineData(64 + 16, 0x8000_0000_0000_0000UL, 8)]
    [InlineData(64 + 24, 2UL, 8)]
    [InlineData(4096, 0UL, 4)]
    [InlineData(4096 + 4, 1UL, 4)]
    [InlineData(8192 - 4, 2UL, 4)]
    public void An_entry_with_a_wrong_field_is_not_replayed(int field, ulong value, int size)
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(1, 2, 0))], Length, Length);
        image.PutLittle(VhdxImage.Log + field, value, size);
        image.Seal(VhdxImage.Log, 8192);
        image.AssertDamage("no valid sequence", VhdxImage.Log, MiB);
    }

    [Fact]
    public void An_entry_of_another_session_is_not_replayed()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 9, 0, [], Length, Length, Guid.NewGuid());
        image.AssertDamage("no valid sequence", VhdxImage.Log, MiB);
    }

    [Fact]
    public void A_BAT_in_the_file_that_is_older_than_the_log_is_no_damage()
    {
        var image = VhdxImage.Dynamic();
        var mended = image.Changed(VhdxImage.Bat, _ => { });
        image.PutBat(0, 5, 0);
        image.PutBat(2, 6, 1 << 20);
        Assert.Equal(2, image.Check().Damages.Count);
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [mended], Length, Length);
        image.AssertNote("dirty log");
    }

    [Fact]
    public void A_BAT_that_the_log_would_break_is_damage()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(2, 6, 4))], Length, Length);
        image.AssertDamage("block 2 at byte 4194304 overlaps another block", VhdxImage.Bat + 16, 8);
    }

    [Fact]
    public void Region_tables_and_metadata_are_read_through_the_log_too()
    {
        var image = VhdxImage.Dynamic();
        var table1 = image.Changed(VhdxImage.Regions1, _ => { });
        var table2 = image.Changed(VhdxImage.Regions2, _ => { });
        var metadata = image.Changed(VhdxImage.Metadata, _ => { });
        var items = image.Changed(VhdxImage.Items, copy => copy.PutLittle(VhdxImage.SizeItem, 7 * MiB, 8));
        foreach (var at in new[] { VhdxImage.Regions1, VhdxImage.Regions2, VhdxImage.Metadata, VhdxImage.Items })
            Array.Clear(image.Bytes, at, 4096);
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [table1, table2, metadata, items], Length, Length);
        Assert.Equal(7L * MiB, image.AssertIntact().VirtualSize);
    }

    [Fact]
    public void Zeroes_are_replayed()
    {
        var image = VhdxImage.Dynamic();
        for (var i = 0; i < 8; i++)
            image.PutBat(i, 5, 0);
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [new LogWrite(VhdxImage.Bat, null, 4096)], Length, Length);
        image.AssertIntact();
    }

    [Fact]
    public void Of_several_writes_to_one_place_the_newest_counts()
    {
        var image = VhdxImage.Dynamic();
        var good = image.Changed(VhdxImage.Bat, _ => { });
        var bad = image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0));
        var zeroes = new LogWrite(VhdxImage.Bat, null, 8192);
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [bad, zeroes, bad, good], Length, Length);
        image.AssertIntact();
        image.PutLogEntry(0, 1, 0, [good, bad], Length, Length);
        image.AssertDamage("block 0 is in state 5", VhdxImage.Bat, 8);
        image.PutLogEntry(0, 1, 0, [bad, zeroes], Length, Length);
        image.AssertIntact();
        image.PutLogEntry(0, 1, 0, [zeroes, bad], Length, Length);
        image.AssertDamage("block 0 is in state 5", VhdxImage.Bat, 8);
    }

    [Fact]
    public void All_entries_from_the_tail_on_are_replayed_in_order()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var next = image.PutLogEntry(
            0,
            1,
            0,
            [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0))],
            Length,
            Length
        );
        next = image.PutLogEntry(
            next,
            2,
            0,
            [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 1))],
            Length,
            Length
        );
        image.PutLogEntry(next, 3, 0, [image.Changed(VhdxImage.Bat, _ => { })], Length, Length);
        image.AssertNote("dirty log: 3 entries");
    }

    [Fact]
    public void Entries_before_the_tail_are_not_replayed()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var tail = image.PutLogEntry(
            0,
            1,
            0,
            [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0))],
            Length,
            Length
        );
        image.PutLogEntry(tail, 2, tail, [], Length, Length);
        image.AssertNote("dirty log: 1 entries");
    }

    [Fact]
    public void A_torn_newest_entry_leaves_the_sequence_before_it()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var next = image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, _ => { })], Length, Length);
        image.PutLogEntry(next, 2, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0))], Length, Length);
        image.AssertDamage("block 0 is in state 5", VhdxImage.Bat, 8);
        Array.Clear(image.Bytes, VhdxImage.Log + next + 4096, 4096);
        image.AssertNote("dirty log: 1 entries");
    }

    [Fact]
    public void A_sequence_whose_oldest_entry_is_lost_is_not_replayed()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var next = image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, _ => { })], Length, Length);
        image.PutLogEntry(next, 2, 0, [], Length, Length);
        image.Bytes[VhdxImage.Log + 5000] ^= 1;
        image.AssertDamage("no valid sequence", VhdxImage.Log, MiB);
    }

    [Fact]
    public void Of_two_sequences_the_one_with_the_higher_number_is_replayed()
    {
        var bad = new Func<VhdxImage, LogWrite>(image => image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0)));
        foreach (var (first, second, isDamage) in new[] { (5UL, 9UL, false), (9UL, 5UL, true) })
        {
            var image = VhdxImage.Dynamic();
            image.MarkDirty();
            image.PutLogEntry(0, first, 0, [bad(image)], Length, Length);
            image.PutLogEntry(0x40000, second, 0x40000, [image.Changed(VhdxImage.Bat, _ => { })], Length, Length);
            if (isDamage)
                image.AssertDamage("block 0 is in state 5", VhdxImage.Bat, 8);
            else
                image.AssertIntact();
        }
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(8192)]
    [InlineData(12288)]
    [InlineData(16384)]
    public void An_entry_and_a_sequence_may_wrap_around_the_end_of_the_log(int beforeEnd)
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var start = MiB - beforeEnd;
        var next = image.PutLogEntry(
            start,
            7,
            start,
            [image.Changed(VhdxImage.Bat, copy => copy.PutBat(0, 5, 0))],
            Length,
            Length
        );
        image.PutLogEntry(next, 8, start, [image.Changed(VhdxImage.Bat, _ => { })], Length, Length);
        image.AssertNote("dirty log: 2 entries");
    }

    [Fact]
    public void Descriptors_may_fill_several_sectors()
    {
        var image = VhdxImage.Dynamic();
        for (var i = 0; i < 8; i++)
            image.PutBat(i, 5, 0);
        image.MarkDirty();
        var writes = Enumerable
            .Range(0, 300)
            .Select(i =>
                i == 290
                    ? image.Changed(VhdxImage.Bat, copy => Array.Clear(copy.Bytes, VhdxImage.Bat, 4096))
                    : new LogWrite(VhdxImage.Bat + 65536, null, 4096)
            );
        image.PutLogEntry(MiB - 4096, 1, MiB - 4096, writes.ToList(), Length, Length);
        image.AssertIntact();
    }

    [Fact]
    public void A_full_log_of_small_entries_is_followed()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var at = 0;
        for (ulong i = 1; i <= 256; i++)
            at = image.PutLogEntry(at, i, 0, [], Length, Length);
        image.AssertNote("dirty log: 256 entries");
    }

    [Fact]
    public void A_file_shorter_than_its_log_has_seen_it_was_cut_off()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [], Length + 2 * MiB, Length);
        image.AssertDamage("cut off", (long)Length, 2 * MiB);
    }

    [Fact]
    public void A_file_that_the_replay_will_extend_is_not()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(3, 6, 6))], Length, Length + MiB);
        image.AssertIntact();
        image.PutLogEntry(0, 1, 0, [image.Changed(VhdxImage.Bat, copy => copy.PutBat(3, 6, 6))], Length, Length);
        image.AssertDamage("block 3 should be at MiB 6, beyond", VhdxImage.Bat + 24, 8);
    }

    [Fact]
    public void A_very_long_dirty_log_is_not_followed_and_said_not_to_be()
    {
        var image = VhdxImage.Dynamic();
        image.Resize(40 * MiB);
        image.PutInHeaders(68, 33 * MiB, 4);
        image.PutInHeaders(72, 6 * MiB, 8);
        image.AssertIntact();
        image.MarkDirty();
        Assert.True(image.AssertNote("too long to follow").HasDirtyLog);
    }

    [Fact]
    public void Very_many_zero_descriptors_are_not_followed_and_said_not_to_be()
    {
        var image = VhdxImage.Dynamic();
        image.MarkDirty();
        var writes = Enumerable
            .Repeat(new LogWrite(VhdxImage.Bat + 65536, null, 4096), VhdxOverlay.MostZeroRanges + 1)
            .ToList();
        image.PutLogEntry(0, 1, 0, writes, Length, Length);
        image.AssertNote("too many zero descriptors");
        image.PutLogEntry(0, 1, 0, writes.Take(VhdxOverlay.MostZeroRanges).ToList(), Length, Length);
        image.AssertNote("dirty log: 1 entries");
    }

    [Fact]
    public void What_is_read_through_the_log_is_what_a_replay_would_have_written()
    {
        var random = new Random(3);
        for (var round = 0; round < 40; round++)
        {
            var image = VhdxImage.Dynamic();
            random.NextBytes(image.Bytes.AsSpan(VhdxImage.FirstBlock));
            var replayed = image.Bytes.Concat(new byte[MiB]).ToArray();
            var at = random.Next(256) * 4096;
            var tail = at;
            for (ulong sequence = 1; sequence <= 5; sequence++)
            {
                var writes = new List<LogWrite>();
                for (var i = random.Next(6); i > 0; i--)
                {
                    var offset = VhdxImage.FirstBlock + random.Next(8) * 4096;
                    var data = new byte[4096];
                    random.NextBytes(data);
                    var write =
                        random.Next(3) == 0
                            ? new LogWrite(offset, null, random.Next(4) * 4096)
                            : new LogWrite(offset, data, 0);
                    writes.Add(write);
                    if (write.Data is not null)
                        data.CopyTo(replayed, offset);
                    else
                        Array.Clear(replayed, offset, (int)write.ZeroLength);
                }

                at = image.PutLogEntry(at, sequence, tail, writes, Length, Length + MiB);
            }

            var ring = image.Bytes[VhdxImage.Log..VhdxImage.Metadata];
            var overlay = new VhdxOverlay(
                new StreamSource(new MemoryStream(image.Bytes)),
                ring,
                VhdxLog.FindActiveSequence(ring, VhdxImage.LogGuid)
            );
            Assert.Equal(7L * MiB, overlay.Length);
            for (var read = 0; read < 30; read++)
            {
                var offset = read == 0 ? VhdxImage.FirstBlock : VhdxImage.FirstBlock + random.Next(3 * MiB);
                var count = read == 0 ? 65536 : random.Next(20_000);
                var buffer = Enumerable.Repeat((byte)0xEE, count + 10).ToArray();
                var expected = replayed[offset..Math.Min(offset + count, replayed.Length)];
                Assert.Equal(expected.Length, overlay.Read(offset, buffer, 5, count));
                Assert.Equal(expected, buffer[5..(5 + expected.Length)]);
            }
        }
    }
}
