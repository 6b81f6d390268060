using System;
using System.Globalization;
using HyperVBackup.Files;
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

    /// <summary>A time and how long ago it was.</summary>
    public static string Time(DateTime utc, DateTime now) =>
        utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC (" + HumanText.Age(utc, now) + ")";
}
