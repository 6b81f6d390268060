using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using HyperVBackup.Host;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// The exit code is that of what was done, whether or not it could be printed: on a full disk, to a closed stream, to a
/// reader that has gone, as a report or as JSON, on standard output and standard error alike.
/// </summary>
public sealed class UnprintedResultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_complete_backup_is_complete(bool json)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        Assert.Equal(0, RunUnheard(work, json, "backup", work["C/files"], "--to", work.D, "--provider", "copy"));
        Assert.Matches("SetA +\\* +complete|SetA \\* +complete", work.Run("list", work.D).Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_set_is_damaged(bool json)
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        Assert.Equal(0, work.Run("backup", work["C/files"], "--to", work.D, "--provider", "copy").ExitCode);
        File.WriteAllText(work["D/Backup-SetA/files/a.txt"], "b");
        Assert.Equal(5, RunUnheard(work, json, "verify", work.D));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wrong_plan_is_a_wrong_plan(bool json)
    {
        using var work = new Workplace();
        Assert.Equal(2, RunUnheard(work, json, "run", work["missing.json"]));
    }

    [Theory]
    [InlineData("bakup")]
    [InlineData("backup", "--nonsense")]
    [InlineData]
    public void Wrong_arguments_are_wrong_arguments(params string[] args)
    {
        using var work = new Workplace();
        Assert.Equal(2, RunUnheard(work, false, args));
    }

    [Fact]
    public void After_the_first_line_that_could_not_be_written_nothing_more_is_so_that_there_are_no_holes()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var output = new Deaf(2);
        Program.Run(
            ["backup", work["C/files"], "--to", work.D, "--provider", "copy"],
            new Surroundings
            {
                Output = output,
                Error = TextWriter.Null,
                State = new StateFolder(work.State),
            }
        );
        Assert.Equal(3, output.Tries);
    }

    [Theory]
    [InlineData("> /dev/full 2>&1")]
    [InlineData(">&- 2>&-")]
    [InlineData("2>&1 | true")]
    public void So_it_is_in_a_process_of_its_own(string redirection)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        Assert.Equal(0, InShell(work, redirection, "backup", work["C/files"], "--to", work.D, "--provider", "copy"));
        Assert.Equal(2, InShell(work, redirection, "run", work["missing.json"], "--json"));
    }

    private static int RunUnheard(Workplace work, bool json, params string[] args)
    {
        using var output = new Deaf();
        using var error = new Deaf();
        return Program.Run(
            json ? [.. args, "--json"] : args,
            new Surroundings
            {
                Output = output,
                Error = error,
                State = new StateFolder(work.State),
            }
        );
    }

    private static int InShell(Workplace work, string redirection, params string[] args)
    {
        // The status of the program, not of what reads it.
        var start = new ProcessStartInfo(
            "sh",
            ["-c", "{ \"$@\"; echo $? > \"$0\"; } " + redirection, work["code"], .. HvBackup.Command, .. args]
        );
        start.Environment[StateFolder.Variable] = work.State;
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return int.Parse(File.ReadAllText(work["code"]).Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A stream on a disk that becomes full after so many writes.</summary>
    private sealed class Deaf(int room = 0) : StringWriter
    {
        public int Tries { get; private set; }

        public override void Write(char value) => Fail();

        public override void Write(string? value) => Fail();

        public override void Write(char[] buffer, int index, int count) => Fail();

        public override void WriteLine() => Fail();

        public override void WriteLine(string? value) => Fail();

        private void Fail()
        {
            Tries++;
            if (Tries > room)
                throw new IOException("no space left");
        }
    }
}
