using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Runs;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>What was let in by an access list, and what a restore makes of lists that are there.</summary>
public sealed class RestoredAccessListTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly string _disk;
    private readonly string _to;

    public RestoredAccessListTests()
    {
        _disk = Path.Combine(_host.SystemDisks, "web.vhdx");
        _to = Path.Combine(_host.Root, "restored");
        Platform.NeedsPosix();
        FileTools.SetMode(_disk, "600");
        FileTools.SetMode(_host.SystemDisks, "700");
    }

    private string Restored => Path.Combine(_to, "VHD", "web.vhdx");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_group_does_not_gain_what_a_named_user_had()
    {
        AccessLists.Set(_disk, "-m", "u:2:rw");
        AccessLists.Set(_host.SystemDisks, "-m", "u:2:rwx");
        _host.Backup();
        _host.Restore(_host.E, _to);
        Assert.Equal("user::rw- group::--- other::---", AccessLists.Of(Restored));
        Assert.Equal("user::rwx group::--- other::---", AccessLists.Of(Path.Combine(_to, "VHD")));
    }

    [Fact]
    public void Lists_are_told_of_by_the_run_and_by_the_check_and_are_no_warning()
    {
        AccessLists.Set(_disk, "-m", "u:2:rw");
        AccessLists.Set(_host.SystemDisks, "-m", "u:2:rwx");
        var story = new List<string>();
        var context = _host.Context with { Story = story.Add };
        Assert.Equal(0, BackupRun.Execute(_host.Plan, context, CancellationToken.None).ExitCode);
        var check = PlanCheck.Of(_host.Plan, context, CancellationToken.None);
        Assert.DoesNotContain(check.Warnings, line => line.Contains("ccess list", StringComparison.Ordinal));
        var said = Assert.Single(check.Notices);
        Assert.Equal(said, Assert.Single(story, line => line.StartsWith("Access lists", StringComparison.Ordinal)));
        var first = " 2 files and folders have one, the first of them: " + _host.SystemDisks + ".";
        Assert.EndsWith("In " + _host.SystemDisks + first, said);
        var other = Path.Combine(_host.Root, "mirror");
        MirrorRun.Execute(_host.SystemDisks, other, GlobFilter.All, 0, context, CancellationToken.None);
        Assert.Equal(2, story.Count(line => line == said));
    }

    [Fact]
    public void Where_there_are_no_lists_nothing_is_said_of_them()
    {
        var story = new List<string>();
        var context = _host.Context with { Story = story.Add };
        BackupRun.Execute(_host.Plan, context, CancellationToken.None);
        Assert.Empty(PlanCheck.Of(_host.Plan, context, CancellationToken.None).Notices);
        Assert.DoesNotContain(story, line => line.Contains("Access list", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_made_inherits_no_list_from_the_folder_that_is_restored_to()
    {
        FileTools.SetMode(_disk, "640");
        FileTools.SetMode(_host.SystemDisks, "750");
        _host.Backup();
        Directory.CreateDirectory(_to);
        AccessLists.Set(_to, "-m", "u:2:rwx,d:u:2:rwx");
        var list = AccessLists.Of(_to);
        _host.Restore(_host.E, _to);
        Assert.Equal("user::rw- group::r-- other::---", AccessLists.Of(Restored));
        Assert.Equal("user::rwx group::r-x other::---", AccessLists.Of(Path.Combine(_to, "VHD")));
        Assert.Equal(list, AccessLists.Of(_to));
    }

    [Fact]
    public void What_is_there_and_right_keeps_its_list()
    {
        FileTools.SetMode(_disk, "640");
        _host.Backup();
        _host.Restore(_host.E, _to);
        AccessLists.Set(Restored, "-m", "u:2:rw");
        AccessLists.Set(Path.Combine(_to, "VHD"), "-m", "u:2:rwx");
        var (file, folder) = (AccessLists.Of(Restored), AccessLists.Of(Path.Combine(_to, "VHD")));
        Assert.Equal(0, _host.Restore(_host.E, _to).FilesRestored);
        Assert.Equal((file, folder), (AccessLists.Of(Restored), AccessLists.Of(Path.Combine(_to, "VHD"))));
    }
}
