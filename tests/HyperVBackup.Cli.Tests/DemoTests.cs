using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>The demo does what it says, and leaves nothing.</summary>
public sealed class DemoTests
{
    [Fact]
    public void It_backs_up_loses_a_disk_restores_it_and_leaves_nothing()
    {
        using var work = new Workplace();
        var ran = work.Run("demo");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Matches(@"1 +SetA +27 +27 +0", ran.Output);
        Assert.Matches(@"2 +SetB +19 +19 +0", ran.Output);
        Assert.Matches(@"3 +SetA +27 +12 +8", ran.Output);
        Assert.Contains("identical", ran.Output);
        Assert.Contains("Everything was as it should be", ran.Output);
        Assert.All(ran.Output.Split('\n').Skip(1), line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
        Assert.Empty(Directory.GetFileSystemEntries(work["temp"]));
        Assert.False(Directory.Exists(work.State), "it does not touch the state of this host");
    }

    [Fact]
    public void It_leaves_the_host_to_those_who_ask()
    {
        using var work = new Workplace();
        Assert.Equal(0, work.Run("demo", "--keep").ExitCode);
        var root = Assert.Single(Directory.GetDirectories(work["temp"]));
        Assert.Equal(["C", "D", "E", "lost", "state"], Directory.GetDirectories(root).Select(Path.GetFileName).Order());
        Assert.Equal(0, work.Run("verify", Path.Combine(root, "E")).ExitCode);
        // What the disks say they are: QEMU's word for a VHD is vpc.
        Assert.Equal(
            "conectix",
            File.ReadAllText(Path.Combine(root, "D", "SystemVHD", "web.vhd"), System.Text.Encoding.Latin1)[^512..^504]
        );
    }

    [Fact]
    public void It_leaves_nothing_when_it_is_cancelled()
    {
        using var work = new Workplace();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var ran = work.Run(cancelled.Token, "demo");
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("it was cancelled", ran.Error);
        Assert.Empty(Directory.GetFileSystemEntries(work["temp"]));
    }
}
