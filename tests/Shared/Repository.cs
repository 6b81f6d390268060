using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>The repository that the tests were built in, for tests that look at its own files.</summary>
internal static class Repository
{
    /// <summary>Its folder; the test is skipped where it runs without one.</summary>
    public static string Folder { get; } = Find();

    /// <summary>A file or folder of it.</summary>
    public static string PathOf(string relative)
    {
        Assert.SkipUnless(Folder.Length > 0, "needs the repository around it: " + relative);
        return Path.Combine(Folder, relative);
    }

    /// <summary>Its own files with an ending, what builds leave behind left out.</summary>
    public static IEnumerable<string> Files(string folder, string ending) =>
        Directory
            .EnumerateFiles(PathOf(folder), "*" + ending, SearchOption.AllDirectories)
            .Where(file =>
                !Path.GetRelativePath(Folder, file)
                    .Split(Path.DirectorySeparatorChar)
                    .Any(part => part is "bin" or "obj" or "output")
            )
            .OrderBy(file => file, StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "HyperVBackup.slnx")))
                return folder.FullName;
        return "";
    }
}
