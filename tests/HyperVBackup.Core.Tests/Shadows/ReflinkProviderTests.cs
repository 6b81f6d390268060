using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Reliability;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// Block clones on real file systems: no data is copied, what cannot be cloned is refused in words, what is left is
/// removed.
/// </summary>
public sealed class ReflinkProviderTests : IDisposable
{
    private readonly ShadowHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("btrfs")]
    [InlineData("xfs")]
    public void A_clone_lies_in_the_very_blocks_of_its_file(string fileSystem)
    {
        using var volume = LoopVolume.Mount(fileSystem, 512);
        var file = volume["vms/a.vhdx"];
        Mirroring.Tree.Write(file, Mirroring.Tree.Noise(1, 64 << 20));
        FileSystems.Current.TryFlushVolume(volume.Path);
        var before = FileSystems.Current.GetVolume(volume.Path).FreeBytes;
        using var session = _host.Reflink.Create(ShadowHost.Request(volume["vms"]), CancellationToken.None);
        var clone = session.Set.Shadows[0].Root + "/a.vhdx";
        Assert.InRange(before - FileSystems.Current.GetVolume(volume.Path).FreeBytes, 0, 1 << 20);
        var extents = Extents(file);
        Assert.NotEmpty(extents);
        Assert.Equal(extents, Extents(clone));
        Assert.Equal("700", FileTools.Mode(session.Set.Shadows[0].Root));
        Assert.Empty(session.Release());
        Assert.Equal(["vms"], Directory.GetFileSystemEntries(volume.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("ext4", 48, "it lies on ext4 ({0}), which cannot clone blocks")]
    [InlineData("xfs-without-reflink", 320, "it lies on xfs ({0}), which cannot clone blocks")]
    public void A_file_system_that_cannot_clone_is_named(string fileSystem, int megabytes, string cause)
    {
        using var volume =
            fileSystem == "ext4"
                ? LoopVolume.Mount("ext4", megabytes)
                : LoopVolume.Mount("xfs", megabytes, "-m", "reflink=0");
        Directory.CreateDirectory(volume["vms"]);
        var result = _host.Backup("reflink", volume["vms"]);
        Assert.Equal(RunOutcome.Failed, result.Outcome);
        var failure = Assert.Single(result.Failures);
        Assert.Equal(
            (FailureKind.ProviderUnavailable, string.Format(null, cause, volume.Path)),
            (failure.Kind, failure.Cause)
        );
        Assert.Empty(Directory.GetFileSystemEntries(volume["vms"]));
        var auto = _host.Backup("auto", volume["vms"]);
        Assert.Equal(("copy", RunOutcome.CompleteWithWarnings), (auto.Provider, auto.Outcome));
        Assert.Contains("reflink: " + volume["vms"] + ": " + failure.Cause, auto.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_without_space_for_the_probe_is_not_said_to_be_unable_to_clone()
    {
        using var volume = LoopVolume.Mount("xfs", 320);
        Directory.CreateDirectory(volume["vms"]);
        using (var fill = File.Create(volume["fill"]))
        {
            var part = new byte[64 * 1024];
            void Fill()
            {
                while (true)
                    fill.Write(part);
            }

            Assert.Throws<IOException>(Fill);
        }

        var failure = Assert.Single(_host.Backup("reflink", volume["vms"]).Failures);
        Assert.Equal((FailureKind.DiskFull, "no space left on the volume"), (failure.Kind, failure.Cause));
    }

    [Fact]
    public void Clones_of_a_run_that_died_are_removed_by_the_next()
    {
        using var volume = LoopVolume.Mount("xfs", 320);
        Mirroring.Tree.Write(volume["vms/sub/a.txt"], "a");
        _host.Reflink.Create(ShadowHost.Request(volume["vms"]), CancellationToken.None);
        Assert.Equal(2, Directory.GetFileSystemEntries(volume.Path).Length);
        var journal = new OneProcessJournal(_host.Journal);
        Assert.Empty(
            Leftovers.Remove(
                _host.Context with
                {
                    Journal = journal,
                    Providers = ShadowProviders.OfThisHost(_host.Files, journal, SystemClock.Instance),
                }
            )
        );
        Assert.Equal(["vms"], Directory.GetFileSystemEntries(volume.Path).Select(Path.GetFileName));
        Assert.Empty(_host.Journaled);
    }

    // Where a file lies on the disk: filefrag's lines of logical and physical blocks.
    private static string[] Extents(string file)
    {
        var (exitCode, output) = LoopVolume.Run("filefrag", "-v", file);
        Assert.SkipUnless(exitCode == 0, "needs filefrag, to see where files lie");
        return output
            .Split('\n')
            .Where(line =>
                line.Contains("..", StringComparison.Ordinal) && line.Contains("shared", StringComparison.Ordinal)
            )
            .Select(line => line.Split(':')[1] + line.Split(':')[2])
            .ToArray();
    }
}
