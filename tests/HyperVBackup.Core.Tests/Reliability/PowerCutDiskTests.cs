using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A real file system that is cut off: the kernel is told to forget what is not on the medium (EXT4_IOC_SHUTDOWN, which
/// XFS calls GOINGDOWN, without flushing its log), at each operation of a
/// run in turn. What is mounted again afterwards is what a power cut leaves. Needs root on Linux.
/// HVBACKUP_LONG_TESTS=1: every operation, not one of twelve.
/// </summary>
public sealed class PowerCutDiskTests(ITestOutputHelper output) : IDisposable
{
    private const int Megabyte = 1024 * 1024;
    private static readonly bool Long = Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1";
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();
    private SmallDisk? _disk;

    private string Source => _folder["C/VHD"];

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 320)]
    public void Cut_off_at_any_operation_a_complete_set_is_left_and_the_next_run_succeeds(
        string fileSystem,
        int megabytes
    )
    {
        _disk = SmallDisk.Mount(fileSystem, megabytes);
        var kept = "";
        for (var version = 1; version <= 3; version++)
        {
            Change(version);
            kept = BackupWell();
        }

        var (cuts, changed) = (0, 0);
        for (var at = Long ? 1 : 5; ; at += Long ? 1 : 12)
        {
            Change(at);
            var (operations, lastOfSets) = (0, 0);
            var counting = new object();
            var cutting = new FaultyFiles(FileSystems.Current)
            {
                Fail = (_, path) =>
                {
                    // The lock is looked at from a thread of its own, whenever that is.
                    lock (counting)
                    {
                        if (!path.StartsWith(_disk.Path, StringComparison.Ordinal))
                            return null;
                        operations++;
                        if (path != RunLock.OnTarget(_disk.Path))
                            lastOfSets = operations;
                        if (operations == at)
                            CutOff(_disk.Path);
                    }

                    return null;
                },
            };
            var result = Backup(cutting);
            if (operations < at)
                break;
            cuts++;
            try
            {
                _disk.Remount();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    "after operation "
                        + at
                        + " of "
                        + operations
                        + ": "
                        + e.Message
                        + string.Join("; ", result.Failures),
                    e
                );
            }

            // A run whose sets are all written may have nothing to do any more but to give the lock back.
            Assert.True(
                result.Outcome == RunOutcome.Failed || at > lastOfSets,
                "operation " + at + " of " + operations + ": " + result.Outcome
            );
            Assert.DoesNotContain(result.Failures, failure => failure.Kind == FailureKind.Unexpected);
            changed += RequireTruth(kept, at) ? 1 : 0;
            kept = BackupWell();
        }

        Assert.True(changed > 0, "no cut met a set that was being written");
        output.WriteLine(
            $"{fileSystem}: cut off at {cuts} operations, "
                + $"{changed} times while a set was not complete; nothing was lost."
        );
    }

    private void Change(int version)
    {
        var disk = Path.Combine(Source, "web.vhdx");
        if (!File.Exists(disk))
            Tree.Write(disk, Tree.Noise(1, 3 * Megabyte));
        using (var file = File.Open(disk, FileMode.Open))
        {
            file.Position = version * 131_072L % (2 * Megabyte);
            file.Write(Tree.Noise(version, 150_000));
        }

        Tree.Write(Path.Combine(Source, "sub", "notes" + version % 5 + ".txt"), "version " + version);
        File.Delete(Path.Combine(Source, "sub", "notes" + (version + 2) % 5 + ".txt"));
    }

    private string BackupWell()
    {
        var result = Backup(FileSystems.Current);
        Assert.True(
            result.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings,
            string.Join("; ", result.Failures)
        );
        Assert.Equal(Content(Source), Content(Path.Combine(SetLayout.SetFolder(_disk!.Path, result.Set), "VHD")));
        return result.Set;
    }

    // On one thread, so that the operations have one order.
    private RunResult Backup(IFileSystem files) =>
        _disk!.Backup(Source, new StateFolder(_folder["state"]), _clock, files, workers: 1);

    // Whether a set was incomplete.
    private bool RequireTruth(string kept, int at)
    {
        var sets = SetCatalogue.List(FileSystems.Current, _disk!.Path);
        Assert.All(sets, set => Assert.True(set.Problem == null, "operation " + at + ": " + set.Problem));
        var complete = sets.Where(set => set.State == SetCondition.Complete).ToList();
        Assert.Contains(complete, set => set.Set == kept);
        foreach (var set in complete)
        {
            var report = SetVerifier.Verify(
                FileSystems.Current,
                set,
                false,
                new MirrorProgress(),
                CancellationToken.None
            );
            Assert.True(
                report.IsGood,
                "operation "
                    + at
                    + ": "
                    + set.Set
                    + " says it is complete, but "
                    + string.Join("; ", report.Damages.Select(damage => damage.Failure.Message))
            );
        }

        return complete.Count < sets.Count;
    }

    private static string[] Content(string folder) =>
        Directory
            .GetFiles(folder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file =>
                Path.GetRelativePath(folder, file)
                + " "
                + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))
            )
            .ToArray();

    // linux/fs/ext4/ext4.h and linux/fs/xfs/libxfs/xfs_fs.h: _IOR('X', 125, __u32); 2: NOLOGFLUSH.
    private static void CutOff(string mounted)
    {
        const ulong shutdown = 0x8004587D;
        var withoutFlush = 2u;
        using var folder = new Microsoft.Win32.SafeHandles.SafeFileHandle(Open(mounted, 0), true);
        Assert.True(
            !folder.IsInvalid && Ioctl((int)folder.DangerousGetHandle(), shutdown, ref withoutFlush) == 0,
            "cannot cut off the file system: error " + Marshal.GetLastPInvokeError()
        );
    }

    [DllImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        CharSet = CharSet.Ansi,
        BestFitMapping = false,
        ThrowOnUnmappableChar = true
    )]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int Ioctl(int file, ulong request, ref uint argument);
}
