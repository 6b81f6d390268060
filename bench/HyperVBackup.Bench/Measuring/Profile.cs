using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace HyperVBackup.Bench.Measuring;

/// <summary>
/// The run in the middle of a work: what it took, and where its time went. What hvbackup waited for it must tell
/// itself: every number whose name ends in
/// <c>Seconds</c> in the object <c>profile</c> of its result, summed over its threads.
/// </summary>
internal sealed record ProfiledRun
{
    private const string Suffix = "Seconds";

    /// <summary>What was done.</summary>
    public required string Work { get; init; }

    /// <summary>The middle one.</summary>
    public required Sample Middle { get; init; }

    /// <summary>Its phases by name, in seconds.</summary>
    public required IReadOnlyDictionary<string, double> Phases { get; init; }

    /// <summary>The one of all runs that held the most memory.</summary>
    public required Sample Hungriest { get; init; }

    /// <summary>Of measurements.</summary>
    public static ProfiledRun Of(string work, Series series) =>
        new()
        {
            Work = work,
            Middle = series.Middle,
            Phases = PhasesOf(series.Middle),
            Hungriest = series.Samples.MaxBy(sample => sample.PeakBytes)!,
        };

    /// <summary>The table of some runs.</summary>
    public static TextTable Table(IReadOnlyList<ProfiledRun> runs)
    {
        var phases = runs.SelectMany(run => run.Phases.Keys).Distinct().ToList();
        var table = new TextTable([
            "work",
            "wall s",
            .. phases.Select(phase => Words(phase) + " s"),
            "cpu own s",
            "cpu kernel s",
            "read",
            "written",
            "peak memory",
            "sync after s",
        ]);
        foreach (var run in runs)
        {
            table.Add([
                run.Work,
                Finding.Number(run.Middle.Seconds),
                .. phases.Select(phase =>
                    run.Phases.TryGetValue(phase, out var seconds) ? Finding.Number(seconds) : "–"
                ),
                Finding.Number(run.Middle.UserSeconds),
                Finding.Number(run.Middle.SystemSeconds),
                Finding.MiB(run.Middle.ReadBytes),
                Finding.MiB(run.Middle.WrittenBytes),
                Finding.Peak(run.Middle),
                Finding.Number(run.Middle.SyncSeconds),
            ]);
        }

        return table;
    }

    private static Dictionary<string, double> PhasesOf(Sample sample) =>
        sample.Result.ValueKind == JsonValueKind.Object
        && sample.Result.TryGetProperty("profile", out var profile)
        && profile.ValueKind == JsonValueKind.Object
            ? profile
                .EnumerateObject()
                .Where(property =>
                    property.Name.EndsWith(Suffix, StringComparison.Ordinal)
                    && property.Value.ValueKind == JsonValueKind.Number
                )
                .ToDictionary(property => property.Name, property => property.Value.GetDouble())
            : [];

    // readSeconds: read
    private static string Words(string name) =>
        string.Concat(
            name[..^Suffix.Length]
                .Select(letter => char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter) : letter.ToString())
        );
}
