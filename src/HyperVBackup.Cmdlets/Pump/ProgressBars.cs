using System;
using System.Diagnostics;
using System.Management.Automation;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Runs;

namespace HyperVBackup.Cmdlets.Pump;

/// <summary>Shows how far a run is, as nested bars: the run, its job, the file. Pipeline thread only; disposing completes every bar that was shown.</summary>
internal sealed class ProgressBars : IDisposable
{
    private const int Run = 0, Job = 1, File = 2;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private readonly Cmdlet _cmdlet;
    private readonly string _activity;
    private readonly ProgressMeter _meter;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly string[] _shown = { "", "", "" };

    /// <summary>Bars for a run.</summary>
    /// <param name="cmdlet">Who writes.</param>
    /// <param name="activity">What the run is called: "Backing up 'nightly'".</param>
    /// <param name="progress">How far it is.</param>
    public ProgressBars(Cmdlet cmdlet, string activity, MirrorProgress progress)
    {
        _cmdlet = cmdlet;
        _activity = activity;
        _meter = new ProgressMeter(progress);
    }

    /// <summary>Takes a reading and shows it. What ends within half a second shows no bars.</summary>
    public void Sample()
    {
        var reading = _meter.Read(_elapsed.Elapsed);
        if (_elapsed.Elapsed < Quiet) return;
        Show(Run, _activity, Describe(reading), reading.Percent, reading.TimeLeft);
        if (reading.Job.Length == 0)
        {
            Complete(File);
            Complete(Job);
            return;
        }

        Show(Job, reading.Job, reading.FilesDone + (reading.FilesDone == 1 ? " file done" : " files done"), -1, null);
        if (reading.File.Length > 0) Show(File, PathOf.Leaf(reading.File), reading.File, -1, null);
    }

    public void Dispose()
    {
        try
        {
            for (var id = File; id >= Run; id--) Complete(id);
        }
        catch (PipelineStoppedException)
        {
            // A stopped pipeline takes its bars down itself.
        }
    }

    /// <summary>The line under the run's bar: <c>copying: 12 GB of 40 GB, 210 MB/s</c>.</summary>
    internal static string Describe(ProgressReading reading)
    {
        var phase = reading.Phase.Length == 0 ? "starting" : reading.Phase;
        if (reading.BytesDone == 0) return phase;
        var amount = HumanText.Size(reading.BytesDone) + (reading.BytesTotal > 0 ? " of " + HumanText.Size(reading.BytesTotal) : "");
        return phase + ": " + amount + ", " + HumanText.Rate(reading.BytesPerSecond);
    }

    private void Show(int id, string activity, string status, int percent, TimeSpan? left)
    {
        _shown[id] = activity;
        var record = new ProgressRecord(id, activity, status.Length == 0 ? " " : status) { ParentActivityId = id - 1, PercentComplete = percent };
        if (left is { } time) record.SecondsRemaining = (int)Math.Min(int.MaxValue, time.TotalSeconds);
        _cmdlet.WriteProgress(record);
    }

    private void Complete(int id)
    {
        if (_shown[id].Length == 0) return;
        var record = new ProgressRecord(id, _shown[id], " ") { ParentActivityId = id - 1, RecordType = ProgressRecordType.Completed };
        _shown[id] = "";
        _cmdlet.WriteProgress(record);
    }
}
