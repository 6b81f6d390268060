using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Tests.Disks;
using Xunit;

namespace HyperVBackup.Tests.Disks;

/// <summary>
/// Random damage to valid disks: the check always ends, never throws, and whatever a checksum covers is noticed.
/// HVBACKUP_LONG_TESTS=1 runs 100,000 mutations instead of 4,000.
/// </summary>
public class DiskMutationTests
{
    private static readonly int Rounds =
        Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1" ? 100_000 : 4_000;

    [Fact]
    public void Any_mutation_of_any_disk_is_checked_to_the_end_without_an_exception()
    {
        var random = new Random(20090102);
        var images = Images();
        for (var round = 0; round < Rounds; round++)
        {
            var (image, structures) = images[round % images.Count];
            var original = new List<(int At, byte Value)>();
            var length = image.Bytes.Length;
            for (var i = random.Next(1, 9); i > 0; i--)
            {
                // Mostly where a parser looks, mostly edges of what a field can hold.
                var at = random.Next(8) == 0 ? random.Next(length) : Pick(random, structures);
                original.Add((at, image.Bytes[at]));
                image.Bytes[at] = random.Next(4) switch
                {
                    0 => 0,
                    1 => 0xFF,
                    2 => (byte)(image.Bytes[at] ^ (1 << random.Next(8))),
                    _ => (byte)random.Next(256),
                };
            }

            if (random.Next(2) == 0)
                Reseal(image);
            var claimed = random.Next(4) == 0 ? random.Next(length + 1) : length;
            var report = Checked(image, claimed, round);
            Assert.True(report.Damages.Count <= 100);
            Assert.All(
                report.Damages,
                damage =>
                    Assert.True(
                        damage.Offset >= 0 && damage.Length >= 0 && damage.Section.Length > 0,
                        $"round {round}: {damage}"
                    )
            );
            for (var i = original.Count - 1; i >= 0; i--)
                image.Bytes[original[i].At] = original[i].Value;
            Reseal(image);
        }

        foreach (var (image, _) in images)
            image.AssertIntact();
    }

    [Fact]
    public void Any_flip_inside_a_checksummed_structure_is_noticed()
    {
        var random = new Random(42);
        var dirty = Dirty();
        var dynamicVhd = VhdImage.Dynamic();
        var fixedVhd = VhdImage.Fixed();
        var vhdx = VhdxImage.Dynamic();
        var structures = new (DiskImage Image, int At, int Length)[]
        {
            (vhdx, VhdxImage.Header1, 4096),
            (vhdx, VhdxImage.Header2, 4096),
            (vhdx, VhdxImage.Regions1, 65536),
            (vhdx, VhdxImage.Regions2, 65536),
            (dirty, VhdxImage.Log, 8192),
            (dynamicVhd, 0, 512),
            (dynamicVhd, 512, 1024),
            (dynamicVhd, dynamicVhd.Footer, 512),
            (fixedVhd, fixedVhd.Footer, 512),
        };
        for (var round = 0; round < Rounds; round++)
        {
            var (image, at, length) = structures[round % structures.Length];
            var flipped = at + random.Next(length);
            var mask = (byte)(1 << random.Next(8));
            image.Bytes[flipped] ^= mask;
            var report = image.Check();
            image.Bytes[flipped] ^= mask;
            Assert.True(
                report.Damages.Any(damage =>
                    damage.Offset <= flipped && flipped < damage.Offset + damage.Length
                    || (damage.Offset >= at && damage.Offset < at + length)
                ),
                $"round {round}: bit {mask} of byte {flipped} of {image.Name} went unnoticed"
            );
        }
    }

    [Fact]
    public void Any_truncation_of_a_disk_is_noticed()
    {
        var random = new Random(7);
        foreach (var (image, _) in Images())
        {
            // One byte less of a VHD is a footer of 511 bytes, which is allowed.
            var longest = image.Bytes.Length - (image is VhdImage ? 2 : 1);
            for (var round = 0; round < Rounds / 40; round++)
            {
                var report = Checked(image, random.Next(longest + 1), round);
                Assert.False(report.IsIntact, $"{image.Name} cut to {report.FileLength} of {image.Bytes.Length} bytes");
            }
        }
    }

    private static DiskReport Checked(DiskImage image, int length, int round)
    {
        try
        {
            return DiskChecker.Check(
                new StreamSource(new MemoryStream(image.Bytes, 0, length, false)),
                image.Name,
                TestContext.Current.CancellationToken
            );
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"round {round}, {image.Name}: {exception.Message}", exception);
        }
    }

    private static VhdxImage Dirty()
    {
        var image = VhdxImage.Dynamic();
        image.Name = "dirty.vhdx";
        image.MarkDirty();
        image.PutLogEntry(
            0,
            1,
            0,
            [image.Changed(VhdxImage.Bat, _ => { }), new VhdxImage.LogWrite(VhdxImage.Bat + 65536, null, 4096)],
            6 << 20,
            6 << 20
        );
        return image;
    }

    private static List<(DiskImage Image, (int At, int Length)[] Structures)> Images()
    {
        (int, int)[] vhdx =
        [
            (VhdxImage.Header1, 80),
            (VhdxImage.Header2, 80),
            (VhdxImage.Regions1, 80),
            (VhdxImage.Regions2, 80),
            (VhdxImage.Metadata, 224),
            (VhdxImage.Items, 400),
            (VhdxImage.Bat, 64),
            (VhdxImage.Bat + VhdxImage.ChunkRatio * 8, 8),
            (VhdxImage.Log, 128),
        ];
        (int, int)[] vhd =
        [
            (0, 88),
            (512, 64),
            (512 + 576, 72),
            (VhdImage.Table, 16),
            (VhdImage.Blocks + 2 * VhdImage.BlockWithBitmap, 88),
        ];
        return
        [
            (VhdxImage.Dynamic(), vhdx),
            (VhdxImage.Differencing(), vhdx),
            (Dirty(), vhdx),
            (VhdImage.Dynamic(), vhd),
            (VhdImage.Differencing(), vhd),
            (VhdImage.Fixed(), [(65536, 88)]),
        ];
    }

    private static int Pick(Random random, (int At, int Length)[] structures)
    {
        var (at, length) = structures[random.Next(structures.Length)];
        return at + random.Next(length);
    }

    // With right checksums the mutation gets past them, to the checks behind.
    private static void Reseal(DiskImage image)
    {
        switch (image)
        {
            case VhdxImage vhdx:
                vhdx.Seal(VhdxImage.Header1, 4096);
                vhdx.Seal(VhdxImage.Header2, 4096);
                vhdx.SealRegions();
                if (vhdx.Name == "dirty.vhdx")
                    vhdx.Seal(VhdxImage.Log, 8192);
                break;
            case VhdImage { Name: "fixed.vhd" } vhd:
                vhd.Seal(vhd.Footer, 512, 64);
                break;
            case VhdImage vhd:
                vhd.SealFooters();
                vhd.SealHeader();
                break;
        }
    }
}
