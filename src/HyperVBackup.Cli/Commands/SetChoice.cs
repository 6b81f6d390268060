using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Cli.Commands;

/// <summary>What people should know of the set that a command chose for them.</summary>
internal static class SetChoice
{
    /// <summary>A target as given, made absolute.</summary>
    /// <exception cref="PlanException">It is no path, or the folder of a set instead of what holds the
    /// sets.</exception>
    public static string Target(IFileSystem files, string given)
    {
        var path = Arguments.FullPath(given, "target");
        if (NamedPlace.Of(files, path) is not { Set: { } set } place)
            return path;
        throw new PlanException(
            "The arguments",
            [
                new PlanProblem(
                    "target",
                    "'"
                        + given
                        + "' is a set itself; name the folder it lies in, '"
                        + place.Target
                        + "', and the set with --set "
                        + set
                ),
            ]
        );
    }

    /// <summary>
    /// Why the newest complete set may not be the newest: sets whose set.json cannot be read, so that nobody knows when
    /// they were made.
    /// </summary>
    public static IReadOnlyList<string> Doubts(IFileSystem files, string target) =>
        SetCatalogue
            .List(files, target)
            .Where(set => set.Problem != null)
            .Select(set =>
                set.Set
                + " was passed over, because nobody can tell what it is: "
                + set.Problem!.Message
                + ". "
                + set.Problem.Advice
            )
            .ToList();

    /// <summary>A time and how long ago it was.</summary>
    public static string Time(DateTime utc, DateTime now) =>
        utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC (" + HumanText.Age(utc, now) + ")";
}
