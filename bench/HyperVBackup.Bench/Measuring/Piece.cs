using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace HyperVBackup.Bench.Measuring;

/// <summary>
/// One work, measured in one run with all its contenders: what a report is made of. Pieces of several runs make one
/// report.
/// </summary>
internal sealed record Piece
{
    private const string Extension = ".json";
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>The name of the work.</summary>
    public required string Work { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>The arguments of the run.</summary>
    public required string Command { get; init; }

    /// <summary>The machine, the programs and the conditions, in lines.</summary>
    public required IReadOnlyList<string> Setting { get; init; }

    /// <summary>Its lines of the table.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What hvbackup did, for the profile.</summary>
    public required IReadOnlyList<ProfiledRun> Runs { get; init; }

    /// <summary>What could not be measured, and why.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Keeps it in a folder; an older one of the same work is replaced.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Work + Extension), JsonSerializer.Serialize(this, Format) + "\n");
    }

    /// <summary>The pieces in a folder, in the order of the works.</summary>
    /// <exception cref="IOException">One of them is none.</exception>
    public static IReadOnlyList<Piece> Load(string folder, IEnumerable<string> works) =>
        works.Select(work => Path.Combine(folder, work + Extension)).Where(File.Exists).Select(Read).ToList();

    private static Piece Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Piece>(File.ReadAllText(file))
                ?? throw new IOException(file + " is empty: delete it");
        }
        catch (JsonException e)
        {
            throw new IOException(file + " is no piece of a report; delete it: " + e.Message, e);
        }
    }
}
