using System.Diagnostics;
using System.IO;
using HyperVBackup.Files;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>
/// Whether an XFS volume can share blocks is told without trying: a check of a plan touches nothing. Needs root on
/// Linux.
/// </summary>
public sealed class XfsVolumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void It_is_told_as_trying_would_tell_it(int reflink)
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to mount a volume");
        using var folder = new TempFolder();
        var (image, mount) = (folder["disk.img"], folder.Folder("mount"));
        using (var file = File.Create(image))
            file.SetLength(320 * 1024 * 1024);
        Assert.SkipUnless(Run("mkfs.xfs", "-q", "-m", "reflink=" + reflink + ",rmapbt=0", image), "needs mkfs.xfs");
        Assert.SkipUnless(Run("mount", "-o", "loop", image, mount), "needs loop devices that can be mounted, with xfs");
        try
        {
            Directory.CreateDirectory(Path.Combine(mount, "VMs"));
            var provider = new ReflinkProvider(FileSystems.Current, new MemoryJournal(), new FakeClock());
            Assert.Equal(reflink == 1, FileSystems.Current.GetVolume(mount).ClonesBlocks);
            Assert.Equal(reflink == 1, provider.WhyNot([Path.Combine(mount, "VMs")], false) == null);
            Assert.Equal(reflink == 1, provider.WhyNot([Path.Combine(mount, "VMs")]) == null);
        }
        finally
        {
            Run("umount", "-l", mount);
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
            )!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
