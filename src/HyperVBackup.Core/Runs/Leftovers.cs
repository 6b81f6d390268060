using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs;

/// <summary>
/// What runs left behind that did not come to their end: exactly what the journal names, of processes that are gone.
/// </summary>
public static class Leftovers
{
    // A file of ours is written in milliseconds: what has been under way for so long is of a process that died.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromMinutes(10);

    /// <summary>The journal's entries nobody will come back for.</summary>
    public static IReadOnlyList<JournalEntry> Find(IShadowJournal journal) =>
        journal.Entries().Where(entry => !entry.Kept && entry.Owner.IsGone()).ToList();

    /// <summary>Removes them.</summary>
    /// <returns>What could not be removed.</returns>
    public static IReadOnlyList<Failure> Remove(RunContext context)
    {
        var left = new List<Failure>(JournalTrust.Refused(context.Files, context.State.Shadows));
        var found = Find(context.Journal);
        foreach (var entry in found)
        {
            context.Story(
                "Removing what an earlier run left: the shadow set "
                    + entry.Id.ToString("D")
                    + " ("
                    + entry.Provider
                    + ")."
            );
            try
            {
                left.AddRange(context.Providers.Get(entry.Provider).Clean(entry));
            }
            catch (BackupException e)
            {
                left.Add(
                    new Failure(
                        FailureKind.LeftoverRemains,
                        entry.Id.ToString("D"),
                        "remove what an earlier run left",
                        e.Failure.Message
                    )
                );
            }
        }

        foreach (var folder in new[] { context.State.Shadows, context.State.Logs, context.State.Runs })
            RemoveUnfinished(context, folder, left);
        RunEvents.TellLeftovers(context, found, left);
        return left;
    }

    private static void RemoveUnfinished(RunContext context, string folder, List<Failure> left)
    {
        var files = context.Files;
        var died = FileTime.FromDateTime(context.Clock.UtcNow - LongestWrite);
        try
        {
            if (files.Find(folder) == null)
                return;
            foreach (
                var entry in files
                    .List(folder)
                    .Where(entry =>
                        TemporaryNames.IsOurs(entry.Name) && entry.Kind == EntryKind.File && entry.Modified < died
                    )
            )
                files.DeleteFile(PathOf.Join(folder, entry.Name));
        }
        catch (BackupException e)
        {
            left.Add(
                new Failure(FailureKind.LeftoverRemains, folder, "remove what an earlier run left", e.Failure.Message)
            );
        }
    }
}
