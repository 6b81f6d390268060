using System;
using HyperVBackup.Failures;
using Xunit;

namespace HyperVBackup.Cmdlets.Tests;

/// <summary>Which folder Copy-HvMirror makes a mirror of which, for all that come through the pipeline.</summary>
public sealed class MirrorPairsTests
{
    private static readonly string Root = OperatingSystem.IsWindows() ? @"X:\" : "/x/";

    [Fact]
    public void One_folder_is_mirrored_into_the_destination_itself() =>
        Assert.Equal([(At("C"), At("copy"))], MirrorPairs.Of([At("C")], At("copy"), false, path => path));

    [Fact]
    public void The_same_folder_twice_is_one() =>
        Assert.Single(MirrorPairs.Of([At("C"), At("C")], At("copy"), false, path => path));

    [Fact]
    public void Several_folders_for_one_destination_are_refused_and_it_is_said_what_would_do()
    {
        var failure = Refused([At("C"), At("D")], At("copy"), false);
        Assert.Contains("one folder can only be a mirror of one", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("-SeparateFolders", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void With_folders_of_their_own_each_is_named_after_what_it_mirrors() =>
        Assert.Equal(
            [(At("mnt/C"), At("copy/C")), (At("mnt/D"), At("copy/D"))],
            MirrorPairs.Of([At("mnt/C"), At("mnt/D")], At("copy"), true, path => path)
        );

    [Theory]
    [InlineData("one/D", "two/D")]
    [InlineData("one/data", "two/Data")]
    public void Two_folders_of_one_name_are_refused(string one, string other) =>
        Assert.Contains("2 folders", Refused([At(one), At(other)], At("copy"), true).Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("copy/C/inside", false)] // The first mirror would delete it.
    [InlineData("copy", false)]
    [InlineData("link", true)] // The same behind a link.
    public void A_folder_that_another_of_the_mirrors_would_overwrite_is_refused(string second, bool behindALink)
    {
        string Resolve(string path) => behindALink && path == At("link") ? At("copy/C/inside") : path;
        var thrown = Assert.Throws<BackupException>(() =>
            MirrorPairs.Of([At("C"), At(second)], At("copy"), true, Resolve)
        );
        Assert.Equal(FailureKind.BadPlan, thrown.Failure.Kind);
        Assert.Contains("into what is read here", thrown.Failure.Cause, StringComparison.Ordinal);
    }

    private static Failure Refused(string[] sources, string destination, bool separate)
    {
        var failure = Assert
            .Throws<BackupException>(() => MirrorPairs.Of(sources, destination, separate, path => path))
            .Failure;
        Assert.Equal(FailureKind.BadPlan, failure.Kind);
        return failure;
    }

    private static string At(string path) => Root + (OperatingSystem.IsWindows() ? path.Replace('/', '\\') : path);
}
