using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// Measures what shadow sets cost, for the table in docs/providers.md. Run on purpose only: <c>-explicit only -class
/// HyperVBackup.Tests.Shadows.ShadowCosts</c>
/// </summary>
public sealed class ShadowCosts(ITestOutputHelper output)
{
    private const int MiB = 1 << 20;
    private const int DiskSize = 1024 * MiB;
    private const int Writes = 4096;
    private const int WriteSize = 4096;

    [Theory(Explicit = true)]
    [InlineData("btrfs", "btrfs")]
    [InlineData("btrfs", "reflink")]
    [InlineData("xfs", "reflink")]
    public void Of_a_disk_of_1_GiB_and_4096_writes_of_4_KiB_at_random(string fileSystem, string provider)
    {
        using var volume = LoopVolume.Mount(fileSystem, 4096);
        using var host = new ShadowHost();
        var disk = volume["vms/disk.vhdx"];
        Fill(disk);
        var calm = Change(volume, disk, 1);
        output.WriteLine($"{provider} on {fileSystem}, 1 GiB in {Extents(disk)} extents after {Writes} random writes:");
        output.WriteLine(
            $"  the same writes without a shadow set: {Text(calm.Device)} to the device, "
                + $"{Text(calm.Used)} more used, {calm.Milliseconds} ms"
        );

        IShadowProvider shadows = provider == "btrfs" ? host.Btrfs : host.Reflink;
        var used = volume.Used;
        var watch = Stopwatch.StartNew();
        var session = shadows.Create(ShadowHost.Request(volume["vms"]), CancellationToken.None);
        var made = watch.ElapsedMilliseconds;
        output.WriteLine($"  making the set: {made} ms, {Text(volume.Used - used)} more used");
        var frozen = Change(volume, disk, 2);
        output.WriteLine(
            $"  the writes while it exists: {Text(frozen.Device)} to the device, "
                + $"{Text(frozen.Used)} more used, {frozen.Milliseconds} ms; {Extents(disk)} extents"
        );
        watch.Restart();
        Assert.Empty(session.Release());
        var released = watch.ElapsedMilliseconds;
        // btrfs frees the space of a deleted snapshot in the background, within its next commits.
        if (fileSystem == "btrfs")
            LoopVolume.Must("btrfs", "subvolume", "sync", volume.Path);
        output.WriteLine($"  removing it: {released} ms; {Text(volume.Used - used)} more used than before");
        session.Dispose();
        watch.Restart();
        using var second = shadows.Create(ShadowHost.Request(volume["vms"]), CancellationToken.None);
        output.WriteLine($"  making another: {watch.ElapsedMilliseconds} ms");
    }

    private static void Fill(string disk)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(disk)!);
        using var file = File.Create(disk);
        for (var at = 0; at < DiskSize; at += MiB)
            file.Write(Mirroring.Tree.Noise(at, MiB));
        file.Flush(true);
    }

    private static (long Device, long Used, long Milliseconds) Change(LoopVolume volume, string disk, int seed)
    {
        FileSystems.Current.TryFlushVolume(volume.Path);
        var (device, used, random) = (Device(volume), volume.Used, new Random(seed));
        var watch = Stopwatch.StartNew();
        using (var file = new FileStream(disk, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0))
        {
            for (var i = 0; i < Writes; i++)
            {
                file.Position = random.Next(DiskSize / WriteSize) * (long)WriteSize;
                file.Write(Mirroring.Tree.Noise(i, WriteSize));
            }

            file.Flush(true);
        }

        FileSystems.Current.TryFlushVolume(volume.Path);
        return (Device(volume) - device, volume.Used - used, watch.ElapsedMilliseconds);
    }

    // Sectors written: Documentation/block/stat.rst.
    private static long Device(LoopVolume volume)
    {
        var name = Path.GetFileName(LoopVolume.Must("findmnt", "-n", "-o", "SOURCE", "--target", volume.Path).Trim());
        return long.Parse(
                File.ReadAllText("/sys/block/" + name + "/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries)[6],
                CultureInfo.InvariantCulture
            ) * 512;
    }

    private static string Extents(string disk) =>
        LoopVolume.Must("filefrag", disk).Split(':').Last().Trim().Split(' ')[0];

    private static string Text(long bytes) =>
        (bytes / (double)MiB).ToString("F1", CultureInfo.InvariantCulture) + " MiB";
}
