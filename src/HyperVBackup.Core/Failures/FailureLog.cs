using System.Collections.Generic;
using System.Threading;

namespace HyperVBackup.Failures;

/// <summary>
/// Failures and warnings of a piece of work, kept to a number that a person can read; all are counted.
/// </summary>
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
    public FailureLog() { }

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
            lock (_gate)
                return _failures.ToArray();
        }
    }

    /// <summary>The first thousand warnings.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate)
                return _warnings.ToArray();
        }
    }

    internal void Add(Failure failure)
    {
        lock (_gate)
        {
            // What ends the work of several threads is told by each of them.
            if (_failures.Contains(failure))
                return;
            _failureCount++;
            if (_failures.Count < Kept)
                _failures.Add(failure);
        }

        _whole?.Add(failure);
    }

    internal void Warn(string warning)
    {
        lock (_gate)
        {
            _warningCount++;
            if (_warnings.Count < Kept)
                _warnings.Add(warning);
        }

        _whole?.Warn(warning);
    }
}
