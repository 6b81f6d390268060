using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Runs;

public sealed class RunPreviewTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void It_names_the_set_that_the_run_then_writes()
    {
        for (var run = 1; run <= 3; run++)
        {
            var preview = Preview();
            var result = _host.Backup();
            Assert.Equal((result.Set, result.Sequence), (preview.Set, preview.Sequence));
            Assert.Equal(
                run == 1 ? null
                    : run % 2 == 0 ? "SetA"
                    : "SetB",
                preview.Keeps
            );
        }
    }

    [Fact]
    public void It_says_what_the_set_holds_now_and_what_would_be_deleted()
    {
        _host.Backup();
        _host.Backup();
        File.Delete(Path.Combine(_host.SystemDisks, "readme.txt"));
        var preview = Preview();
        Assert.Equal((1L, 12L), (preview.FilesToDelete, preview.BytesToDelete));
        Assert.Equal([_host.D, _host.E], preview.Targets.Select(target => target.Target).Order());
        Assert.All(preview.Targets, target => Assert.Equal("SetA", target.Current?.Set));
        Assert.All(preview.Targets, target => Assert.True(target.FreeBytes > 0));
    }

    [Fact]
    public void Deletions_are_counted_only_when_asked_for() =>
        Assert.Null(RunPreview.Of(_host.Plan, _host.Context, false, CancellationToken.None).FilesToDelete);

    [Fact]
    public void It_says_what_room_is_needed_and_fails_for_no_lack_of_it()
    {
        Assert.All(Preview().Targets, target => Assert.True(target.NeededBytes > 5_000_000 && target.Fits));
        _host.Files = new FaultyFiles(_host.Files) { Volume = (_, volume) => volume with { FreeBytes = 1_000_000 } };
        Assert.All(Preview().Targets, target => Assert.False(target.Fits));
    }

    [Fact]
    public void It_touches_nothing()
    {
        _host.Backup();
        var before = Everything();
        Preview();
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void It_fails_as_the_run_would()
    {
        Assert.Throws<PlanException>(() =>
            RunPreview.Of(_host.Plan with { Sets = ["one"] }, _host.Context, true, CancellationToken.None)
        );
        Directory.Delete(_host.E, true);
        Assert.Throws<PlanException>(() => Preview());
        Directory.CreateDirectory(_host.DataDisks);
        Directory.Delete(_host.D, true);
        var plan = _host.Plan with { Jobs = [_host.Plan.Jobs[2]] };
        Assert.Equal(
            FailureKind.TargetMissing,
            Assert
                .Throws<BackupException>(() => RunPreview.Of(plan, _host.Context, true, CancellationToken.None))
                .Failure.Kind
        );
    }

    private RunPreview Preview() => RunPreview.Of(_host.Plan, _host.Context, true, CancellationToken.None);

    private string[] Everything() =>
        Directory
            .GetFileSystemEntries(_host.Root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => path + "|" + File.GetLastWriteTimeUtc(path).Ticks)
            .ToArray();
}
