using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Reliability;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>Small files are restored in batches: durable first, and only then with their names.</summary>
public sealed class RestoreBatchTests
{
    private const int Count = 1200;
    private static readonly string To = MemoryFiles.At("E/restored");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_file_gets_its_name_before_its_content_is_durable(bool flushesVolumes)
    {
        var host = HostWithSmallFiles(flushesVolumes);
        var dirty = new HashSet<string>();
        var (flushes, volumeFlushes, renames) = (0, 0, 0);
        host.Through = new FaultyFiles(host.Files)
        {
            Fail = (operation, path) =>
            {
                switch (operation)
                {
                    case "Write" or "SetLength":
                        dirty.Add(path);
                        break;
                    case "Flush":
                        flushes++;
                        dirty.Remove(path);
                        break;
                    case "TryFlushVolume" when flushesVolumes:
                        volumeFlushes++;
                        dirty.Clear();
                        break;
                    case "Rename":
                        renames++;
                        Assert.Empty(dirty);
                        break;
                }

                return null;
            },
        };
        var report = host.Restore(To);
        Assert.Equal(0, report.ExitCode);
        // One of them is a link.
        Assert.Equal(report.FilesRestored - 1, renames);
        Assert.True(renames > Count);
        if (flushesVolumes)
            Assert.True(
                flushes <= 2 && volumeFlushes <= 10,
                $"{flushes} flushes of files, {volumeFlushes} of the volume"
            );
        else
            Assert.Equal(renames, flushes);
    }

    [Fact]
    public void A_volume_that_refuses_to_be_flushed_gives_no_file_a_name()
    {
        var host = HostWithSmallFiles(true);
        var asked = 0;
        host.Through = new FaultyFiles(host.Files) { RefuseFlush = _ => ++asked > 1 };
        var failure = Assert.Throws<BackupException>(() => host.Restore(To)).Failure;
        Assert.Equal((FailureKind.IoError, To), (failure.Kind, failure.Target));
        Assert.Equal(2, asked);
        Assert.DoesNotContain(
            host.Files.List(PathOf.Join(To, "VHD/small")),
            entry => entry.Kind == EntryKind.File && !TemporaryNames.IsOurs(entry.Name)
        );
        host.Through = host.Files;
        Assert.Equal(0, host.Restore(To).ExitCode);
        Assert.Equal(Count, host.Files.List(PathOf.Join(To, "VHD/small")).Count);
    }

    [Fact]
    public void A_damaged_file_among_many_is_named_and_the_others_are_restored()
    {
        var host = HostWithSmallFiles(true);
        var copy = PathOf.Join(MemoryFiles.At("D"), "Backup-SetA/VHD/small/0700.txt");
        var entry = host.Files.Find(copy)!;
        host.Files.DeleteFile(copy);
        host.Files.Put(copy, Encoding.UTF8.GetBytes("small 07o0"));
        host.Files.SetMetadata(copy, entry);
        var report = host.Restore(To);
        Assert.Equal(5, report.ExitCode);
        Assert.Equal(
            (FailureKind.BlockDamaged, copy),
            report.Failures.Select(failure => (failure.Kind, failure.Target)).Single()
        );
        Assert.Equal(Count - 1, host.Files.List(PathOf.Join(To, "VHD/small")).Count);
    }

    private static MemoryHost HostWithSmallFiles(bool flushesVolumes)
    {
        var host = MemoryHost.New(1, flushesVolumes);
        var folder = PathOf.Join(MemoryHost.Disks, "small");
        host.Files.EnsureFolder(folder);
        for (var i = 0; i < Count; i++)
            host.Files.Put(PathOf.Join(folder, $"{i:D4}.txt"), Encoding.UTF8.GetBytes($"small {i:D4}"));
        host.BackupWell();
        return host;
    }
}
