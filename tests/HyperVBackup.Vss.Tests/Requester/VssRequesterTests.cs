using System;
using System.IO;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using HyperVBackup.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

public class VssRequesterTests
{
    private static readonly string Adapter = Path.GetDirectoryName(typeof(AlphaVssFactory).Assembly.Location)!;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("own")]
    [InlineData(" OWN ")]
    public void Without_a_word_it_is_our_own(string? value) =>
        Assert.IsType<BackupComponentsFactory>(VssProviderLoader.Choose(value, Adapter, null));

    [Theory]
    [InlineData("alphavss")]
    [InlineData(" AlphaVSS ")]
    public void AlphaVSS_is_chosen_in_words(string value) =>
        Assert.IsType<AlphaVssFactory>(VssProviderLoader.Choose(value, Adapter, null));

    [Fact]
    public void Our_own_needs_no_file_beside_it() =>
        Assert.IsType<BackupComponentsFactory>(VssProviderLoader.Choose(null, "/nowhere", null));

    [Fact]
    public void AlphaVSS_that_is_chosen_and_not_there_is_not_replaced_in_silence()
    {
        var folder = Directory.CreateTempSubdirectory("hvbackup-vss-").FullName;
        var failure = Assert.Throws<BackupException>(() => VssProviderLoader.Choose("alphavss", folder, null)).Failure;
        Directory.Delete(folder);
        Assert.Equal(FailureKind.ProviderUnavailable, failure.Kind);
        Assert.Contains(VssRequester.Variable, failure.Advice, StringComparison.Ordinal);
        Assert.Contains("-p:AlphaVssPackage=true", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_is_no_requester_is_refused_with_those_there_are()
    {
        var failure = Assert.Throws<BackupException>(() => VssProviderLoader.Choose("alpha", Adapter, null)).Failure;
        Assert.Equal(VssRequester.Variable, failure.Target);
        Assert.Contains(
            "'alpha' is no requester; there are 'own' and 'alphavss'",
            failure.Cause,
            StringComparison.Ordinal
        );
    }
}
