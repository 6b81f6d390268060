using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Bench.Children;

namespace HyperVBackup.Bench.Measuring;

/// <summary>One who does a work, to be measured beside others.</summary>
internal sealed record Contender(string Name, Func<Sample> Run)
{
    /// <summary>Done before each measurement and not measured.</summary>
    public Action Before { get; init; } = () => { };

    /// <summary>Done after each measurement and not measured.</summary>
    public Action<Sample> After { get; init; } = _ => { };

    /// <summary>Why it cannot take part.</summary>
    public string? WhyNot { get; init; }
}

/// <summary>
/// Measures contenders in rounds. In each round everyone has one turn, and the first of one round is the last of the
/// next, so that a disk that grows slow or a
/// neighbour that comes and goes is everyone's alike.
/// </summary>
internal sealed class Rounds
{
    private readonly int _count;
    private readonly Action _settle;
    private readonly Action<string> _say;

    /// <summary>Makes the rules of a run.</summary>
    /// <param name="count">Rounds.</param>
    /// <param name="settle">Makes the machine quiet and its caches cold before each measurement.</param>
    /// <param name="say">Where progress goes.</param>
    public Rounds(int count, Action settle, Action<string> say)
    {
        _count = count;
        _settle = settle;
        _say = say;
    }

    /// <summary>Measures all contenders.</summary>
    /// <param name="work">What they do.</param>
    /// <param name="contenders">Those.</param>
    /// <param name="before">Done before each round.</param>
    /// <param name="after">Done after each round.</param>
    public IReadOnlyDictionary<string, Series> Measure(
        string work,
        IReadOnlyList<Contender> contenders,
        Action? before = null,
        Action? after = null
    )
    {
        var series = contenders.ToDictionary(
            contender => contender.Name,
            contender => new Series(contender.Name) { WhyNot = contender.WhyNot }
        );
        for (var round = 0; round < _count; round++)
        {
            before?.Invoke();
            for (var turn = 0; turn < contenders.Count; turn++)
            {
                var contender = contenders[(round + turn) % contenders.Count];
                if (series[contender.Name].WhyNot == null)
                    Turn(work, round, contender, series[contender.Name]);
            }

            after?.Invoke();
        }

        return series;
    }

    private void Turn(string work, int round, Contender contender, Series series)
    {
        try
        {
            contender.Before();
            _settle();
            var sample = contender.Run();
            series.Samples.Add(sample);
            _say(FormattableString.Invariant($"{work} {round + 1}/{_count}: {contender.Name} {sample.Seconds:0.00} s"));
            contender.After(sample);
        }
        catch (ChildException e)
        {
            series.WhyNot = e.Message;
            _say(work + ": " + contender.Name + " is out: " + e.Message);
        }
    }
}
