using System;
using System.IO;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests;

public class TempFolderTests
{
    [Fact]
    public void It_takes_read_only_files_and_folders_with_it()
    {
        string path;
        using (var folder = new TempFolder())
        {
            path = folder;
            File.SetAttributes(folder.Write("a/b/read-only.txt", "text"), FileAttributes.ReadOnly);
            File.SetAttributes(folder["a/b"], FileAttributes.ReadOnly | FileAttributes.Directory);
            Assert.True(File.Exists(folder["a/b/read-only.txt"]));
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void Only_Wine_calls_itself_Wine()
    {
        if (Platform.IsWine)
            Assert.True(Platform.IsWindows);
        Assert.Equal(Environment.OSVersion.Platform == PlatformID.Win32NT, Platform.IsWindows);
        if (!Platform.IsWine)
            Assert.Equal(Environment.IsPrivilegedProcess, Platform.IsRoot);
    }
}
