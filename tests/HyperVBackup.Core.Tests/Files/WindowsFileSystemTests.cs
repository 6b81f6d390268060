using System;
using System.IO;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Windows;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsFileSystemTests : WindowsTest
{
    [Fact]
    public void A_file_is_found_with_its_metadata()
    {
        Write(Temp["disk.vhdx"], Content(5000));
        var time = new DateTime(2020, 2, 29, 1, 2, 3, DateTimeKind.Utc).AddTicks(4_567_890);
        File.SetLastWriteTimeUtc(Temp["disk.vhdx"], time);
        var entry = Files.Find(Temp["disk.vhdx"])!;
        Assert.Equal(("disk.vhdx", EntryKind.File, 5000L, 1u), (entry.Name, entry.Kind, entry.Size, entry.LinkCount));
        Assert.Equal(FileTime.FromDateTime(time), entry.Modified);
        Assert.True(entry.AllocatedBytes >= 5000);
        Assert.True(entry.Changed > FileTime.FromDateTime(time));
        Assert.NotEqual(0UL, entry.FileId);
        Assert.Equal(Files.GetVolume(Temp).Id, entry.Volume);
        Assert.Null(entry.LinkTarget);
    }

    [Fact]
    public void Nothing_is_found_where_nothing_is()
    {
        Assert.Null(Files.Find(Temp["missing"]));
        Assert.Null(Files.Find(Temp["missing/below"]));
        Assert.Null(Files.Find(Temp["not*a?name"]));
        Assert.Equal(EntryKind.Folder, Files.Find(Temp)!.Kind);
        Assert.Equal(EntryKind.Folder, Files.Find(Path.GetPathRoot(Temp.Path)!)!.Kind);
    }

    [Fact]
    public void A_listing_gives_the_same_entries_as_asking_one_by_one()
    {
        Write(Temp["a.txt"], Content(1));
        Write(Temp["b.vhdx"], Content(70_000));
        Files.CreateFolder(Temp["folder"], false);
        Write(Temp["folder/below"], Content(2));
        File.SetAttributes(Temp["a.txt"], FileAttributes.ReadOnly);
        var listed = Files.List(Temp).OrderBy(e => e.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(["a.txt", "b.vhdx", "folder"], listed.Select(e => e.Name));
        Assert.All(listed, e => Assert.Equal(Files.Find(Temp[e.Name]), e));
        Assert.Equal(0, listed[2].Size);
    }

    [Fact]
    public void A_listing_knows_the_size_of_a_file_that_is_still_open()
    {
        using var file = Files.Create(Temp["growing"], false);
        using var buffer = Buffer(Content(12_345));
        file.Write(0, buffer, 0, 12_345);
        Assert.Equal(file.Stat(), Assert.Single(Files.List(Temp)));
        Assert.Equal(12_345, file.Stat().Size);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_at_all_is_described_by_its_folder()
    {
        Write(Temp["pagefile.sys"], Content(4096));
        var opened = Files.Find(Temp["pagefile.sys"])!;
        var listed = WindowsFolder.FindListed(Temp["PageFile.sys"])!;
        Assert.Equal(opened with { AllocatedBytes = listed.AllocatedBytes }, listed);
        Assert.Null(WindowsFolder.FindListed(Temp["missing"]));
    }

    [Fact]
    public void An_empty_folder_and_one_of_thousands_are_listed_whole()
    {
        Assert.Empty(Files.List(Temp));
        var names = Enumerable
            .Range(0, 2500)
            .Select(i => $"a file with a name that is long enough to fill buffers {i:D5}")
            .ToList();
        foreach (var name in names)
            File.WriteAllBytes(Temp[name], []);
        Assert.Equal(names, NamesIn(Temp));
    }

    [Fact]
    public void Listing_what_is_no_folder_fails()
    {
        Write(Temp["file"], Content(1));
        Fails(FailureKind.NotSupported, () => Files.List(Temp["file"]));
        Fails(FailureKind.FileMissing, () => Files.List(Temp["missing"]));
    }

    [Fact]
    public void Names_that_end_in_a_dot_or_space_are_names_of_their_own()
    {
        string[] names = ["name", "name ", "name.", "name...", " name"];
        for (var i = 0; i < names.Length; i++)
            Write(Temp[names[i]], Content(10 + i));
        Assert.Equal(names.OrderBy(n => n, StringComparer.Ordinal), NamesIn(Temp));
        for (var i = 0; i < names.Length; i++)
            Assert.Equal(Content(10 + i), Read(Temp[names[i]]));
        Files.Rename(Temp["name."], Temp["renamed."]);
        Files.DeleteFile(Temp["name "]);
        Files.CreateFolder(Temp["folder. "], false);
        Write(Temp["folder. /file."], Content(3));
        Assert.Equal([" name", "folder. ", "name", "name...", "renamed."], NamesIn(Temp));
        Assert.Equal(["file."], NamesIn(Temp["folder. "]));
    }

    [Fact]
    public void Paths_longer_than_260_characters_work_in_every_member()
    {
        var folder = Temp.Path;
        for (var i = 0; i < 8; i++)
        {
            folder = PathOf.Join(folder, new string((char)('a' + i), 100));
            Files.CreateFolder(folder, i == 0);
        }

        var file = PathOf.Join(folder, new string('f', 200));
        Assert.True(file.Length > 1000);
        Write(file, Content(5000), true);
        Assert.Equal(Content(5000), Read(file, true));
        Files.SetMetadata(file, Files.Find(file)! with { Attributes = 1 });
        Files.Rename(file, file + ".new");
        Assert.Equal([new string('f', 200) + ".new"], NamesIn(folder));
        Assert.Equal(Files.GetVolume(Temp).Root, Files.GetVolume(file).Root);
        Files.FlushFolder(folder);
        Files.DeleteFile(file + ".new");
        Files.DeleteFolder(folder);
        Assert.Null(Files.Find(folder));
    }

    [Fact]
    public void Names_of_any_characters_come_back()
    {
        string[] names =
        [
            "Příliš žluťoučký kůň.vhd",
            "emoji 💾.xml",
            "[brackets] & ^carets%.txt",
            "日本語",
            "e\u0301",
            "é",
        ];
        foreach (var name in names)
            Write(Temp[name], Content(1));
        Assert.Equal(names.OrderBy(n => n, StringComparer.Ordinal), NamesIn(Temp));
    }

    [Fact]
    public void A_file_is_created_only_where_none_is()
    {
        Write(Temp["file"], Content(1));
        Fails(FailureKind.DestinationExists, () => Files.Create(Temp["file"], false));
        Fails(FailureKind.DestinationExists, () => Files.Create(Temp["FILE"], true));
        Fails(FailureKind.FileMissing, () => Files.Create(Temp["missing/file"], false));
        Assert.Equal(Content(1), Read(Temp["file"]));
    }

    [Fact]
    public void A_folder_or_nothing_is_not_opened_as_a_file()
    {
        Fails(FailureKind.NotSupported, () => Files.OpenRead(Temp, false));
        Fails(FailureKind.NotSupported, () => Files.OpenUpdate(Temp, true));
        Fails(FailureKind.FileMissing, () => Files.OpenRead(Temp["missing"], true));
        Fails(FailureKind.FileMissing, () => Files.OpenUpdate(Temp["missing"], false));
    }

    [Fact]
    public void A_file_that_another_program_does_not_share_is_reported_as_locked()
    {
        Write(Temp["file"], Content(1));
        using var other = new FileStream(Temp["file"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var failure = Fails(FailureKind.FileLocked, () => Files.OpenRead(Temp["file"], false));
        Assert.Equal(32, failure.NativeCode);
        Assert.Equal(Temp["file"], failure.Target);
        Fails(FailureKind.FileLocked, () => Files.OpenUpdate(Temp["file"], true));
        Fails(FailureKind.FileLocked, () => Files.DeleteFile(Temp["file"]));
        Fails(FailureKind.FileLocked, () => Files.Rename(Temp["file"], Temp["other"]));
        Assert.Equal(1, Files.Find(Temp["file"])!.Size);
        Assert.Single(Files.List(Temp));
    }

    [Fact]
    public void While_a_file_is_read_others_may_write_rename_and_delete_it()
    {
        Write(Temp["file"], Content(1000));
        using var file = Files.OpenRead(Temp["file"], false);
        using (
            var other = new FileStream(
                Temp["file"],
                FileMode.Open,
                FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete
            )
        )
            other.WriteByte(7);
        Assert.Equal(7, Read(file, 0, 1)[0]);
        File.Move(Temp["file"], Temp["renamed"]);
        File.Delete(Temp["renamed"]);
        Assert.Equal(1000, Read(file, 0, 1000).Length);
    }

    [Fact]
    public void A_read_only_file_is_opened_for_writing_in_place()
    {
        Write(Temp["file"], Content(1000));
        File.SetAttributes(Temp["file"], FileAttributes.ReadOnly | FileAttributes.Hidden);
        using (var file = Files.OpenUpdate(Temp["file"], false))
        using (var buffer = Buffer(Content(1000, 2)))
            file.Write(0, buffer, 0, 1000);
        Assert.Equal(Content(1000, 2), File.ReadAllBytes(Temp["file"]));
    }
}
