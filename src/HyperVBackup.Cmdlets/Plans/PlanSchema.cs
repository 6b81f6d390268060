using System;
using System.IO;
using System.Linq;

namespace HyperVBackup.Cmdlets;

/// <summary>Where the schema of plans lies, for the editors of those who go on with a plan.</summary>
internal static class PlanSchema
{
    private const string FileName = "plan.schema.json";

    /// <summary>
    /// Its address: beside the module's manifest, or in a clone of the repository in <c>module</c>; null where it is
    /// missing.
    /// </summary>
    public static string? Address()
    {
        var lib = Path.GetDirectoryName(typeof(PlanSchema).Assembly.Location) ?? ".";
        var candidates = new[]
        {
            Path.Combine(lib, "..", FileName),
            Path.Combine(lib, "..", "..", "..", "..", "..", "module", FileName),
        }.Select(Path.GetFullPath);
        return candidates.FirstOrDefault(File.Exists) is { } path ? new Uri(path).AbsoluteUri : null;
    }
}
