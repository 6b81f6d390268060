using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>The program as Task Scheduler and cron start it: a process with two streams, signals and an exit code.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void Its_streams_and_exit_code_are_those_of_the_command()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var process = HvBackup.Start(work, "backup", work["C/files"], "--to", work.D, "--provider", "copy", "--json");
        var (output, error) = HvBackup.End(process);
        Assert.Equal((0, ""), (process.ExitCode, error));
        Assert.Equal("complete", (string?)JObject.Parse(output)["outcome"]);
        Assert.True(Directory.Exists(work.State), "HVBACKUP_STATE names the state folder");
    }

    [Fact]
    public void Ctrl_C_ends_a_run_in_order_and_a_second_run_meanwhile_is_refused()
    {
        Platform.NeedsPosix();
        using var work = new Workplace();
        work.Fill("C/files/large.vhdx", 40_000_000);
        using var begun = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(work.D, "Backup-*");
        watcher.Created += (_, _) => begun.Set();
        watcher.EnableRaisingEvents = true;

        // At this rate it would take 40 seconds.
        using var process = HvBackup.Start(work, "backup", work["C/files"], "--to", work.D, "--provider", "copy", "--max-rate", "1M", "--json");
        Assert.True(begun.Wait(TimeSpan.FromSeconds(60)), "the run did not begin");
        var refused = work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy");
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) kill.WaitForExit();
        var (output, error) = HvBackup.End(process);

        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("process " + process.Id, refused.Output);
        Assert.Equal((1, ""), (process.ExitCode, error));
        Assert.Equal(("cancelled", "cancelled"), ((string?)JObject.Parse(output)["outcome"], (string?)JObject.Parse(output)["failures"]![0]!["kind"]));
        Assert.Matches("SetA +incomplete", work.Run("list", work.D).Output);
        Assert.False(File.Exists(Path.Combine(work.State, "run.lock")), "the lock is gone");
    }
}
