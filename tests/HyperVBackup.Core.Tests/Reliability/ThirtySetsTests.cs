using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Thirty sets of one disk on file systems that clone blocks: what they cost, that each is whole, and that none needs
/// another.
/// </summary>
public sealed class ThirtySetsTests(ITestOutputHelper output) : IDisposable
{
    private const int Megabyte = 1024 * 1024;
    private const int Piece = 64 * 1024;
    private const int Sets = 30;
    private static readonly bool Long = Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1";
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();
    private SmallDisk? _volume;

    private static IFileSystem Files => FileSystems.Current;

    private string Source => _folder["C/VHD"];

    private string Disk => Path.Combine(Source, "web.img");

    private string Target => _volume!.Path;

    public void Dispose()
    {
        _volume?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void Cost_the_disk_once_and_their_changes_and_none_needs_another(string fileSystem)
    {
        var size = Long ? 1024 : 128;
        Mount(fileSystem, size * 2 + 512);
        MakeDisk(size);
        var (before, dice, contents) = (_volume!.Used, new Random(1), new Dictionary<string, string>());
        long written = 0;
        for (var run = 1; run <= Sets; run++)
        {
            if (run > 1)
                Change(dice, size * Megabyte / Piece / 100, Piece);
            var result = Backup();
            contents.Add(result.Set, Hash(Disk));
            if (run > 1)
                written += result.BytesWritten;
        }

        var used = _volume.Used - before;
        Assert.Equal(Sets, contents.Values.Distinct().Count());
        Assert.All(contents.Keys, RequireGood);
        RequireRestored(contents.Keys.First(), contents);

        var gone = contents.Keys.Where(_ => dice.Next(2) == 0).ToList();
        foreach (var set in gone)
            Trees.Delete(Files, SetLayout.SetFolder(Target, set));
        foreach (var set in contents.Keys.Except(gone))
        {
            RequireGood(set);
            Assert.Equal(contents[set], Hash(Path.Combine(SetLayout.SetFolder(Target, set), "VHD", "web.img")));
        }

        output.WriteLine(
            $"{fileSystem}: {Sets} sets of a disk of {size} MiB, 1 % changed between them: "
                + $"{used / Megabyte} MiB used ({(double)used / size / Megabyte:0.00} times the disk), "
                + $"{written / (Sets - 1) / 1024} KiB written per run; {gone.Count} deleted, the others are as they "
                + $"were."
        );
        Assert.True(used <= 1.6 * size * Megabyte, $"{used} bytes are used for a disk of {size} MiB");
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void Changes_of_4_KiB_here_and_there_cost_4_KiB_each(string fileSystem)
    {
        Mount(fileSystem, 512);
        MakeDisk(32);
        Backup();
        Backup();
        var before = _volume!.Used;
        Change(new Random(2), 100, 4096);

        var result = Backup();

        Assert.Equal(100 * 4096, result.BytesWritten);
        var used = _volume.Used - before;
        output.WriteLine($"{fileSystem}: 100 pages changed, {used / 1024} KiB more are used.");
        // The pages, the manifest's blocks, and what the file system writes down about a hundred extents.
        Assert.InRange(used, 1, Megabyte);
        RequireGood(result.Set);
        Assert.Equal(Hash(Disk), Hash(Path.Combine(SetLayout.SetFolder(Target, result.Set), "VHD", "web.img")));
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void Full_copies_of_earlier_come_to_share_their_blocks(string fileSystem)
    {
        Mount(fileSystem, 768);
        MakeDisk(48);
        for (var i = 0; i < 20; i++)
            Tree.Write(Path.Combine(Source, "small", i + ".dat"), Tree.Noise(i, Megabyte));
        var before = _volume!.Used;
        Backup(share: false, sets: 2);
        Backup(share: false, sets: 2);
        var full = _volume.Used - before;

        Backup(sets: 2);

        var shared = _volume.Used - before;
        output.WriteLine($"{fileSystem}: two full copies {full / Megabyte} MiB, shared {shared / Megabyte} MiB.");
        Assert.InRange(full, 2 * 68 * Megabyte, 2 * 68 * Megabyte + 24 * Megabyte);
        Assert.InRange(shared, 68 * Megabyte, 68 * Megabyte + 24 * Megabyte);
        RequireGood("SetA");
        RequireGood("SetB");
    }

    [Fact]
    public void Where_blocks_cannot_be_cloned_sets_are_full_copies_as_before()
    {
        Mount("xfs", 512, "-m", "reflink=0");
        MakeDisk(32);
        Backup(sets: 2);
        var before = _volume!.Used;
        Backup(sets: 2);
        Assert.InRange(_volume.Used - before, 32 * Megabyte, 40 * Megabyte);
    }

    [Fact]
    public void A_run_warns_of_more_full_copies_than_the_target_will_hold()
    {
        Mount("xfs", 512, "-m", "reflink=0");
        MakeDisk(32);
        // That this XFS cannot clone blocks is known without trying: the first run says so.
        Assert.Contains(
            "Of up to 30 sets 1 is there; the others need 928 MB",
            Assert.Single(Run(true, Sets).Warnings),
            StringComparison.Ordinal
        );
        var result = Run(true, Sets);
        Assert.Equal(RunOutcome.CompleteWithWarnings, result.Outcome);
        Assert.Contains(
            "will not hold the sets of the plan: each is a full copy of 32.0 MB there",
            Assert.Single(result.Warnings),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Of up to 30 sets 2 are there; the others need 896 MB",
            result.Warnings[0],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Holes_are_no_reason_to_warn()
    {
        Mount("xfs", 512, "-m", "reflink=0");
        MakeDisk(16);
        using (var disk = File.OpenWrite(Disk))
            disk.SetLength(64L * 1024 * Megabyte);
        Backup(sets: 2);
        Backup(sets: 2);
        // What is there counts, and it is too much for thirty.
        Assert.Contains(
            "each is a full copy of 16.0 MB there",
            Assert.Single(Run(true, Sets).Warnings),
            StringComparison.Ordinal
        );
    }

    private void Mount(string fileSystem, int megabytes, params string[] options) =>
        _volume = SmallDisk.Mount(
            fileSystem,
            megabytes,
            options.Length > 0 || fileSystem != "xfs" ? options : ["-m", "reflink=1"]
        );

    private void MakeDisk(int megabytes)
    {
        Directory.CreateDirectory(Source);
        using var file = File.Create(Disk);
        for (var i = 0; i < megabytes; i++)
            file.Write(Tree.Noise(i, Megabyte));
    }

    private void Change(Random dice, int pieces, int size)
    {
        using var file = File.OpenWrite(Disk);
        var content = new byte[size];
        foreach (
            var piece in Enumerable.Range(0, (int)(file.Length / size)).OrderBy(_ => dice.Next()).Take(pieces).ToList()
        )
        {
            dice.NextBytes(content);
            file.Position = (long)piece * size;
            file.Write(content);
        }
    }

    private RunResult Backup(bool share = true, int sets = Sets)
    {
        var result = Run(share, sets);
        Assert.True(
            result.Outcome == RunOutcome.Complete,
            string.Join("; ", result.Failures.Select(failure => failure.Message).Concat(result.Warnings))
        );
        return result;
    }

    private RunResult Run(bool share, int sets) =>
        _volume!.Backup(
            Source,
            new StateFolder(_folder["state"]),
            _clock,
            change: plan =>
                plan with
                {
                    Sets = sets == 2 ? BackupPlan.DefaultSets : SetNames.Numbered(sets),
                    ShareBlocks = share,
                }
        );

    private void RequireGood(string set)
    {
        var report = SetVerifier.Verify(
            Files,
            SetCatalogue.Choose(Files, Target, set),
            false,
            new MirrorProgress(),
            CancellationToken.None
        );
        Assert.True(
            report.IsGood,
            set + ": " + string.Join("; ", report.Damages.Select(damage => damage.Failure.Message))
        );
    }

    private void RequireRestored(string set, Dictionary<string, string> contents)
    {
        var to = _folder["restored"];
        var report = SetRestorer.Restore(
            Files,
            new RestoreRequest { Set = SetCatalogue.Choose(Files, Target, set), Destination = to },
            new MirrorProgress(),
            CancellationToken.None
        );
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(contents[set], Hash(Path.Combine(to, "VHD", "web.img")));
    }

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
