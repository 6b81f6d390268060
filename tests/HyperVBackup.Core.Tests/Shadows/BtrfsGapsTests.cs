using System;
using System.IO;
using System.Linq;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// What lies below a source and is not in a snapshot of its subvolume is named; and auto takes a provider that leaves
/// nothing out.
/// </summary>
public sealed class BtrfsGapsTests : IDisposable
{
    private readonly ShadowHost _host = new();
    private readonly LoopVolume _volume = LoopVolume.Mount("btrfs", 256);
    private readonly string _vms;

    public BtrfsGapsTests()
    {
        _vms = _volume.Subvolume("vms");
        Mirroring.Tree.Write(_vms + "/a.txt", "a");
        Directory.CreateDirectory(_vms + "/deep");
        _volume.Subvolume("vms/deep/nested");
        Mirroring.Tree.Write(_vms + "/deep/nested/b.txt", "b");
    }

    public void Dispose()
    {
        _volume.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_nested_subvolume_is_named_by_a_warning_and_its_content_is_not_in_the_set()
    {
        var result = _host.Backup("btrfs", _vms);
        Assert.Equal((RunOutcome.CompleteWithWarnings, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(
            _vms
                + "/deep/nested is a subvolume of its own: a snapshot of the subvolume around it does not hold its "
                + "content. Name it as a source of its own, or exclude it.",
            Assert.Single(result.Warnings)
        );
        Assert.True(File.Exists(_host.InSet("SetA", "vms/a.txt")));
        Assert.Empty(Directory.GetFileSystemEntries(_host.InSet("SetA", "vms/deep/nested")));
    }

    [Fact]
    public void Whatever_is_mounted_below_a_source_is_named_as_well()
    {
        _volume.Bind("/proc/sys", _vms + "/mounted");
        Assert.Equal(
            [_vms + "/deep/nested is a subvolume of its own", _vms + "/mounted is a mount point (proc)"],
            Gaps([], _vms)
        );
    }

    [Fact]
    public void Nothing_is_missing_where_it_is_excluded_or_a_source_itself_or_beside_the_source()
    {
        Assert.Empty(Gaps(["nested"], _vms));
        Assert.Empty(Gaps(["deep/nested"], _vms));
        Assert.Empty(Gaps(["deep"], _vms));
        Assert.Empty(Gaps([], _vms, _vms + "/deep/nested"));
        Directory.CreateDirectory(_vms + "/beside");
        Assert.Empty(Gaps([], _vms + "/beside"));
        Assert.Single(Gaps([], _vms + "/deep"));
    }

    [Fact]
    public void The_snapshots_of_this_program_are_not_missed()
    {
        using var session = _host.Btrfs.Create(ShadowHost.Request(_vms), default);
        Assert.Single(session.Warnings);
        Assert.Single(Gaps([], _vms));
    }

    [Fact]
    public void A_folder_of_the_subvolume_that_is_bound_elsewhere_misses_what_lies_in_it()
    {
        var bound = _volume.Bind(_vms + "/deep", _volume.Beside("bound"));
        Assert.Equal([bound + "/nested is a subvolume of its own"], Gaps([], bound));
    }

    [Fact]
    public void Auto_takes_block_clones_when_snapshots_would_leave_something_out()
    {
        var result = _host.Backup("auto", _vms);
        Assert.Equal(("reflink", Consistency.File), (result.Provider, result.Consistency));
        Assert.StartsWith(
            "The better provider btrfs was not used, because its shadow set would not hold everything. "
                + _vms
                + "/deep/nested is a subvolume",
            Assert.Single(result.Warnings),
            StringComparison.Ordinal
        );
        Assert.Equal("b", File.ReadAllText(_host.InSet("SetA", "vms/deep/nested/b.txt")));
        Assert.Equal("btrfs", _host.Backup("auto", ["nested"], _vms).Provider);
    }

    [Fact]
    public void A_reason_names_a_few_of_many()
    {
        for (var i = 0; i < 7; i++)
            _volume.Subvolume("vms/many" + i);
        Assert.EndsWith(
            "; and 3 more (btrfs by name warns of each).",
            _host.Backup("auto", _vms).Warnings[0],
            StringComparison.Ordinal
        );
        Assert.Equal(8, _host.Backup("btrfs", _vms).Warnings.Count);
    }

    [Fact]
    public void Auto_copies_the_live_files_when_neither_holds_everything()
    {
        _volume.Bind(_volume.Beside(""), _vms + "/mounted");
        var result = _host.Backup("auto", ["nested", "disk.img", "volume"], _vms);
        Assert.Equal("copy", result.Provider);
        Assert.Contains("btrfs: " + _vms + "/mounted is a mount point", result.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("reflink: " + _vms + "/mounted is a mount point", result.Warnings[0], StringComparison.Ordinal);
    }

    private string[] Gaps(string[] exclude, params string[] sources) =>
        _host
            .Btrfs.NotHeld(sources.Select(source => new ShadowSource(source, new GlobFilter([], exclude))).ToArray())
            .Select(gap => gap[..gap.IndexOf(':', StringComparison.Ordinal)])
            .ToArray();
}
