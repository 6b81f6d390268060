using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>What the framework cannot do to files.</summary>
internal static class FileTools
{
    public static void HardLink(string existing, string name) => Assert.Equal(0, link(Encoding.UTF8.GetBytes(existing + "\0"), Encoding.UTF8.GetBytes(name + "\0")));

    [DllImport("libc")]
    private static extern int link(byte[] existing, byte[] name);
}
