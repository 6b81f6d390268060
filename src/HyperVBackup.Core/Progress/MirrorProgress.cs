using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;

namespace HyperVBackup.Progress;

/// <summary>
/// How far a run is. Written by the engine's threads, read by whoever shows it, as often as it likes: sampled, never
/// queued.
/// </summary>
public sealed class MirrorProgress
{
    private readonly object _gate = new();
    private long _bytesTotal;
    private long _bytesDone;
    private long _bytesWritten;
    private long _filesDone;
    private volatile string _phase = "";
    private volatile string _job = "";
    private volatile string _file = "";
    private volatile ProgressLane[] _lanes = Array.Empty<ProgressLane>();

    /// <summary>Source bytes that will be gone through, as far as they have been counted; 0 while unknown.</summary>
    public long BytesTotal => Interlocked.Read(ref _bytesTotal);

    /// <summary>Source bytes gone through: copied, found unchanged, or skipped.</summary>
    public long BytesDone => Interlocked.Read(ref _bytesDone);

    /// <summary>Bytes written to targets.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Where the engine spends its time.</summary>
    internal EngineProfile Profile { get; } = new();

    /// <summary>Files gone through.</summary>
    public long FilesDone => Interlocked.Read(ref _filesDone);

    /// <summary>What the run is doing: "making the shadow set", "copying", "verifying" ….</summary>
    public string Phase => _phase;

    /// <summary>The job under way.</summary>
    public string Job => Lanes is { Count: > 0 } lanes ? lanes[0].Job : _job;

    /// <summary>The file under way.</summary>
    public string File => Lanes is { Count: > 0 } lanes ? lanes[0].File : _file;

    /// <summary>The jobs under way side by side, each on a disk of its own, in the order they began.</summary>
    public IReadOnlyList<ProgressLane> Lanes => Array.FindAll(_lanes, lane => lane.Job.Length > 0);

    internal void AddTotal(long bytes) => Sizes.Add(ref _bytesTotal, bytes);

    internal void AddDone(long bytes) => Sizes.Add(ref _bytesDone, bytes);

    internal void AddWritten(long bytes) => Sizes.Add(ref _bytesWritten, bytes);

    internal void AddFile() => Interlocked.Increment(ref _filesDone);

    internal void Enter(string phase)
    {
        Enter("", "");
        _phase = phase;
    }

    internal void Enter(string job, string file)
    {
        _job = job;
        _file = file;
    }

    internal ProgressLane OpenLane()
    {
        var lane = new ProgressLane();
        Change(lanes => lanes.Concat(new[] { lane }).ToArray());
        return lane;
    }

    internal void Close(ProgressLane lane) => Change(lanes => Array.FindAll(lanes, other => other != lane));

    private void Change(Func<ProgressLane[], ProgressLane[]> change)
    {
        lock (_gate)
            _lanes = change(_lanes);
    }
}
