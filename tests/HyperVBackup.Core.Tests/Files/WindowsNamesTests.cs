using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsNamesTests : WindowsTest
{
    [Theory]
    [InlineData(FileAttributes.Normal)]
    [InlineData(FileAttributes.ReadOnly)]
    [InlineData(FileAttributes.ReadOnly | FileAttributes.Hidden | FileAttributes.System)]
    public void Renaming_replaces_a_file_even_a_read_only_one(FileAttributes attributes)
    {
        Write(Temp["new"], Content(10, 1));
        Write(Temp["old"], Content(20, 2));
        File.SetAttributes(Temp["old"], attributes);
        Files.Rename(Temp["new"], Temp["old"]);
        Assert.Equal(["old"], NamesIn(Temp));
        Assert.Equal(Content(10, 1), Read(Temp["old"]));
    }

    [Fact]
    public void A_read_only_file_can_be_renamed_itself()
    {
        Write(Temp["old"], Content(10));
        File.SetAttributes(Temp["old"], FileAttributes.ReadOnly);
        Files.Rename(Temp["old"], Temp["new"]);
        Assert.Equal(["new"], NamesIn(Temp));
        Assert.Equal(1u, Files.Find(Temp["new"])!.Attributes & 1);
    }

    [Fact]
    public void Renaming_changes_case_alone()
    {
        Platform.NeedsWindows("renaming that changes nothing but case");
        Write(Temp["disk.vhdx"], Content(10));
        Files.Rename(Temp["disk.vhdx"], Temp["Disk.VHDX"]);
        Assert.Equal(["Disk.VHDX"], NamesIn(Temp));
        Assert.Equal(Content(10), Read(Temp["Disk.VHDX"]));
    }

    [Fact]
    public void A_folder_is_renamed_with_what_it_holds()
    {
        Files.CreateFolder(Temp["old"], false);
        Write(Temp["old/file"], Content(1));
        Files.Rename(Temp["old"], Temp["new"]);
        Assert.Equal(["file"], NamesIn(Temp["new"]));
    }

    [Fact]
    public void A_folder_is_not_replaced_by_a_file()
    {
        Write(Temp["file"], Content(1));
        Files.CreateFolder(Temp["folder"], false);
        Write(Temp["folder/precious"], Content(2));
        Assert.Throws<BackupException>(() => Files.Rename(Temp["file"], Temp["folder"]));
        Assert.Equal(["file", "folder"], NamesIn(Temp));
        Assert.Equal(["precious"], NamesIn(Temp["folder"]));
    }

    [Fact]
    public void A_rename_that_cannot_be_fails_and_changes_nothing()
    {
        Write(Temp["file"], Content(1));
        Write(Temp["held"], Content(2));
        File.SetAttributes(Temp["held"], FileAttributes.ReadOnly);
        Fails(FailureKind.FileMissing, () => Files.Rename(Temp["missing"], Temp["file"]));
        Fails(FailureKind.FileMissing, () => Files.Rename(Temp["file"], Temp["missing/file"]));
        using (new FileStream(Temp["held"], FileMode.Open, FileAccess.Read, FileShare.Read))
            Fails(FailureKind.FileLocked, () => Files.Rename(Temp["file"], Temp["held"]));
        Assert.Equal(["file", "held"], NamesIn(Temp));
        Assert.Equal(Content(2), Read(Temp["held"]));
        Assert.Equal(1u, Files.Find(Temp["held"])!.Attributes & 1);
    }

    [Fact]
    public void Files_and_empty_folders_are_deleted_even_read_only_ones()
    {
        Write(Temp["file"], Content(1));
        Write(Temp["read-only"], Content(1));
        Files.CreateFolder(Temp["folder"], false);
        Files.CreateFolder(Temp["read-only folder"], false);
        File.SetAttributes(Temp["read-only"], FileAttributes.ReadOnly);
        new DirectoryInfo(Temp["read-only folder"]).Attributes |= FileAttributes.ReadOnly;
        Files.DeleteFile(Temp["file"]);
        Files.DeleteFile(Temp["read-only"]);
        Files.DeleteFolder(Temp["folder"]);
        Files.DeleteFolder(Temp["read-only folder"]);
        Assert.Empty(Files.List(Temp));
    }

    [Fact]
    public void Deleting_takes_only_what_it_is_for()
    {
        Write(Temp["file"], Content(1));
        Files.CreateFolder(Temp["folder"], false);
        Write(Temp["folder/below"], Content(1));
        Fails(FailureKind.NotSupported, () => Files.DeleteFile(Temp["folder"]));
        Fails(FailureKind.NotSupported, () => Files.DeleteFolder(Temp["file"]));
        Assert.Equal(145, Fails(FailureKind.FileLocked, () => Files.DeleteFolder(Temp["folder"])).NativeCode);
        Fails(FailureKind.FileMissing, () => Files.DeleteFile(Temp["missing"]));
        Fails(FailureKind.FileMissing, () => Files.DeleteFolder(Temp["missing"]));
        Assert.Equal(["file", "folder"], NamesIn(Temp));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_is_created_once_and_below_one_that_is_there(bool isPrivate)
    {
        Assert.SkipUnless(!isPrivate || Platform.IsRoot, "needs an elevated administrator");
        Files.CreateFolder(Temp["folder"], isPrivate);
        Assert.Equal(EntryKind.Folder, Files.Find(Temp["folder"])!.Kind);
        Write(Temp["folder/file"], Content(1));
        Assert.Equal(Content(1), Read(Temp["folder/file"]));
        Fails(FailureKind.DestinationExists, () => Files.CreateFolder(Temp["folder"], isPrivate));
        Fails(FailureKind.FileMissing, () => Files.CreateFolder(Temp["missing/folder"], isPrivate));
    }

    [Fact]
    public void A_private_folder_is_for_administrators_and_the_system_alone()
    {
        Platform.NeedsWindows("permissions");
        Assert.SkipUnless(Platform.IsRoot, "needs an elevated administrator");
        Files.CreateFolder(Temp["private"], true);
        using var icacls = Process.Start(
            new ProcessStartInfo("icacls", $"\"{Temp["private"]}\" /save \"{Temp["acl"]}\"") { UseShellExecute = false }
        )!;
        icacls.WaitForExit();
        Assert.Contains("D:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)", File.ReadAllText(Temp["acl"], Encoding.Unicode));
    }

    [Fact]
    public void Times_and_attributes_are_set_and_read_back_the_same()
    {
        Write(Temp["file"], Content(1));
        Files.CreateFolder(Temp["folder"], false);
        foreach (var (path, attributes) in new[] { (Temp["file"], 0x1u | 0x2 | 0x20), (Temp["folder"], 0u) })
        {
            var like = Files.Find(path)! with
            {
                Modified = FileTime.FromDateTime(
                    new DateTime(2009, 8, 7, 6, 5, 4, DateTimeKind.Utc).AddTicks(1_234_567)
                ),
                Attributes = attributes,
            };
            Files.SetMetadata(path, like);
            var now = Files.Find(path)!;
            Assert.Equal(like.Modified, now.Modified);
            Assert.Equal(attributes & 0x1, now.Attributes & 0x1);
            Files.SetMetadata(path, like with { Attributes = 0 });
            Assert.Equal(0u, Files.Find(path)!.Attributes & 0x1);
        }

        Assert.Equal(Content(1), Read(Temp["file"]));
        Fails(FailureKind.FileMissing, () => Files.SetMetadata(Temp["missing"], Files.Find(Temp["file"])!));
    }

    [Fact]
    public void Creation_times_and_all_copied_attributes_are_kept()
    {
        Platform.NeedsWindows("creation times, hidden and system attributes");
        Write(Temp["file"], Content(1));
        var like = Files.Find(Temp["file"])! with
        {
            Created = FileTime.FromDateTime(new DateTime(2001, 1, 1, 0, 0, 1, DateTimeKind.Utc)),
            Attributes = 0x1 | 0x2 | 0x4 | 0x20 | 0x2000,
        };
        Files.SetMetadata(Temp["file"], like);
        var now = Files.Find(Temp["file"])!;
        Assert.Equal((like.Created, like.Attributes), (now.Created, now.Attributes));
        Files.SetMetadata(Temp["file"], like with { Created = default, Attributes = 0 });
        now = Files.Find(Temp["file"])!;
        Assert.Equal((like.Created, 0u), (now.Created, now.Attributes));
    }

    [Fact]
    public void Any_write_moves_the_change_time_even_when_the_time_stamps_are_set_back()
    {
        Write(Temp["file"], Content(1000));
        var before = Files.Find(Temp["file"])!;
        while (FileTime.FromDateTime(DateTime.UtcNow) <= before.Changed)
            Assert.NotNull(Files.Find(Temp["file"]));
        using (var file = Files.OpenUpdate(Temp["file"], false))
        using (var buffer = Buffer(Content(10)))
            file.Write(0, buffer, 0, 10);
        Files.SetMetadata(Temp["file"], before);
        var after = Files.Find(Temp["file"])!;
        Assert.Equal(before.Modified, after.Modified);
        Assert.True(after.Changed > before.Changed);
    }
}
