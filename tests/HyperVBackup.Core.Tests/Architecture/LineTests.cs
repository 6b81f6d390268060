using System.Collections.Generic;
using System.IO;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Architecture;

/// <summary>What every source file keeps to, and no compiler asks for.</summary>
public sealed class LineTests
{
    private const int MostColumns = 120;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    public void No_line_is_wider_than_120_columns(string folder)
    {
        var wide = new List<string>();
        foreach (var file in Repository.Files(folder, ".cs"))
        {
            var name = Path.GetRelativePath(Repository.Folder, file).Replace('\\', '/');
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                if (line.Length > MostColumns)
                    wide.Add(name + ":" + number + " has " + line.Length);
            }
        }

        Assert.True(wide.Count == 0, "Wider than " + MostColumns + " columns:\n" + string.Join("\n", wide));
    }
}
