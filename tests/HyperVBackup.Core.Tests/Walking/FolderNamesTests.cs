using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Walking;

/// <summary>What a source is called in a set when nobody gives it a name.</summary>
public class FolderNamesTests
{
    [Theory]
    [InlineData("/srv/vm/", "vm")]
    [InlineData("/srv/vm", "vm")]
    [InlineData("/", "root")]
    public void A_source_has_its_last_component(string source, string name) =>
        Assert.Equal(name, FolderNames.OfSource(source));

    [Fact]
    public void A_backslash_is_part_of_a_name_where_it_does_not_separate()
    {
        Platform.NeedsPosix();
        Assert.Equal(@"a\b", FolderNames.OfSource(@"/srv/a\b"));
    }

    [Theory]
    [InlineData(@"D:\", "D")]
    [InlineData(@"D:\SystemVHD\", "SystemVHD")]
    [InlineData(@"\\?\D:\", "D")]
    [InlineData(@"\\host\share", "share")]
    [InlineData(@"\\host\share\", "share")]
    [InlineData(@"\\?\UNC\host\share\", "share")]
    [InlineData(@"\\?\Volume{5b0a8b5c-0000-0000-0000-100000000000}\", "Volume{5b0a8b5c-0000-0000-0000-100000000000}")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1", "HarddiskVolumeShadowCopy1")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\", "HarddiskVolumeShadowCopy1")]
    public void The_root_of_a_drive_a_share_or_a_shadow_copy_has_its_name_with_or_without_a_separator(
        string source,
        string name
    )
    {
        Platform.NeedsWindowsOrWine();
        Assert.Equal(name, FolderNames.OfSource(source));
        Assert.Null(FolderNames.WhyNot(FolderNames.OfSource(source)));
    }
}
