using System;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Failures;
using Xunit;

namespace HyperVBackup.Tests.Failures;

/// <summary>
/// What to do about a failure fits the case: what was being done, with what, and through which front somebody works.
/// </summary>
public sealed class AdviceTests
{
    /// <summary>
    /// A situation: the system's error, what was being done, and what must, and must not, be advised.
    /// </summary>
    public static TheoryData<FailureKind, int?, string, string, string> Situations =>
        new()
        {
            // Reading a source says nothing of targets, writing nothing of exclusions.
            { FailureKind.NotSupported, 22, "open it for reading", "exclude it", "target" },
            { FailureKind.NotSupported, 22, "read at byte 4096", "exclude it", "target" },
            { FailureKind.NotSupported, 95, "create the link", "Choose a target", "ulimit" },
            { FailureKind.PathTooLong, 36, "list the folder", "exclude it", "target" },
            { FailureKind.PathTooLong, 36, "create it", "target with a shorter path", "exclude" },
            { FailureKind.FileLocked, 26, "open it for reading", "shadow copy", "virus scanner" },
            { FailureKind.FileLocked, 16, "rename it to x", "virus scanner", "shadow copy" },
            // A file that is too large is no file system that holds nothing.
            { FailureKind.NotSupported, 27, "write at byte 8388608", "ulimit -f", "exclude" },
            { FailureKind.NotSupported, 223, "write", "4 GB", "exclude" },
            // What exists already is somebody's file in a restore, and a race anywhere else.
            { FailureKind.DestinationExists, null, "restore to it", "--force", "by now" },
            { FailureKind.DestinationExists, 17, "create it", "by now", "--force" },
            { FailureKind.DiskFull, 28, "write", "Free space", "defect" },
            { FailureKind.DiskFull, 122, "take the lock", "quota", "defect" },
            { FailureKind.IoError, 5, "read at byte 0", "cable", "target" },
        };

    [Theory]
    [MemberData(nameof(Situations))]
    public void Each_situation_has_its_own(FailureKind kind, int? code, string operation, string advised, string not)
    {
        var advice = new Failure(kind, "/x", operation, "why") { NativeCode = code }.Advice;
        Assert.Contains(advised, advice, StringComparison.Ordinal);
        Assert.DoesNotContain(not, advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_failed_may_know_better() =>
        Assert.Equal("Wait.", new Failure(FailureKind.DiskFull, "/x", "write", "why") { Advice = "Wait." }.Advice);

    [Fact]
    public void Neither_front_is_told_the_words_of_the_other()
    {
        foreach (FailureKind kind in Enum.GetValues<FailureKind>())
        {
            var template = FailureCatalogue.Of(kind).Template;
            Assert.DoesNotMatch(" --[a-z]", FrontWords.Of(template, Front.PowerShell));
            Assert.DoesNotMatch("hvbackup [a-z]", FrontWords.Of(template, Front.PowerShell));
            if (template.Contains('{', StringComparison.Ordinal))
                Assert.DoesNotMatch("Hv[A-Z]| -[A-Z]", FrontWords.Of(template, Front.CommandLine));
            // Both at once, as in "--force (-Force)".
            Assert.DoesNotMatch(@"\(-[A-Z]\w+\)", template);
        }
    }

    [Theory]
    [InlineData("Use {--force|-Force}.", "Use --force.", "Use -Force.")]
    [InlineData("{a|b} and {c|d}", "a and c", "b and d")]
    [InlineData("{|only here }both", "both", "only here both")]
    [InlineData("none", "none", "none")]
    [InlineData("a {brace} stays", "a {brace} stays", "a {brace} stays")]
    public void Words_of_both_fronts_become_those_of_one(string text, string line, string shell)
    {
        Assert.Equal(line, FrontWords.Of(text, Front.CommandLine));
        Assert.Equal(shell, FrontWords.Of(text, Front.PowerShell));
    }
}
