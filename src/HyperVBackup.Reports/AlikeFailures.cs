using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Reports;

/// <summary>Failures that are alike while they are gathered.</summary>
internal sealed class AlikeFailures
{
    private const int MostMessages = 3;
    private readonly Failure _failure;
    private readonly List<string> _messages = new();
    private readonly HashSet<Guid> _runs = new();
    private DateTime _first;
    private long _count;

    public AlikeFailures(Failure failure) => _failure = failure;

    public DateTime Last { get; private set; }

    public bool IsOpen { get; private set; }

    public void Add(Failure failure, ReportRun run, bool isOpen)
    {
        if (_count == 0)
            Last = run.Started;
        _count++;
        _first = run.Started;
        _runs.Add(run.RunId);
        IsOpen |= isOpen;
        if (_messages.Count < MostMessages && !_messages.Contains(failure.Message))
            _messages.Add(failure.Message);
    }

    public void Uncounted(long count) => _count = Amounts.Bytes(_count + Amounts.Bytes(count));

    public FailureGroup ToGroup() =>
        new()
        {
            Kind = _failure.Kind,
            Advice = _failure.Advice,
            Count = _count,
            Runs = _runs.Count,
            First = _first,
            Last = Last,
            IsOpen = IsOpen,
            Messages = _messages,
        };
}
