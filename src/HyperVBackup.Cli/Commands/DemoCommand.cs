using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using HyperVBackup.Cli.Demo;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Text;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup demo</c>: everything once, in a temporary folder, touching nothing else.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var keep = new Option<bool>("--keep") { Description = "Leave the folder for a look around." };
        var noProgress = Arguments.NoProgress();
        var command = new Command(
            "demo",
            "Show it all in a temporary folder: back up a host in miniature, lose a disk, restore it, compare."
        )
        {
            keep,
            noProgress,
        };
        command.SetAction(parsed =>
            Invocation.Run(surroundings, parsed, null, noProgress, invocation => Run(invocation, parsed.GetValue(keep)))
        );
        return command;
    }

    private static int Run(Invocation invocation, bool keep)
    {
        var took = Stopwatch.StartNew();
        var root = Path.Combine(
            invocation.Surroundings.TemporaryFolder,
            "hvbackup-demo-" + Guid.NewGuid().ToString("N")[..8]
        );
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(root);
        else
            Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            new DemoStory(invocation, root).Tell();
        }
        finally
        {
            if (!keep)
                Directory.Delete(root, true);
        }

        invocation.Report.Line();
        invocation.Report.Line("Everything was as it should be, in " + HumanText.Span(took.Elapsed) + ".", Tone.Good);
        invocation.Report.Line(
            keep
                ? "The host stays in " + root + "."
                : "Nothing is left behind; with --keep the host stays for a look around."
        );
        return ExitCodes.Complete;
    }
}
