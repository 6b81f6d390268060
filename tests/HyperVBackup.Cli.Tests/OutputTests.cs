using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Cli.Output;
using HyperVBackup.Host;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>What people see.</summary>
public sealed class OutputTests
{
    [Fact]
    public void A_table_is_as_wide_as_its_texts_with_numbers_to_the_right()
    {
        var table = new Table(new("Set"), new("Files", IsNumber: true));
        table.Add("SetA", "7");
        table.Add("B", "12345678");
        Assert.Equal(["Set      Files", "SetA         7", "B     12345678"], table.Lines(80));
    }

    [Fact]
    public void A_table_shortens_long_paths_in_the_middle_to_fit_the_terminal()
    {
        var table = new Table(new("Target", Shrinks: true), new("Set"));
        table.Add("/mnt/a-very-long-name-of-a-folder/and/another/one/on/the/way/to/backups", "SetA");
        var row = table.Lines(40).Last();
        Assert.Equal(40, row.Length);
        Assert.StartsWith("/mnt/", row);
        Assert.Contains("...", row);
        Assert.EndsWith("/to/backups  SetA", row);
    }

    [Theory]
    [InlineData("plain \u0159 \U0001F4BE", "plain \u0159 \U0001F4BE")]
    [InlineData("a\u001b[31mb", "a\\u001b[31mb")]
    [InlineData("a\r\nb\u202e", "a\\u000d\\u000ab\\u202e")]
    public void Names_cannot_steer_the_terminal(string name, string shown) => Assert.Equal(shown, Printable.Text(name));

    [Fact]
    public void Halves_of_characters_are_shown_by_their_codes() =>
        Assert.Equal("x\\udc80\\ud83d", Printable.Text("x\udc80\ud83d"));

    [Fact]
    public void The_progress_line_tells_phase_job_share_bytes_rate_and_time_left()
    {
        var reading = new ProgressReading
        {
            Phase = "copying",
            Job = @"D:\SystemVHD",
            File = "",
            BytesDone = 3L << 29,
            BytesTotal = 3L << 30,
            Percent = 50,
            BytesPerSecond = 256 << 20,
            TimeLeft = TimeSpan.FromSeconds(6),
        };
        Assert.Equal(
            @"copying D:\SystemVHD  50%  1.5 GB of 3.0 GB  256 MB/s  6.0 s left",
            ProgressLine.Of(reading, false, 80)
        );
        Assert.StartsWith("cancelling ", ProgressLine.Of(reading, true, 80));
        Assert.All(
            Enumerable.Range(1, 100),
            width => Assert.True(ProgressLine.Of(reading, false, width).Length <= width)
        );
        Assert.Equal("copying  50%  1.5 GB of 3.0 GB  256 MB/s  6.0 s left", ProgressLine.Of(reading, false, 55));
    }

    [Fact]
    public void The_progress_line_is_drawn_over_itself_and_gone_in_the_end()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var surroundings = new Surroundings
        {
            Output = output,
            Error = error,
            ShowsProgress = true,
        };
        using (var progress = new ConsoleProgress(surroundings, new MirrorProgress()))
            progress.Draw();
        var pieces = error.ToString().Split('\r');
        Assert.Equal("", pieces[0]);
        Assert.True(pieces.Length >= 2);
        Assert.True(string.IsNullOrWhiteSpace(pieces[^1]));
        Assert.Equal("", output.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Results_are_coloured_on_a_terminal_only(bool usesColour)
    {
        using var output = new StringWriter();
        new Report(
            new Surroundings
            {
                Output = output,
                Error = TextWriter.Null,
                UsesColour = usesColour,
            }
        ).Line("Complete", Tone.Good);
        Assert.Equal(
            (usesColour ? "\u001b[32mComplete\u001b[0m" : "Complete") + Environment.NewLine,
            output.ToString()
        );
    }

    [Fact]
    public void A_rate_and_a_time_left_are_right_from_the_first_reading()
    {
        var progress = new MirrorProgress();
        var meter = new ProgressMeter(progress);
        Assert.Equal(0, meter.Read(TimeSpan.FromMinutes(5)).BytesPerSecond); // The shadow set was being made.
        using var work = new Workplace();
        work.Fill("C/files/a.bin", 1_000_000);
        MirrorRun.Execute(
            work["C/files"],
            work["M"],
            Walking.GlobFilter.All,
            0,
            RunContext.OfThisHost(new StateFolder(work.State)) with
            {
                Progress = progress,
            },
            CancellationToken.None
        );
        Assert.Equal(500_000, meter.Read(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(2)).BytesPerSecond);
    }

    [Fact]
    public void A_result_that_cannot_be_printed_does_not_make_a_complete_backup_a_failed_one()
    {
        using var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        using var error = new StringWriter();
        using var full = new StreamWriter(new FullDisk());
        var exitCode = Program.Run(
            ["backup", work["C/files"], "--to", work.D, "--provider", "copy"],
            new Surroundings
            {
                Output = full,
                Error = error,
                State = new StateFolder(work.State),
            }
        );
        Assert.Equal(0, exitCode);
        Assert.Contains("the result could not be printed: no space", error.ToString());
    }

    private sealed class FullDisk : MemoryStream
    {
        private bool _refused;

        public override void Write(ReadOnlySpan<byte> buffer) => Refuse();

        public override void Write(byte[] buffer, int offset, int count) => Refuse();

        // Once: the writer flushes again when it is disposed.
        private void Refuse()
        {
            if (_refused)
                return;
            _refused = true;
            throw new IOException("no space");
        }
    }
}
