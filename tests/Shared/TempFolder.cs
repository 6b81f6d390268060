using System;
using System.Diagnostics;
using System.IO;
using HyperVBackup.Files;

namespace HyperVBackup.Tests;

/// <summary>
/// A folder of a test's own, in the system's temporary folder, that is gone with all it holds when the test ends.
/// </summary>
internal sealed class TempFolder : IDisposable
{
    /// <summary>Makes an empty folder.</summary>
    /// <param name="under">Where; null: the system's temporary folder.</param>
    public TempFolder(string? under = null)
    {
        Path = PathOf.Join(PathOf.Full(under ?? System.IO.Path.GetTempPath()), "hvb-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path);
    }

    /// <summary>Its absolute path, without a separator at the end.</summary>
    public string Path { get; }

    public static implicit operator string(TempFolder folder) => folder.Path;

    /// <summary>The path of something in it, whether it is there or not.</summary>
    /// <param name="relative">'/' separated.</param>
    public string this[string relative] => PathOf.Join(Path, relative);

    /// <summary>Writes a file, with the folders above it; returns its path.</summary>
    public string Write(string relative, byte[] content)
    {
        var path = this[relative];
        Directory.CreateDirectory(PathOf.Parent(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Writes a text file, with the folders above it; returns its path.</summary>
    public string Write(string relative, string content) =>
        Write(relative, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>Makes a folder, with the folders above it; returns its path.</summary>
    public string Folder(string relative) => Directory.CreateDirectory(this[relative]).FullName;

    /// <summary>
    /// Deletes it with all it holds, read-only or with names that the BCL cannot spell; never what a link points to.
    /// </summary>
    public void Dispose()
    {
        if (PathOf.IsWindows)
            DeleteOnWindows(
                new DirectoryInfo(Path.StartsWith(@"\\") ? @"\\?\UNC\" + Path.Substring(2) : @"\\?\" + Path)
            );
        else
            DeleteElsewhere();
    }

    private static void DeleteOnWindows(DirectoryInfo folder)
    {
        foreach (var entry in folder.GetFileSystemInfos())
        {
            entry.Attributes &= ~FileAttributes.ReadOnly;
            if (entry is DirectoryInfo below && (entry.Attributes & FileAttributes.ReparsePoint) == 0)
                DeleteOnWindows(below);
            else
                entry.Delete();
        }

        folder.Attributes &= ~FileAttributes.ReadOnly;
        folder.Delete();
    }

    private void DeleteElsewhere()
    {
        // Not Directory.Delete: names that are no valid UTF-8 are out of its reach.
        using var rm = Process.Start(
            new ProcessStartInfo("rm", "-rf -- \"" + Path + "\"") { UseShellExecute = false }
        )!;
        rm.WaitForExit();
        if (Directory.Exists(Path))
            throw new IOException("Could not delete " + Path);
    }
}
