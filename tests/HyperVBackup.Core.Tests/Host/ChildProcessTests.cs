using System;
using System.Collections.Generic;
using System.IO;
using HyperVBackup.Host;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Host;

/// <summary>Programs that a plan names, called for real.</summary>
public sealed class ChildProcessTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(5);

    [Fact]
    public void It_gets_its_arguments_as_they_are_its_input_and_its_environment()
    {
        string[] arguments =
        [
            "plain",
            "",
            "two words",
            "a\"quote",
            "back\\slash",
            "at end\\",
            "\\\"both",
            "$HOME `x` *",
        ];
        var (problem, output) = Shell(
            "for a in \"$@\"; do printf '[%s]' \"$a\"; done; cat; printf '%s' \"$HVBACKUP_SET\"",
            arguments,
            "<input>"
        );
        Assert.Null(problem);
        Assert.Equal("[plain][][two words][a\"quote][back\\slash][at end\\][\\\"both][$HOME `x` *]<input>SetA", output);
    }

    [Fact]
    public void Its_exit_code_and_last_words_are_told()
    {
        var (problem, output) = Shell("echo one; echo two >&2; exit 7");
        Assert.Equal(("it ended with exit code 7", "one\ntwo"), (problem, output));
    }

    [Fact]
    public void It_need_not_read_its_input_and_may_say_too_much()
    {
        var (problem, output) = Shell(
            "head -c 1000000 /dev/zero | tr '\\0' x; echo end",
            [],
            new string('i', 1_000_000)
        );
        Assert.Null(problem);
        Assert.InRange(output.Length, 3, 4000);
        Assert.EndsWith("xend", output, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_killed_with_what_it_started_when_its_time_is_over()
    {
        using var folder = new TempFolder();
        // It would sleep longer than any test runs.
        var (problem, _) = Shell(
            "sleep 100000 & sleep 100000; touch '" + folder["late"] + "'",
            timeout: TimeSpan.FromMilliseconds(50)
        );
        Assert.Equal("it did not end within 0.1 s and was killed", problem);
        Assert.False(File.Exists(folder["late"]));
    }

    [Fact]
    public void What_cannot_be_started_is_said()
    {
        using var folder = new TempFolder();
        var (problem, _) = ChildProcess.Run(
            new ChildCall { Command = folder.Write("no-program", "text"), Timeout = Ample }
        );
        Assert.StartsWith("it could not be started: ", problem!, StringComparison.Ordinal);
    }

    private static (string? Problem, string Output) Shell(
        string script,
        string[]? arguments = null,
        string input = "",
        TimeSpan? timeout = null
    )
    {
        Platform.NeedsPosix();
        return ChildProcess.Run(
            new ChildCall
            {
                Command = "/bin/sh",
                Arguments = ["-c", script, "sh", .. arguments ?? []],
                Input = input,
                Timeout = timeout ?? Ample,
                Environment = new Dictionary<string, string> { ["HVBACKUP_SET"] = "SetA" },
            }
        );
    }
}
