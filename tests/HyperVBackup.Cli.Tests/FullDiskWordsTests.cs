using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using HyperVBackup.Host;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// A full disk is called one wherever it strikes, once, and what could not be written is not left behind; the limits of
/// the process have words, too.
/// </summary>
public sealed class FullDiskWordsTests
{
    [Theory]
    [InlineData("state")]
    [InlineData("F")]
    public void Where_not_even_the_lock_can_be_written_the_disk_is_said_to_be_full(string full)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var volume = SmallVolume.Mount(work[full], 1);
        Stuff(work[full + "/stuffing"]);
        var target = full == "F" ? work["F"] : work.D;
        var ran = work.Run("backup", work["C/files"], "--to", target, "--provider", "copy", "--json");
        Assert.Equal(1, ran.ExitCode);
        var failure = Assert.Single(ran.Json["failures"]!);
        Assert.Equal("diskFull", (string?)failure["kind"]);
        Assert.Contains("no space left", (string?)failure["cause"], StringComparison.Ordinal);
        Assert.DoesNotContain("defect", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(work[full]),
            path => path.EndsWith("lock", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_report_and_a_mirror_on_a_full_disk_say_so_and_leave_nothing()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var volume = SmallVolume.Mount(work["F"], 1);
        Stuff(work["F/stuffing"]);
        foreach (
            var ran in new[]
            {
                work.Run("report", "--output", work["F/r.html"]),
                work.Run("mirror", work["C/files"], work["F/m"]),
            }
        )
        {
            Assert.Equal(1, ran.ExitCode);
            Assert.Contains("no space left on the volume", ran.Output + ran.Error, StringComparison.Ordinal);
        }

        Assert.Equal(
            ["F/m", "F/stuffing"],
            Directory
                .EnumerateFileSystemEntries(work["F"])
                .Select(path => "F/" + Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
        );
        Assert.Empty(Directory.EnumerateFileSystemEntries(work["F/m"]));
    }

    [Fact]
    public void A_limit_on_the_size_of_files_fails_the_run_in_words_and_does_not_kill_it()
    {
        Platform.NeedsPosix();
        using var work = new Workplace();
        work.Fill("C/files/large.vhdx", 12_000_000);
        // The runtime's own memory is a file as well, unless it is told otherwise.
        var (exitCode, said) = Limited(
            work,
            "ulimit -f 8000",
            "backup",
            work["C/files"],
            "--to",
            work.D,
            "--provider",
            "copy",
            "--json"
        );
        Assert.Equal(1, exitCode);
        Assert.Contains("too large", (string?)JObject.Parse(said)["failures"]![0]!["cause"], StringComparison.Ordinal);
        Assert.Contains("ulimit -f", (string?)JObject.Parse(said)["failures"]![0]!["advice"], StringComparison.Ordinal);
        Assert.Equal(0, work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy").ExitCode);
    }

    [Theory]
    [InlineData(64)]
    public void With_too_few_handles_to_begin_it_says_so(int handles)
    {
        Platform.NeedsPosix();
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var (exitCode, said) = Limited(
            work,
            "ulimit -n " + handles,
            "backup",
            work["C/files"],
            "--to",
            work.D,
            "--provider",
            "copy"
        );
        if (exitCode != 0)
            Assert.False(string.IsNullOrWhiteSpace(said));
    }

    private static (int ExitCode, string Said) Limited(Workplace work, string limit, params string[] args)
    {
        var start = new ProcessStartInfo("sh", ["-c", limit + "; exec \"$0\" \"$@\"", .. HvBackup.Command, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[StateFolder.Variable] = work.State;
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using var process = Process.Start(start)!;
        var (output, error) = HvBackup.End(process);
        return (process.ExitCode, output + error);
    }

    private static void Stuff(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        try
        {
            while (true)
                file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
