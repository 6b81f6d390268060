using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using HyperVBackup.Files;
using HyperVBackup.Progress;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets.Pump;

/// <summary>
/// Shows how far a run is, as nested bars: the run, its job, the file. Pipeline thread only; disposing completes every
/// bar that was shown.
/// </summary>
internal sealed class ProgressBars : IDisposable
{
    private const int Run = 0,
        NoParent = -1;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private readonly Cmdlet _cmdlet;
    private readonly string _activity;
    private readonly ProgressMeter _meter;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly List<(string Activity, int Parent)> _shown = new();

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
        if (_elapsed.Elapsed < Quiet)
            return;
        Show(Run, NoParent, _activity, Describe(reading), reading.Percent, reading.TimeLeft);
        var next = Run + 1;
        if (reading.Lanes.Count == 0 && reading.Job.Length > 0)
            next = ShowJob(next, reading.Job, reading.File, 0, 0);
        foreach (var lane in reading.Lanes)
            next = ShowJob(next, lane.Job, lane.File, lane.FileDone, lane.FileBytes);
        // The jobs of other disks have ended: their bars go, those below move up.
        CompleteFrom(next);
    }

    public void Dispose()
    {
        try
        {
            CompleteFrom(Run);
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
        if (reading.BytesDone == 0)
            return phase;
        var amount =
            HumanText.Size(reading.BytesDone)
            + (reading.BytesTotal > 0 ? " of " + HumanText.Size(reading.BytesTotal) : "");
        return phase + ": " + amount + ", " + HumanText.Rate(reading.BytesPerSecond);
    }

    private int ShowJob(int id, string job, string file, long done, long bytes)
    {
        var isLarge = bytes > 0 && file.Length > 0;
        Show(id, Run, job, file.Length == 0 ? "looking for files" : file, -1, null);
        if (!isLarge)
            return id + 1;
        done = Math.Min(done, bytes);
        Show(
            id + 1,
            id,
            PathOf.Leaf(file),
            HumanText.Size(done) + " of " + HumanText.Size(bytes),
            (int)(100.0 * done / bytes),
            null
        );
        return id + 2;
    }

    private void Show(int id, int parent, string activity, string status, int percent, TimeSpan? left)
    {
        // An id that is used for something else from now on must not keep its old place.
        if (id < _shown.Count && (_shown[id].Activity != activity || _shown[id].Parent != parent))
            CompleteFrom(id);
        if (id == _shown.Count)
            _shown.Add((activity, parent));
        var record = new ProgressRecord(id, activity, status.Length == 0 ? " " : status)
        {
            ParentActivityId = parent,
            PercentComplete = percent,
        };
        if (left is { } time)
            record.SecondsRemaining = (int)Math.Min(int.MaxValue, time.TotalSeconds);
        _cmdlet.WriteProgress(record);
    }

    private void CompleteFrom(int first)
    {
        for (var id = _shown.Count - 1; id >= first; id--)
        {
            var (activity, parent) = _shown[id];
            _shown.RemoveAt(id);
            _cmdlet.WriteProgress(
                new ProgressRecord(id, activity, " ")
                {
                    ParentActivityId = parent,
                    RecordType = ProgressRecordType.Completed,
                }
            );
        }
    }
}
