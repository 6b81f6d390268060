using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>What is listed, and as what: the same for whoever asks.</summary>
public sealed class ListRunTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public ListRunTests() => Platform.NeedsPosix();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_newest_set_comes_first_and_is_the_one_that_counts()
    {
        _host.Backup();
        _host.Backup();
        var result = List(_host.E);
        Assert.Equal(["SetB", "SetA"], result.Sets.Select(set => set.Set));
        Assert.Equal("SetB", Assert.Single(result.Newest).Set);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void A_set_that_was_found_damaged_is_damaged_and_no_longer_the_one_that_counts()
    {
        _host.Backup();
        _host.Backup();
        MiniatureHost.ChangeQuietly(Path.Combine(_host.E, "Backup-SetB", "VHD", "readme.txt"), 0, (byte)'X');
        Assert.False(_host.Verify(_host.E, "SetB").IsGood);
        var result = List(_host.E);
        Assert.Equal(
            [("SetB", SetCondition.Damaged, true), ("SetA", SetCondition.Complete, false)],
            result.Sets.Select(set => (set.Set, set.State, set.FoundDamaged))
        );
        Assert.Same(result.Sets[1], Assert.Single(result.Newest));
    }

    [Fact]
    public void A_target_that_is_gone_is_a_failure_and_hides_no_other()
    {
        _host.Backup();
        var result = List(Path.Combine(_host.Root, "gone"), _host.E);
        Assert.Equal("SetA", Assert.Single(result.Sets).Set);
        Assert.Equal(FailureKind.TargetMissing, Assert.Single(result.Failures).Kind);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void The_folder_of_a_set_means_that_set()
    {
        _host.Backup();
        _host.Backup();
        Assert.Equal("SetA", Assert.Single(List(Path.Combine(_host.E, "Backup-SetA")).Sets).Set);
        Assert.Equal(
            [(_host.E, "SetA"), (_host.E, null), (Path.Combine(_host.E, "Backup-SetX"), null)],
            new[] { Path.Combine(_host.E, "Backup-SetA"), _host.E, Path.Combine(_host.E, "Backup-SetX") }
                .Select(path => NamedPlace.Of(_host.Files, path))
                .Select(place => (place.Target, place.Set))
        );
    }

    [Fact]
    public void A_name_that_is_no_pattern_must_be_there()
    {
        _host.Backup();
        var plain = new WantedSet("SetX", false, name => name == "SetX");
        var failure = Assert.Single(List(plain).Failures);
        Assert.Equal(FailureKind.SetMissing, failure.Kind);
        Assert.Contains("there is none of that name, only SetA", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, List(plain with { IsPattern = true }).ExitCode);
    }

    private ListResult List(params string[] paths) =>
        ListRun.Execute(new ListRequest { Paths = paths }, _host.Context, CancellationToken.None);

    private ListResult List(WantedSet name) =>
        ListRun.Execute(new ListRequest { Paths = [_host.E], Names = [name] }, _host.Context, CancellationToken.None);
}
