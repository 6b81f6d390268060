using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>From ids, of shadow sets or of single shadow copies, to the shadow copies meant.</summary>
internal static class ShadowArguments
{
    /// <summary>The shadow copies of an id.</summary>
    /// <exception cref="BackupException">Nothing on this host has that id.</exception>
    public static IReadOnlyList<Shadow> Find(ShadowStore store, Guid id)
    {
        var found = store.List().Where(shadow => shadow.Id == id || shadow.SetId == id).ToList();
        return found.Count > 0
            ? found
            : throw new BackupException(
                FailureKind.ShadowMissing,
                id.ToString("D"),
                "find it",
                "there is no shadow copy and no shadow set with this id"
            );
    }

    /// <summary>How a question names it: "the shadow copy of C:\ made 2026-01-01 02:00".</summary>
    public static string Describe(Shadow shadow) =>
        "the shadow copy of "
        + shadow.Volume
        + " made "
        + shadow.Created.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
