using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Data;

namespace HyperVBackup.Bench;

/// <summary>The command line of the bench.</summary>
internal static class Program
{
    private const int Measured = 0;
    private const int Failed = 1;
    private const int BadArguments = 2;
    private const int Stopped = 130;

    private static int Main(string[] args)
    {
        var works = Bench.Works.Select(work => work.Name).ToArray();
        var size = new Option<long>("--size")
        {
            HelpName = "4G",
            Description = "Bytes of the disk, with K, M, G or T.",
            CustomParser = result => Bytes(result),
            DefaultValueFactory = _ => 4L << 30,
        };
        var files = new Option<int>("--files")
        {
            HelpName = "20000",
            Description = "How many small files.",
            DefaultValueFactory = _ => 20000,
        };
        var runs = new Option<int>("--runs")
        {
            HelpName = "5",
            Description = "How many times each contender is measured.",
            DefaultValueFactory = _ => 5,
        };
        var only = new Option<string[]>("--only")
        {
            HelpName = "NAME",
            Description = "Measure only these works: " + string.Join(", ", works) + ".",
            AllowMultipleArgumentsPerToken = true,
        };
        only.AcceptOnlyFromAmong(works);
        var without = new Option<string[]>("--without")
        {
            HelpName = "NAME",
            Description = "Leave these out: " + string.Join(", ", Tools.Peers) + ", dd.",
            AllowMultipleArgumentsPerToken = true,
        };
        without.AcceptOnlyFromAmong([.. Tools.Peers, "dd"]);
        var folder = new Option<string>("--folder")
        {
            HelpName = "DIR",
            Description = "Work in DIR/hvbackup-bench. Its disk is the one that is measured.",
            DefaultValueFactory = _ => Path.GetTempPath(),
        };
        var keep = new Option<bool>("--keep")
        {
            Description = "Keep the test data for the next run; everything else goes at the end.",
        };
        var cli = new Option<string?>("--cli")
        {
            HelpName = "FILE",
            Description = "Measure this hvbackup and not one built from here: for a before beside an after.",
        };
        var output = new Option<string?>("--output")
        {
            HelpName = "FILE",
            Description = "Write the report to this file too.",
        };
        var pieces = new Option<string?>("--pieces")
        {
            HelpName = "DIR",
            Description =
                "Keep what is measured in DIR, and report all that is there: so all works can be measured in "
                + "several runs.",
        };
        var settle = new Option<double>("--settle")
        {
            HelpName = "1",
            Description = "Seconds of quiet before each measurement.",
            DefaultValueFactory = _ => 1,
        };
        var root = new RootCommand(
            "Measures hvbackup side by side with cp, rsync, rclone and the raw disk, and compares the times with "
                + "what must be reached."
        )
        {
            size,
            files,
            runs,
            only,
            without,
            folder,
            keep,
            cli,
            pieces,
            output,
            settle,
        };
        root.SetAction(parsed =>
        {
            var options = new BenchOptions
            {
                // Disks are whole blocks.
                Size =
                    (parsed.GetValue(size) + Data.VhdxImage.BlockSize - 1)
                    / Data.VhdxImage.BlockSize
                    * Data.VhdxImage.BlockSize,
                Files = parsed.GetValue(files),
                Runs = parsed.GetValue(runs),
                Only = parsed.GetValue(only) ?? [],
                Without = parsed.GetValue(without) ?? [],
                Folder = parsed.GetValue(folder)!,
                Keep = parsed.GetValue(keep),
                Cli = parsed.GetValue(cli),
                Pieces = parsed.GetValue(pieces),
                Output = parsed.GetValue(output),
                Settle = parsed.GetValue(settle),
            };
            return options.Size > 0 && options.Files > 0 && options.Runs > 0 && options.Settle >= 0
                ? Run(options, string.Join(" ", args))
                : Refuse("--size, --files and --runs must be positive");
        });
        var result = root.Parse(args, new ParserConfiguration { EnablePosixBundling = false });
        var exitCode = result.Invoke();
        return result.Errors.Count > 0 ? BadArguments : exitCode;
    }

    private static int Run(BenchOptions options, string command)
    {
        if (!OperatingSystem.IsLinux())
            return Refuse("the bench runs on Linux only: its peers and its counters are there");
        try
        {
            using var space = new Workspace(options.Folder);
            var child = new Child(space.Outputs);
            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                child.Stop();
            }

            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            try
            {
                var (report, complete) = new Bench(options, space, child).Run(command);
                foreach (var line in report)
                    Console.WriteLine(line);
                if (options.Output != null)
                    File.WriteAllLines(options.Output, report);
                return complete ? Measured : Failed;
            }
            finally
            {
                LoopDisk.Remove(new Tools(new Child(space.Outputs), []), space.Root);
                space.Clean(options.Keep);
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return Stopped;
        }
        catch (Exception e) when (e is ChildException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return Failed;
        }
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return BadArguments;
    }

    private static long Bytes(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens[0].Value.ToUpperInvariant().TrimEnd('B').TrimEnd('I');
        var unit = "KMGT".IndexOf(text.Length > 0 ? text[^1] : '?', StringComparison.Ordinal);
        if (
            long.TryParse(unit < 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < 1L << (50 - 10 * (unit + 1))
        )
            return number << (10 * (unit + 1));
        result.AddError("--size takes a number and a unit: 256M, 4G");
        return 0;
    }
}
