using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace HyperVBackup.Bench.Measuring;

/// <summary>
/// Where the time of hvbackup went, of the run in the middle of each work. What it waited for it must tell itself: every number whose name ends in
/// <c>Seconds</c> in the object <c>profile</c> of its result, summed over its threads.
/// </summary>
internal static class Profile
{
    private const string Suffix = "Seconds";

    /// <summary>Whether any of the runs has told its phases.</summary>
    public static bool IsOffered(IEnumerable<(string Work, Series Series)> measured) => measured.Any(item => item.Series.Samples.Any(sample => Phases(sample).Count > 0));

    /// <summary>The table.</summary>
    public static TextTable Table(IReadOnlyList<(string Work, Series Series)> measured)
    {
        var runs = measured.Where(item => item.Series.Samples.Count > 0).Select(item => (item.Work, item.Series.Middle)).ToList();
        var phases = runs.SelectMany(run => Phases(run.Middle).Keys).Distinct().ToList();
        var table = new TextTable(["work", "wall s", .. phases.Select(phase => Words(phase) + " s"), "cpu own s", "cpu kernel s", "read", "written", "peak memory", "sync after s"]);
        foreach (var (work, run) in runs)
        {
            var told = Phases(run);
            table.Add([
                work,
                Finding.Number(run.Seconds),
                .. phases.Select(phase => told.TryGetValue(phase, out var seconds) ? Finding.Number(seconds) : "–"),
                Finding.Number(run.UserSeconds),
                Finding.Number(run.SystemSeconds),
                Finding.MiB(run.ReadBytes),
                Finding.MiB(run.WrittenBytes),
                Finding.Peak(run),
                Finding.Number(run.SyncSeconds),
            ]);
        }

        return table;
    }

    private static Dictionary<string, double> Phases(Sample sample) =>
        sample.Result.ValueKind == JsonValueKind.Object && sample.Result.TryGetProperty("profile", out var profile) && profile.ValueKind == JsonValueKind.Object
            ? profile.EnumerateObject().Where(property => property.Name.EndsWith(Suffix, System.StringComparison.Ordinal) && property.Value.ValueKind == JsonValueKind.Number).ToDictionary(property => property.Name, property => property.Value.GetDouble())
            : [];

    // readWaitSeconds: read wait
    private static string Words(string name) => string.Concat(name[..^Suffix.Length].Select(letter => char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter) : letter.ToString()));
}
