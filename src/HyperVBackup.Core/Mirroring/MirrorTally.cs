using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>What was done to one target folder. Several threads count.</summary>
internal sealed class MirrorTally
{
    private long _files;
    private long _bytes;
    private long _copied;
    private long _unchanged;
    private long _written;
    private long _deleted;

    /// <summary>Files the folder now holds.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>Their bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Files that are new or were changed.</summary>
    public long FilesCopied => Interlocked.Read(ref _copied);

    /// <summary>Files found as they should be.</summary>
    public long FilesUnchanged => Interlocked.Read(ref _unchanged);

    /// <summary>Bytes of content written.</summary>
    public long BytesWritten => Interlocked.Read(ref _written);

    /// <summary>Files, links and folders removed.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    public void CountFile(long bytes, bool changed)
    {
        Interlocked.Increment(ref _files);
        Sizes.Add(ref _bytes, bytes);
        if (changed) Interlocked.Increment(ref _copied);
        else Interlocked.Increment(ref _unchanged);
    }

    public void CountWritten(long bytes) => Sizes.Add(ref _written, bytes);

    public void CountDeleted() => Interlocked.Increment(ref _deleted);
}

/// <summary>Failures and warnings of a mirror, kept to a number that a person can read; all are counted.</summary>
public sealed class FailureLog
{
    private const int Kept = 1000;
    private readonly List<Failure> _failures = new();
    private readonly List<string> _warnings = new();
    private readonly object _gate = new();
    private readonly FailureLog? _whole;
    private long _failureCount;
    private long _warningCount;

    /// <summary>An empty log.</summary>
    public FailureLog()
    {
    }

    /// <summary>The log of a part of the work; whatever is added is added to that of the whole as well.</summary>
    internal FailureLog(FailureLog whole) => _whole = whole;

    /// <summary>How many failures there were.</summary>
    public long FailureCount => Interlocked.Read(ref _failureCount);

    /// <summary>How many warnings there were.</summary>
    public long WarningCount => Interlocked.Read(ref _warningCount);

    /// <summary>The first thousand failures.</summary>
    public IReadOnlyList<Failure> Failures
    {
        get
        {
            lock (_gate) return _failures.ToArray();
        }
    }

    /// <summary>The first thousand warnings.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate) return _warnings.ToArray();
        }
    }

    internal void Add(Failure failure)
    {
        lock (_gate)
        {
            // What ends the work of several threads is told by each of them.
            if (_failures.Contains(failure)) return;
            _failureCount++;
            if (_failures.Count < Kept) _failures.Add(failure);
        }

        _whole?.Add(failure);
    }

    internal void Warn(string warning)
    {
        lock (_gate)
        {
            _warningCount++;
            if (_warnings.Count < Kept) _warnings.Add(warning);
        }

        _whole?.Warn(warning);
    }
}
