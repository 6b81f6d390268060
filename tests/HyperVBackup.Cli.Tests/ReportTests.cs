using System;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary><c>hvbackup report</c>: a page, a few lines, an exit code.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void It_writes_a_page_and_says_where()
    {
        Backup();
        var ran = _work.Run("report", _work.D, "--output", _work["report.html"]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Equal(
            ["Good: 1 run, 1 machine or folder.", "The report: " + _work["report.html"]],
            ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r'))
        );
        Assert.Contains(
            "On the targets now",
            XDocument.Load(_work["report.html"]).Root!.Value,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Without_a_history_it_is_a_page_all_the_same_and_something_to_know()
    {
        var ran = _work.Run("report", "-o", _work["report.html"]);
        Assert.Equal(3, ran.ExitCode);
        Assert.StartsWith("No backups yet: 0 runs", ran.Output, StringComparison.Ordinal);
        Assert.Contains("No backups yet", File.ReadAllText(_work["report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_stale_is_said_in_the_exit_code_and_by_name()
    {
        Backup();
        var ran = _work.Run("report", "--output", _work["report.html"], "--stale-after", "0.00000001");
        Assert.Equal(3, ran.ExitCode);
        Assert.Contains("At risk", ran.Output, StringComparison.Ordinal);
        Assert.Contains("  " + _work["C/files"] + ": No good copy since ", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_not_there_is_a_warning_and_the_page_is_written()
    {
        Backup();
        var ran = _work.Run("report", _work["nowhere"], "--output", _work["report.html"], "--json");
        Assert.Equal(
            (3, "completeWithWarnings", 1),
            (ran.ExitCode, (string?)ran.Json["outcome"], (int)ran.Json["failureCount"]!)
        );
        Assert.Equal("targetMissing", (string?)ran.Json["failures"]![0]!["kind"]);
        Assert.True(File.Exists(_work["report.html"]));
    }

    [Fact]
    public void As_JSON_it_is_what_a_monitor_asks_for()
    {
        Backup();
        var json = _work.Run("report", "--output", _work["report.html"], "--json").Json;
        Assert.Equal(
            ("complete", 0, "good", _work["report.html"], 1),
            (
                (string?)json["outcome"],
                (int)json["exitCode"]!,
                (string?)json["state"],
                (string?)json["file"],
                (int)json["runs"]!
            )
        );
        Assert.Equal(new FileInfo(_work["report.html"]).Length, (long)json["bytes"]!);
        var item = Assert.Single(json["items"]!);
        Assert.Equal(
            (_work["C/files"], "folder", "good", 0, 1),
            (
                (string?)item["name"],
                (string?)item["kind"],
                (string?)item["state"],
                (int)item["failedTries"]!,
                (int)item["bytes"]!
            )
        );
        Assert.Matches("^[0-9-]{10}T[0-9:.]+Z$", (string?)item["lastGood"]);
        Assert.Equal(JTokenType.Float, json["staleAfter"]!.Type);
    }

    [Theory]
    [InlineData("report")]
    [InlineData("report --output r.html --last 0")]
    [InlineData("report --output r.html --last many")]
    [InlineData("report --output r.html --stale-after soon")]
    [InlineData("report --output r.html --stale-after 0")]
    [InlineData("report --output r.html --stale-after -1d")]
    public void Wrong_arguments_touch_nothing(string args)
    {
        var ran = _work.Run(args.Split(' ').Select(arg => arg == "r.html" ? _work["r.html"] : arg).ToArray());
        Assert.Equal(2, ran.ExitCode);
        Assert.NotEmpty(ran.Error);
        Assert.False(File.Exists(_work["r.html"]));
    }

    [Fact]
    public void A_folder_is_not_overwritten()
    {
        var ran = _work.Run("report", "--output", _work.D);
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("it is a folder", ran.Error, StringComparison.Ordinal);
    }

    private void Backup()
    {
        _work.Write("C/files/a.txt", "a");
        _work.Run("backup", _work["C/files"], "--to", _work.D, "--provider", "copy");
    }
}
