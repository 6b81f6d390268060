using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs;

/// <summary>What runs left behind that did not come to their end: exactly what the journal names, of processes that are gone.</summary>
public static class Leftovers
{
    /// <summary>The journal's entries nobody will come back for.</summary>
    public static IReadOnlyList<JournalEntry> Find(IShadowJournal journal) => journal.Entries().Where(entry => !entry.Kept && entry.Owner.IsGone()).ToList();

    /// <summary>Removes them.</summary>
    /// <returns>What could not be removed.</returns>
    public static IReadOnlyList<Failure> Remove(RunContext context)
    {
        var left = new List<Failure>();
        foreach (var entry in Find(context.Journal))
        {
            context.Story("Removing what an earlier run left: the shadow set " + entry.Id.ToString("D") + " (" + entry.Provider + ").");
            try
            {
                left.AddRange(context.Providers.Get(entry.Provider).Clean(entry));
            }
            catch (BackupException e)
            {
                left.Add(new Failure(FailureKind.LeftoverRemains, entry.Id.ToString("D"), "remove what an earlier run left", e.Failure.Message));
            }
        }

        return left;
    }
}
