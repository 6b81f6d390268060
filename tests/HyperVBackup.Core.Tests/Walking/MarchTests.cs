using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Walking;

/// <summary>The march that whoever counts, asks or clones goes.</summary>
public sealed class MarchTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _told = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void In_each_folder_what_is_no_folder_comes_first_and_each_in_the_order_of_the_manifests()
    {
        foreach (var file in new[] { "a/z", "a/b/deep", "B", "c", "a-b/x" })
            _folder.Write("source/" + file, "");
        March(GlobFilter.All).Run();
        Assert.Equal(["B", "c", "> a", "a/z", "> a/b", "a/b/deep", "< a/b", "< a", "> a-b", "a-b/x", "< a-b"], _told);
    }

    [Fact]
    public void It_can_begin_deeper_down()
    {
        _folder.Write("source/a/b/deep", "");
        _folder.Write("source/c", "");
        March(GlobFilter.All).Run("a/b");
        Assert.Equal(["a/b/deep"], _told);
    }

    [Fact]
    public void What_a_copy_has_stands_beside_and_what_nothing_that_is_taken_has_the_name_of_is_told_behind()
    {
        _folder.Write("source/folder/kept", "1");
        _folder.Write("source/folder/left.out", "1");
        _folder.Write("source/new/inside", "1");
        _folder.Write("copy/folder/kept", "22");
        _folder.Write("copy/folder/left.out", "22");
        _folder.Write("copy/gone/inside", "22");
        _folder.Write("copy/new", "a file as yet");
        March(new GlobFilter(exclude: ["*.out"]), "copy", "not there").Run();
        Assert.Equal(
            [
                "> folder",
                "folder/kept beside 2",
                "0 more: folder/left.out",
                "< folder",
                "> new",
                "new/inside",
                "< new",
                "0 more: gone",
            ],
            _told
        );
    }

    [Fact]
    public void A_folder_that_cannot_be_listed_ends_it_unless_who_marches_goes_on()
    {
        _folder.Folder("source");
        var missing = new FolderTree(FileSystems.Current, _folder["nowhere"]);
        var strict = new March(missing, new WalkRules(GlobFilter.All).RoleOf, CancellationToken.None);
        Assert.Equal(FailureKind.FileMissing, Assert.Throws<BackupException>(() => strict.Run()).Failure.Kind);
        new March(missing, new WalkRules(GlobFilter.All).RoleOf, CancellationToken.None)
        {
            GoesOnAfter = e =>
            {
                _told.Add(e.Failure.Target);
                return true;
            },
        }.Run();
        Assert.Equal([_folder["nowhere"]], _told);
    }

    [Fact]
    public void A_question_whether_there_is_a_file_is_answered_by_the_first_one()
    {
        _folder.Write("source/notes.txt", "");
        _folder.Write("source/deep/web.vhdx", "");
        _folder.Write("source/deeper/.hvbackup-tmp-0123456789abcdef", "");
        var source = new FolderTree(FileSystems.Current, _folder["source"]);
        Assert.True(HyperVBackup.Walking.March.HoldsFile(source, new WalkRules(new GlobFilter(["*.vhdx"]))));
        Assert.False(HyperVBackup.Walking.March.HoldsFile(source, new WalkRules(new GlobFilter(["*.avhdx"]))));
        Directory.Delete(_folder["source/deep"], true);
        File.Delete(_folder["source/notes.txt"]);
        Assert.False(HyperVBackup.Walking.March.HoldsFile(source, new WalkRules(GlobFilter.All)));
    }

    private March March(GlobFilter filter, params string[] copies) =>
        new(
            new FolderTree(FileSystems.Current, _folder["source"]),
            new WalkRules(filter).RoleOf,
            TestContext.Current.CancellationToken
        )
        {
            Copies = copies.Select(copy => Directory.Exists(_folder[copy]) ? Copy(copy) : null).ToArray(),
            OnEntry = step =>
                _told.Add(
                    step.Relative + string.Concat(step.There.OfType<FileEntry>().Select(it => " beside " + it.Size))
                ),
            OnFolder = (step, walk) =>
            {
                _told.Add("> " + step.Relative);
                walk();
                _told.Add("< " + step.Relative);
            },
            OnExtra = (copy, relative, _) => _told.Add(copy + " more: " + relative),
        };

    private FolderTree Copy(string copy) => new(FileSystems.Current, _folder[copy]);
}
