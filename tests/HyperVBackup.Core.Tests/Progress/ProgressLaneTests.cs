using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Progress;

public sealed class ProgressLaneTests
{
    [Fact]
    public void Jobs_side_by_side_keep_their_places_and_their_files()
    {
        var progress = new MirrorProgress();
        var (one, other) = (progress.OpenLane(), progress.OpenLane());
        other.EnterJob(@"E:\DataVHD");
        one.EnterJob(@"D:\SystemVHD");
        other.EnterFile("data.vhdx", 1000);
        other.AddFileDone(250);
        one.EnterFile("system.vhdx", 10);
        Assert.Equal(
            [(@"D:\SystemVHD", "system.vhdx", 0L), (@"E:\DataVHD", "data.vhdx", 250L)],
            progress.Lanes.Select(lane => (lane.Job, lane.File, lane.FileDone))
        );
        Assert.Equal((@"D:\SystemVHD", "system.vhdx"), (progress.Job, progress.File));

        progress.Close(one);
        Assert.Equal([@"E:\DataVHD"], progress.Lanes.Select(lane => lane.Job));
        Assert.Equal((@"E:\DataVHD", "data.vhdx"), (progress.Job, progress.File));
    }

    [Fact]
    public void A_lane_without_a_job_is_not_shown()
    {
        var progress = new MirrorProgress();
        progress.OpenLane();
        Assert.Empty(progress.Lanes);
        Assert.Equal("", progress.Job);
    }

    [Fact]
    public void A_new_phase_forgets_the_job_of_the_last_one()
    {
        var progress = new MirrorProgress();
        progress.Enter("VHD", "a.vhdx");
        progress.Enter("committing");
        Assert.Equal(("committing", "", ""), (progress.Phase, progress.Job, progress.File));
    }

    [Fact]
    public void A_meter_reads_the_lanes()
    {
        var progress = new MirrorProgress();
        progress.OpenLane().EnterJob("VHD");
        Assert.Equal("VHD", Assert.Single(new ProgressMeter(progress).Read(TimeSpan.FromSeconds(1)).Lanes).Job);
    }

    [Fact]
    public void An_engine_that_is_done_leaves_no_lane()
    {
        using var folder = new TempFolder();
        folder.Write("source/a", "a");
        var progress = new MirrorProgress();
        using (var engine = new MirrorEngine(FileSystems.Current, new FailureLog(), progress))
        {
            engine.Run(
                new MirrorJob
                {
                    Source = folder["source"],
                    SourceName = "the source",
                    Targets = [new MirrorTarget { Folder = folder["copy"] }],
                },
                CancellationToken.None
            );
            Assert.Equal(("the source", "a"), (progress.Job, progress.File));
        }

        Assert.Empty(progress.Lanes);
    }
}
