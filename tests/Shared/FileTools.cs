using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>What the framework cannot do to files.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Each member skips its test elsewhere.")]
internal static class FileTools
{
    public static void HardLink(string existing, string name) =>
        Assert.Equal(0, link(Encoding.UTF8.GetBytes(existing + "\0"), Encoding.UTF8.GetBytes(name + "\0")));

    /// <summary>Makes a pipe with a name.</summary>
    public static void Pipe(string path)
    {
        Platform.NeedsPosix();
        Assert.Equal(0, mkfifo(Encoding.UTF8.GetBytes(path + "\0"), 0x180));
    }

    /// <summary>The permission bits of a file or folder, as <c>chmod</c> writes them: "700".</summary>
    public static string Mode(string path)
    {
        Platform.NeedsPosix();
        return Convert.ToString((int)File.GetUnixFileMode(path), 8);
    }

    /// <summary>Sets the permission bits of a file or folder.</summary>
    public static void SetMode(string path, string octal)
    {
        Platform.NeedsPosix();
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(octal, 8));
    }

    [DllImport("libc")]
    private static extern int mkfifo(byte[] path, uint mode);

    [DllImport("libc")]
    private static extern int link(byte[] existing, byte[] name);
}
