using System;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>
/// Access lists of Linux are not copied: a copy lets in its owner, its group and others as the source does, and nobody
/// by a list.
/// </summary>
public sealed class AccessListTests : IDisposable
{
    private const string Private = "user::rw- group::--- other::---";
    private const string PrivateFolder = "user::rwx group::--- other::---";
    private readonly FaultyFiles _files = new(FileSystems.Current);
    private readonly MirrorBench _bench;
    private int _changes;

    public AccessListTests()
    {
        _bench = new MirrorBench(1, _files) { Frozen = DateTime.UtcNow.AddHours(1) };
        _files.Fail = (operation, _) =>
        {
            if (operation == "SetMetadata")
                _changes++;
            return null;
        };
        foreach (var size in new[] { 100, 5_000_000 })
            Tree.Write(Source(size), Tree.Noise(size, size));
        Platform.NeedsPosix();
        foreach (var size in new[] { 100, 5_000_000 })
            FileTools.SetMode(Source(size), "600");
        FileTools.SetMode(Folder, "700");
    }

    private string Folder => Path.Combine(_bench.Source, "folder");

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_user_of_a_list_may_do_the_group_of_the_copy_may_not(bool isSet)
    {
        GiveLists();
        Copy(isSet);
        AssertPrivate();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_rewritten_when_nothing_has_changed(bool isSet)
    {
        GiveLists();
        Directory.CreateDirectory(_bench.Target());
        AccessLists.Set(_bench.Target(), "-m", "u:3:rwx,d:u:3:rwx");
        Copy(isSet);
        _changes = 0;
        var tally = Copy(isSet);
        Assert.Equal((0L, 0), (tally, _changes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_copy_inherits_no_list_from_the_target(bool isSet)
    {
        FileTools.SetMode(Source(100), "640");
        FileTools.SetMode(Folder, "750");
        Directory.CreateDirectory(_bench.Target());
        AccessLists.Set(_bench.Target(), "-m", "d:u:3:rwx,d:g:3:rwx");
        Copy(isSet);
        Assert.Equal("user::rw- group::r-- other::---", AccessLists.Of(Target(100)));
        Assert.Equal(Private, AccessLists.Of(Target(5_000_000)));
        Assert.Equal("user::rwx group::r-x other::---", AccessLists.Of(Path.Combine(_bench.Target(), "folder")));
    }

    [Fact]
    public void A_list_that_a_copy_was_given_since_goes_with_the_next_run()
    {
        FileTools.SetMode(Source(100), "640");
        _bench.Mirror();
        AccessLists.Set(Target(100), "-m", "u:3:r"); // the group has what it had, and the mode is the same
        _bench.Mirror();
        Assert.Equal("user::rw- group::r-- other::---", AccessLists.Of(Target(100)));
    }

    [Fact]
    public void A_mirror_with_the_mask_as_the_groups_permission_is_mended()
    {
        GiveLists();
        _bench.Mirror();
        FileTools.SetMode(Target(100), "660"); // as copies were made before
        _bench.Mirror();
        AssertPrivate();
    }

    private string Source(int size) => Path.Combine(Folder, "file" + size);

    private string Target(int size) => Path.Combine(_bench.Target(), "folder", "file" + size);

    private void GiveLists()
    {
        AccessLists.Set(Source(100), "-m", "u:2:rw");
        AccessLists.Set(Source(5_000_000), "-m", "g:2:r");
        AccessLists.Set(Folder, "-m", "u:2:rwx,d:u:2:rwx");
    }

    private long Copy(bool isSet) => (isSet ? _bench.Backup() : _bench.Mirror()).Single().Tally.FilesCopied;

    private void AssertPrivate()
    {
        Assert.Empty(_bench.Log.Failures);
        Assert.Equal(Private, AccessLists.Of(Target(100)));
        Assert.Equal(Private, AccessLists.Of(Target(5_000_000)));
        Assert.Equal(PrivateFolder, AccessLists.Of(Path.Combine(_bench.Target(), "folder")));
    }
}
