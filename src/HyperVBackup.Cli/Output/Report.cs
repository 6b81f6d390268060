using System;
using System.Collections.Generic;

namespace HyperVBackup.Cli.Output;

/// <summary>What a line is about, which on a terminal has a colour.</summary>
internal enum Tone
{
    /// <summary>Nothing special.</summary>
    Plain,

    /// <summary>It went well.</summary>
    Good,

    /// <summary>Somebody should know.</summary>
    Warning,

    /// <summary>It went wrong.</summary>
    Bad,
}

/// <summary>Writes results for people on standard output, line by line.</summary>
internal sealed class Report
{
    private readonly Surroundings _surroundings;

    public Report(Surroundings surroundings) => _surroundings = surroundings;

    /// <summary>Writes one line. Names in it may hold anything.</summary>
    public void Line(string text = "", Tone tone = Tone.Plain)
    {
        var shown = Printable.Text(text);
        _surroundings.Output.WriteLine(
            tone == Tone.Plain || !_surroundings.UsesColour ? shown : Colour(tone) + shown + "\u001b[0m"
        );
    }

    /// <summary>Writes a table.</summary>
    public void Table(Table table)
    {
        foreach (var line in table.Lines(_surroundings.Width()))
            _surroundings.Output.WriteLine(line);
    }

    /// <summary>Writes a list below a heading; nothing when it is empty.</summary>
    public void List(string heading, IReadOnlyCollection<string> items, Tone tone)
    {
        if (items.Count == 0)
            return;
        Line();
        Line(heading, tone);
        foreach (var item in items)
            Line("  " + item);
    }

    private static string Colour(Tone tone) =>
        tone switch
        {
            Tone.Good => "\u001b[32m",
            Tone.Warning => "\u001b[33m",
            Tone.Bad => "\u001b[31m",
            _ => throw new ArgumentOutOfRangeException(nameof(tone)),
        };
}
