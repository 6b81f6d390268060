using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Host;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// The program as Task Scheduler and cron start it: a process with two streams, signals and an exit code.
/// </summary>
public sealed class ProcessTests
{
    [Fact]
    public void Its_streams_and_exit_code_are_those_of_the_command()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var process = HvBackup.Start(
            work,
            "backup",
            work["C/files"],
            "--to",
            work.D,
            "--provider",
            "copy",
            "--json"
        );
        var (output, error) = HvBackup.End(process);
        Assert.Equal((0, ""), (process.ExitCode, error));
        Assert.Equal("complete", (string?)JObject.Parse(output)["outcome"]);
        Assert.True(Directory.Exists(work.State), "HVBACKUP_STATE names the state folder");
    }

    [Fact]
    public void Ctrl_C_ends_a_run_in_order_and_a_second_run_meanwhile_is_refused()
    {
        Platform.NeedsPosix();
        Assert.SkipWhen(
            IgnoresInterrupts,
            "needs SIGINT, which is ignored here, as in everything that a shell runs in the background"
        );
        using var work = new Workplace();
        work.Fill("C/files/large.vhdx", 40_000_000);
        using var begun = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(work.D, "Backup-*");
        watcher.Created += (_, _) => begun.Set();
        watcher.EnableRaisingEvents = true;

        // At this rate it would take 40 seconds.
        using var process = HvBackup.Start(
            work,
            "backup",
            work["C/files"],
            "--to",
            work.D,
            "--provider",
            "copy",
            "--max-rate",
            "1M",
            "--json"
        );
        Assert.True(begun.Wait(TimeSpan.FromSeconds(60)), "the run did not begin");
        var refused = work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        using (
            var kill = Process.Start(
                "kill",
                ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]
            )
        )
            kill.WaitForExit();
        var (output, error) = HvBackup.End(process);

        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("process " + process.Id, refused.Output);
        Assert.Equal((1, ""), (process.ExitCode, error));
        Assert.Equal(
            ("cancelled", "cancelled"),
            ((string?)JObject.Parse(output)["outcome"], (string?)JObject.Parse(output)["failures"]![0]!["kind"])
        );
        Assert.Matches("SetA +incomplete", work.Run("list", work.D).Output);
        Assert.False(File.Exists(Path.Combine(work.State, "run.lock")), "the lock is gone");
    }

    [Fact]
    public void Another_user_is_told_who_holds_the_lock_though_its_file_is_closed_to_them_and_a_dead_runs_is_none()
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to be two users");
        using var work = new Workplace();
        // The program, its runtime and the source must be open to everybody; where they are not, there is nothing to
        // try.
        Directory.CreateDirectory(work["other"]);
        foreach (var folder in new[] { work.C, work.D, work["other"] })
            FileTools.SetMode(folder, "777");
        work.Write("C/files/a.txt", "a");
        string[] AsOther(string state) =>
            [
                "--reuid",
                "65534",
                "--regid",
                "65534",
                "--clear-groups",
                "env",
                "HOME=" + work["other"],
                StateFolder.Variable + "=" + state,
                .. HvBackup.Command,
            ];
        (int ExitCode, string Output) Other(params string[] args)
        {
            try
            {
                using var process = Process.Start(
                    new ProcessStartInfo("setpriv", [.. AsOther(work["other/state"]), .. args])
                    {
                        RedirectStandardOutput = true,
                        RedirectStandardError = true,
                    }
                )!;
                var (output, error) = HvBackup.End(process);
                return (process.ExitCode, output + error);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return (-1, "");
            }
        }

        Assert.SkipUnless(Other("--help").ExitCode == 0, "needs setpriv, and a program that every user can reach");
        string[] backup = ["backup", work["C/files"], "--to", work.D, "--provider", "copy"];
        work.Fill("C/files/large.vhdx", 40_000_000);
        using var begun = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(work.D, "Backup-*");
        watcher.Created += (_, _) => begun.Set();
        watcher.EnableRaisingEvents = true;
        using (var process = HvBackup.Start(work, [.. backup, "--max-rate", "1M"]))
        {
            Assert.True(begun.Wait(TimeSpan.FromSeconds(60)), "the run did not begin");
            var (refused, said) = Other(backup);
            process.Kill();
            HvBackup.End(process);
            Assert.Equal(4, refused);
            Assert.Contains("a run of root holds it: process " + process.Id + ", since ", said);
        }

        // The killed run left the file, and nobody its lock.
        var (failed, why) = Other(backup);
        Assert.Equal(1, failed);
        Assert.Contains("a run of root left it at ", why);
        // Anybody may write to the target, which is a warning.
        var after = work.Run(backup);
        Assert.True(after.ExitCode == 3, after.Output);
        Assert.Contains(work.D + ": cannot vouch for what it holds: everybody may write to it", after.Output);
    }

    [Fact]
    public void Whatever_the_umask_is_our_files_are_their_owners_alone()
    {
        Platform.NeedsPosix();
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        // The folders that are there and the state folder's parents are not ours; what is made in them is.
        var command = "umask 000; exec \"$0\" \"$@\"";
        using (
            var process = Process.Start(
                InShell(work, command, "backup", work["C/files"], "--to", work.D, "--provider", "copy")
            )
        )
        {
            var (output, _) = HvBackup.End(process!);
            Assert.True(process!.ExitCode == 0, output);
        }

        var ours = new[] { work.State, work["D/Backup-SetA/.hvbackup"] }
            .SelectMany(root =>
                Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Append(root)
            )
            .Append(work["D/Backup-SetA"])
            .ToList();
        Assert.Contains(ours, path => path.EndsWith("set.json", StringComparison.Ordinal));
        Assert.All(
            ours,
            path => Assert.Equal((path, Directory.Exists(path) ? "700" : "600"), (path, FileTools.Mode(path)))
        );

        using var shared = Process.Start(
            InShell(work, command, "backup", work["C/files"], "--to", work.E, "--provider", "copy", "--no-private-sets")
        )!;
        Assert.Contains(
            work["E/Backup-SetA"] + ": cannot vouch for what it holds: everybody may write to it",
            HvBackup.End(shared).Output
        );
        Assert.Equal(3, shared.ExitCode);
    }

    // proc(5): the signals that are ignored, and so by the program as well, as a mask.
    private static bool IgnoresInterrupts =>
        File.ReadLines("/proc/self/status")
            .Any(line =>
                line.StartsWith("SigIgn:", StringComparison.Ordinal)
                && (Convert.ToUInt64(line[7..].Trim(), 16) & 2) != 0
            );

    private static ProcessStartInfo InShell(Workplace work, string command, params string[] args)
    {
        var start = new ProcessStartInfo("sh", ["-c", command, .. HvBackup.Command, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[StateFolder.Variable] = work.State;
        return start;
    }
}
