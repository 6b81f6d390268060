using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Walking;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// Which folder becomes a mirror of which, decided for all that came through the pipeline before anything is copied or
/// deleted: a mirror deletes what its
/// source does not have, so two of them in one folder would delete each other's files.
/// </summary>
internal static class MirrorPairs
{
    private const int Shown = 3;

    /// <summary>The pairs.</summary>
    /// <param name="sources">The folders to read, absolute, in their order. One that comes twice is one.</param>
    /// <param name="destination">The folder to write, absolute.</param>
    /// <param name="separate">Whether each gets a folder of its own in it, named after it.</param>
    /// <param name="resolve">What a path really is, behind links.</param>
    /// <exception cref="BackupException">They would write, or delete, each other's files.</exception>
    public static IReadOnlyList<(string Source, string Destination)> Of(
        IEnumerable<string> sources,
        string destination,
        bool separate,
        Func<string, string> resolve
    )
    {
        var folders = sources.Distinct(PathOf.Comparer).ToList();
        if (!separate && folders.Count > 1)
            throw Refused(
                destination,
                "one folder can only be a mirror of one, and these are " + folders.Count + ": " + List(folders)
            );
        var pairs = folders.Select(folder => (folder, separate ? PlaceOf(folder, destination) : destination)).ToList();
        RequireNamesOfTheirOwn(pairs);
        RequireApart(pairs, resolve);
        return pairs;
    }

    private static string PlaceOf(string source, string destination)
    {
        var name = FolderNames.OfSource(source);
        return FolderNames.WhyNot(name) is { } why
            ? throw Refused(source, "its name '" + name + "' cannot be that of a folder in " + destination + ": " + why)
            : PathOf.Join(destination, name);
    }

    // Without regard to case, and not only where this system has none: the disk that is written may have none of its
    // own.
    private static void RequireNamesOfTheirOwn(IReadOnlyList<(string Source, string Destination)> pairs)
    {
        var twice = pairs
            .GroupBy(pair => pair.Destination, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Count() > 1);
        if (twice != null)
            throw Refused(
                twice.Key,
                "it would be the mirror of "
                    + twice.Count()
                    + " folders: "
                    + List(twice.Select(pair => pair.Source).ToList())
            );
    }

    // What one mirror reads, another must not write: it would be deleted there, as something that its own source does
    // not have.
    private static void RequireApart(
        IReadOnlyList<(string Source, string Destination)> pairs,
        Func<string, string> resolve
    )
    {
        var real = pairs
            .Select(pair => (Source: resolve(pair.Source), Destination: resolve(pair.Destination)))
            .ToList();
        var identity = new FolderIdentity(FileSystems.Current, MountedPlaces.Current());
        for (var writes = 0; writes < pairs.Count; writes++)
        {
            for (var reads = 0; reads < pairs.Count; reads++)
            {
                if (writes != reads && identity.Overlap(real[reads].Source, real[writes].Destination))
                    throw Refused(
                        pairs[reads].Source,
                        "the mirror of "
                            + pairs[writes].Source
                            + " is written to "
                            + pairs[writes].Destination
                            + ", into what is read here"
                    );
            }
        }
    }

    private static BackupException Refused(string target, string why) =>
        new(
            new Failure(FailureKind.BadPlan, target, "mirror there", why)
            {
                Advice =
                    "Nothing was touched. With -SeparateFolders each gets a folder of its own in the destination, "
                    + "named "
                    + "after it; or mirror them one by one.",
            }
        );

    private static string List(IReadOnlyList<string> folders) =>
        Sentence.List(folders.Take(Shown)) + (folders.Count > Shown ? " …" : "");
}
