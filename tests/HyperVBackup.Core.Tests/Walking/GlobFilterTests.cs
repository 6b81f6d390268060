using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Walking;

public class GlobFilterTests
{
    [Theory]
    [InlineData("*.xml", "a.xml", true)]
    [InlineData("*.xml", "deep/down/A.XML", true)]
    [InlineData("*.xml", "a.xml.bak", false)]
    [InlineData("*.*", "no-extension", true)]
    [InlineData("*", ".hidden", true)]
    [InlineData("disk?.vhd", "disk1.vhd", true)]
    [InlineData("disk?.vhd", "disk10.vhd", false)]
    [InlineData("logs/*.txt", "logs/a.txt", true)]
    [InlineData("logs\\*.txt", "logs/a.txt", true)]
    [InlineData("logs/*.txt", "logs/old/a.txt", false)]
    [InlineData("**/old/*.txt", "logs/old/a.txt", true)]
    [InlineData("**/old/*.txt", "old/a.txt", true)]
    [InlineData("[a].txt", "[a].txt", true)]
    [InlineData("[a].txt", "a.txt", false)]
    [InlineData("a+(b).txt", "a+(b).txt", true)]
    [InlineData("*.txt", "line\nbreak.txt", true)]
    public void An_include_pattern_takes_names_as_ROBOCOPY_would(string pattern, string path, bool taken) =>
        Assert.Equal(taken, new GlobFilter([pattern]).TakesFile(path));

    [Fact]
    public void An_exclude_pattern_wins_and_takes_out_whole_folders()
    {
        var filter = new GlobFilter(["*.vhdx"], ["temp", "scratch*.vhdx"]);
        Assert.True(filter.TakesFile("vm/disk.vhdx"));
        Assert.False(filter.TakesFile("vm/scratch1.vhdx"));
        Assert.False(filter.TakesFolder("vm/temp"));
        Assert.True(filter.TakesFolder("vm/other"));
    }
}
