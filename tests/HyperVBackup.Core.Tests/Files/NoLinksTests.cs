using System;
using System.Collections.Generic;
using System.IO;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>No call but Resolve follows a link, whatever part of a path it is.</summary>
public sealed class NoLinksTests : IDisposable
{
    private static readonly FileEntry Like = new()
    {
        Name = "x",
        Kind = EntryKind.File,
        Attributes = 0x1FF,
        LinkTarget = "nowhere",
    };

    private static readonly Dictionary<string, Action<IFileSystem, string>> Calls = new()
    {
        ["Find"] = (files, path) => files.Find(path),
        ["List"] = (files, path) => files.List(PathOf.Join(PathOf.Parent(path)!, "inner")),
        ["OpenRead"] = (files, path) => files.OpenRead(path, false).Dispose(),
        ["OpenRead, direct"] = (files, path) => files.OpenRead(path, true).Dispose(),
        ["OpenUpdate"] = (files, path) => files.OpenUpdate(path, true).Dispose(),
        ["Create"] = (files, path) => files.Create(path + ".new", false).Dispose(),
        ["CreateFolder"] = (files, path) => files.CreateFolder(path + ".new", true),
        ["CreateLink"] = (files, path) => files.CreateLink(path + ".new", Like),
        ["Rename"] = (files, path) => files.Rename(path, path + ".new"),
        ["DeleteFile"] = (files, path) => files.DeleteFile(path),
        ["DeleteFolder"] = (files, path) => files.DeleteFolder(PathOf.Join(PathOf.Parent(path)!, "inner")),
        ["SetMetadata"] = (files, path) => files.SetMetadata(path, Like),
        ["FlushFolder"] = (files, path) => files.FlushFolder(PathOf.Parent(path)!),
        ["TryFlushVolume"] = (files, path) => files.TryFlushVolume(PathOf.Parent(path)!),
        ["GetVolume"] = (files, path) => files.GetVolume(path),
        ["TryClone"] = (files, path) => files.TryClone(path, path + ".new"),
        ["WhoElseMayWrite"] = (files, path) => files.WhoElseMayWrite(path),
    };

    private readonly TempFolder _folder = new();

    public NoLinksTests()
    {
        _folder.Write("real/folder/file", "precious");
        _folder.Folder("real/folder/inner");
    }

    public static TheoryData<string> Names => [.. Calls.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_link_in_the_place_of_a_folder_is_refused_by_name(string call)
    {
        Platform.NeedsPosix();
        File.CreateSymbolicLink(_folder["link"], _folder["real"]);
        var before = FileSystems.Current.Find(_folder["real/folder/file"]);
        var failure = Assert
            .Throws<BackupException>(() => Calls[call](FileSystems.Current, _folder["link/folder/file"]))
            .Failure;
        Assert.Equal(FailureKind.LinkRefused, failure.Kind);
        Assert.Contains(
            _folder["link"] + " is a symbolic link, and links are not followed",
            failure.Cause,
            StringComparison.Ordinal
        );
        Assert.Equal(before, FileSystems.Current.Find(_folder["real/folder/file"]));
        Assert.Equal(["file", "inner"], Listed(_folder["real/folder"]));
    }

    [Fact]
    public void What_has_become_a_link_gets_no_owner_permissions_or_times()
    {
        Platform.NeedsPosix();
        File.CreateSymbolicLink(_folder["link"], _folder["real/folder/file"]);
        var before = FileSystems.Current.Find(_folder["real/folder/file"]);
        Assert.Equal(
            FailureKind.LinkRefused,
            Assert.Throws<BackupException>(() => FileSystems.Current.SetMetadata(_folder["link"], Like)).Failure.Kind
        );
        Assert.Equal(before, FileSystems.Current.Find(_folder["real/folder/file"]));
    }

    [Fact]
    public void Resolve_follows_links_and_what_it_gives_can_be_used()
    {
        Platform.NeedsPosix();
        File.CreateSymbolicLink(_folder["link"], _folder["real"]);
        Assert.Equal(_folder["real/folder/file"], FileSystems.Current.Resolve(_folder["link/folder/file"]));
        Assert.NotNull(FileSystems.Current.Find(FileSystems.Current.Resolve(_folder["link/folder/file"])));
    }

    [Theory]
    [InlineData("real/folder/file", 0)]
    [InlineData("link/folder/file", 40)] // ELOOP
    [InlineData("real/last", 40)]
    [InlineData("real/missing/file", 2)] // ENOENT
    [InlineData("real/folder/file/below", 20)] // ENOTDIR
    public void Kernels_without_the_call_that_refuses_links_are_walked_folder_by_folder(string path, int errno)
    {
        Platform.NeedsPosix();
        File.CreateSymbolicLink(_folder["link"], _folder["real"]);
        File.CreateSymbolicLink(_folder["real/last"], _folder["real/folder/file"]);
        foreach (
            var open in new Func<string, int>[]
            {
                name => PosixWay.Open(name, PosixNative.ReadOnly),
                name => PosixWay.OpenByParts(name, PosixNative.ReadOnly | PosixNative.NoFollow, 0),
            }
        )
        {
            var file = open(_folder[path]);
            if (file >= 0)
                _ = PosixNative.close(file);
            Assert.Equal(errno, Math.Max(0, -file));
        }
    }

    private static IEnumerable<string> Listed(string folder)
    {
        var names = new List<string>();
        foreach (var entry in FileSystems.Current.List(folder))
            names.Add(entry.Name);
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
