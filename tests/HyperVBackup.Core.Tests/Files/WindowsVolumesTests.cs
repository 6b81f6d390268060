using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Windows;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsVolumesTests : WindowsTest
{
    [Fact]
    public void The_volume_of_a_path_is_known_whether_the_path_exists_or_not()
    {
        var volume = Files.GetVolume(Temp);
        Assert.Equal(Path.GetPathRoot(Temp.Path), volume.Root, true);
        Assert.NotEqual("", volume.FileSystem);
        Assert.NotEqual("", volume.Disk);
        Assert.True(volume.TotalBytes >= volume.FreeBytes && volume.FreeBytes > 0);
        Assert.False(volume.IsReadOnly);
        Assert.Equal(volume.Id, Files.GetVolume(Temp["not/there"]).Id);
    }

    [Fact]
    public void A_drive_that_is_not_there_has_no_volume()
    {
        var free = Enumerable
            .Range('D', 23)
            .Select(c => (char)c + @":\")
            .First(d => !DriveInfo.GetDrives().Select(i => i.Name).Contains(d));
        Fails(FailureKind.FileMissing, () => Files.GetVolume(free + "backup"));
        Assert.Null(Files.Find(free + "backup"));
    }

    [Fact]
    public void Flushing_a_volume_or_folder_succeeds_or_is_declined()
    {
        Write(Temp["file"], Content(1));
        Files.FlushFolder(Temp);
        Fails(FailureKind.FileMissing, () => Files.FlushFolder(Temp["missing"]));
        if (Files.TryFlushVolume(Temp))
            Assert.True(Platform.IsRoot);
        Assert.Equal(Content(1), Read(Temp["file"]));
    }

    [Fact]
    public void An_administrator_flushes_a_volume()
    {
        Platform.NeedsWindows("a volume that can be opened");
        Assert.SkipUnless(Platform.IsRoot, "needs an elevated administrator");
        Assert.True(Files.TryFlushVolume(Temp));
    }

    [Fact]
    public void Backup_privileges_are_enabled_where_the_account_has_them()
    {
        Assert.SkipUnless(Platform.IsRoot, "needs an elevated administrator");
        Assert.True(WindowsProcess.Prepare());
    }

    [Fact]
    public void A_file_that_cannot_be_cloned_is_declined_and_nothing_is_left()
    {
        Write(Temp["file"], Content(100_000));
        var cloned = Files.TryClone(Temp["file"], Temp["clone"]);
        Assert.Equal(cloned, Files.GetVolume(Temp).ClonesBlocks);
        Assert.Equal(cloned ? Content(100_000) : null, Files.Find(Temp["clone"]) == null ? null : Read(Temp["clone"]));
    }

    [Fact]
    public void A_shadow_copy_is_read_through_its_device_object()
    {
        var shadow = Prepared("HVBACKUP_TEST_SHADOW", "a shadow copy's device object");
        var original = Prepared("HVBACKUP_TEST_SHADOW_OF", "the folder that the shadow copy shows");
        var relative = Assert
            .Single(Directory.GetFiles(original, "*.vhdx", SearchOption.AllDirectories))
            .Substring(original.Length + 1);
        var inShadow = PathOf.Join(shadow, relative);
        Assert.Equal(EntryKind.Folder, Files.Find(shadow)!.Kind);
        Assert.Equal(EntryKind.Folder, Files.Find(shadow + @"\")!.Kind);
        Assert.Equal(NamesIn(original), NamesIn(shadow));
        Assert.Equal(
            NamesIn(Path.GetDirectoryName(PathOf.Join(original, relative))!),
            NamesIn(PathOf.Parent(inShadow)!)
        );
        var expected = File.ReadAllBytes(PathOf.Join(original, relative));
        Assert.Equal(expected, Read(inShadow, false));
        Assert.Equal(expected, Read(inShadow, true));
        Assert.Equal(expected.Length, Files.Find(inShadow)!.Size);
        Assert.NotEqual("", Files.GetVolume(inShadow).Root);
    }

    [Theory]
    [InlineData("HVBACKUP_TEST_SHARE", "a share")]
    [InlineData("HVBACKUP_TEST_DRIVE", "a second drive")]
    public void A_share_and_another_drive_are_written_as_any_folder(string variable, string what)
    {
        using var temp = new TempFolder(Prepared(variable, what));
        Write(temp["file."], Content(100_001), true);
        Assert.Equal(Content(100_001), Read(temp["file."], true));
        Files.CreateFolder(temp["folder"], false);
        Files.Rename(temp["file."], temp["folder/file"]);
        Files.FlushFolder(temp["folder"]);
        Assert.Equal(["file"], NamesIn(temp["folder"]));
        Assert.NotEqual("", Files.GetVolume(temp["folder/file"]).Disk);
        Files.DeleteFile(temp["folder/file"]);
        Files.DeleteFolder(temp["folder"]);
        Assert.Empty(Files.List(temp));
    }

    private static string Prepared(string variable, string what)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(value), $"needs {what} in {variable}; tests/wine/run prepares one");
        return value!;
    }
}
