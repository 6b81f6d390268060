using System.IO;
using System.Linq;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>How arguments are read, and refused.</summary>
public sealed class ArgumentTests
{
    [Theory]
    [InlineData("--to {D} {E}")]
    [InlineData("--to {D} --to {E}")]
    public void Several_targets_follow_one_option_or_one_each(string to)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var args = to.Replace("{D}", work.D, System.StringComparison.Ordinal)
            .Replace("{E}", work.E, System.StringComparison.Ordinal)
            .Split(' ');
        Assert.Equal(0, work.Run(["backup", work["C/files"], .. args, "--provider", "copy"]).ExitCode);
        Assert.True(File.Exists(work["D/Backup-SetA/files/a.txt"]));
        Assert.True(File.Exists(work["E/Backup-SetA/files/a.txt"]));
    }

    [Fact]
    public void Every_source_goes_to_every_target_that_does_not_contain_it()
    {
        using var work = new Workplace();
        work.Write("C/cfg/a.xml", "a");
        work.Write("D/SystemVHD/s.vhd", "s");
        work.Write("E/DataVHD/d.vhd", "d");
        Assert.Equal(
            0,
            work.Run(
                "backup",
                work["C/cfg"],
                work["D/SystemVHD"],
                work["E/DataVHD"],
                "--to",
                work.D,
                work.E,
                "--provider",
                "copy"
            ).ExitCode
        );
        Assert.Equal(
            [".hvbackup", "DataVHD", "cfg"],
            Directory
                .GetDirectories(work["D/Backup-SetA"])
                .Select(Path.GetFileName)
                .Order(System.StringComparer.Ordinal)
        );
        Assert.Equal(
            [".hvbackup", "SystemVHD", "cfg"],
            Directory
                .GetDirectories(work["E/Backup-SetA"])
                .Select(Path.GetFileName)
                .Order(System.StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("Mon,Tue,Wed")]
    [InlineData("Mon --sets Tue,Wed")]
    [InlineData("Mon, --sets Tue")]
    public void Sets_are_listed_with_commas_or_one_by_one(string sets)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        var ran = work.Run([
            "backup",
            work["C/files"],
            "--to",
            work.D,
            "--provider",
            "copy",
            "--json",
            "--sets",
            .. sets.Split(' '),
        ]);
        if (sets.Contains(", ", System.StringComparison.Ordinal))
            Assert.Equal((2, "--sets"), (ran.ExitCode, (string?)ran.Json["problems"]![0]!["property"]));
        else
            Assert.Equal((0, "Mon"), (ran.ExitCode, (string?)ran.Json["set"]));
    }

    [Fact]
    public void Patterns_choose_and_leave_out_files()
    {
        using var work = new Workplace();
        foreach (var name in new[] { "a.xml", "b.vmcx", "c.txt", "tmp/d.xml" })
            work.Write("C/cfg/" + name, name);
        Assert.Equal(
            0,
            work.Run(
                "backup",
                "--include",
                "*.xml",
                "--include",
                "*.vmcx",
                "--exclude",
                "tmp",
                work["C/cfg"],
                "--to",
                work.D,
                "--provider",
                "copy"
            ).ExitCode
        );
        Assert.Equal(
            ["a.xml", "b.vmcx"],
            Directory
                .GetFiles(work["D/Backup-SetA/cfg"], "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName)
                .Order()
        );
    }

    [Theory]
    [InlineData("backup a --tp b", "There is no option '--tp'; did you mean '--to'?")]
    [InlineData("backup a --to b --exlude=c", "There is no option '--exlude'; did you mean '--exclude'?")]
    [InlineData("backup a --to b -x", "There is no option '-x'; put names that begin with a dash behind '--'")]
    [InlineData("bakcup a --to b", "There is no command 'bakcup'; did you mean 'backup'?")]
    [InlineData("backup a", "Option '--to' is required.")]
    [InlineData("backup --to b", "Required argument missing for command: 'backup'.")]
    [InlineData("backup a --to b --provider tape", "'tape' not recognized")]
    [InlineData("backup a --to b --max-rate fast", "--max-rate: 'fast' is no number of bytes; as 50M, 1G or 1048576.")]
    [InlineData("verify a b", "Unrecognized command or argument 'b'.")]
    public void What_cannot_be_understood_is_refused_with_a_hint(string args, string why)
    {
        using var work = new Workplace();
        var ran = work.Run(args.Split(' '));
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
        Assert.Contains(why, ran.Error);
        Assert.Contains("--help'", ran.Error);
    }

    [Fact]
    public void Without_a_command_the_commands_are_listed()
    {
        using var work = new Workplace();
        var ran = work.Run();
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
        foreach (var command in new[] { "backup", "run", "mirror", "list", "verify", "restore", "demo" })
            Assert.Contains("\n  " + command + " ", ran.Error);
    }

    [Fact]
    public void Names_that_begin_with_a_dash_stand_behind_two()
    {
        using var work = new Workplace();
        var source = work.Run("backup", "--to", work.D, "--provider", "copy", "--", "-nowhere", "--json");
        Assert.Equal((2, ""), (source.ExitCode, source.Output));
        Assert.Contains("-nowhere' does not exist", source.Error);
        Assert.Contains("--json' does not exist", source.Error);
        var missing = work.Run("list", "--json", "--", "-nowhere");
        Assert.Equal((1, "targetMissing"), (missing.ExitCode, (string?)missing.Json["failures"]![0]!["kind"]));
        Assert.EndsWith("-nowhere", (string?)missing.Json["targets"]![0]);
    }

    [Fact]
    public void Names_that_look_like_files_of_arguments_or_questions_are_names()
    {
        Platform.NeedsPosix();
        using var work = new Workplace();
        foreach (var name in new[] { "@list", "/h", "[suggest]" })
        {
            var ran = work.Run("list", name, "--json");
            Assert.Equal((1, "targetMissing"), (ran.ExitCode, (string?)ran.Json["failures"]![0]!["kind"]));
        }
    }

    [Fact]
    public void Two_sources_of_one_name_are_told_apart_by_a_plan_only()
    {
        using var work = new Workplace();
        work.Write("C/VHD/a.vhd", "a");
        work.Write("E/VHD/b.vhd", "b");
        var ran = work.Run("backup", work["C/VHD"], work["E/VHD"], "--to", work.D);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("'VHD' on " + work.D + " is written by '" + work["C/VHD"] + "' too", ran.Error);
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("50M", 50L << 20)]
    [InlineData("50 MiB", 50L << 20)]
    [InlineData("1G", 1L << 30)]
    [InlineData("1.5k", 1536)]
    [InlineData("2tb", 2L << 40)]
    public void Sizes_are_counted_in_1024s(string text, long bytes)
    {
        Assert.True(Arguments.TryParseSize(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-5M")]
    [InlineData("5X")]
    [InlineData("M")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999")]
    [InlineData("9999999999T")]
    public void What_is_no_size_is_refused(string text) => Assert.False(Arguments.TryParseSize(text, out _));
}
