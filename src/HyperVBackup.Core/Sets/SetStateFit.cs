using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>A set's state brought within what a set.json can hold, before it is written.</summary>
internal static class SetStateFit
{
    /// <summary>The state with its counts and lists brought within the limits; what was cut is counted in it.</summary>
    public static SetState Fit(SetState state)
    {
        var disks = Cut(
            state.Disks,
            disk => disk.File.Length > SetStateLimits.MostTextBytes ? null : disk with { Problem = Cut(disk.Problem) },
            disk => SetStateLimits.BytesOf(disk.File) + SetStateLimits.BytesOf(disk.Problem) + 96
        );
        var warnings = Cut(state.Warnings, Cut, warning => SetStateLimits.BytesOf(warning) + 8);
        var missing = Cut(
            state.Missing,
            item => item with { File = Cut(item.File), Problem = Cut(item.Problem) },
            item => SetStateLimits.BytesOf(item.File) + SetStateLimits.BytesOf(item.Problem) + 64
        );
        return state with
        {
            Jobs = state.Jobs.Select(Fit).ToArray(),
            Missing = missing,
            Disks = disks,
            DisksLeftOut = SetStateLimits.Saturate(state.DisksLeftOut + state.Disks.Count - disks.Count),
            Warnings = warnings,
            WarningsLeftOut = SetStateLimits.Saturate(state.WarningsLeftOut + state.Warnings.Count - warnings.Count),
        };
    }

    private static SetJob Fit(SetJob job) =>
        job with
        {
            Files = SetStateLimits.Saturate(job.Files),
            Bytes = SetStateLimits.Saturate(job.Bytes),
            MissingCount = SetStateLimits.Saturate(job.MissingCount),
            ManifestBytes = SetStateLimits.Saturate(job.ManifestBytes),
        };

    private static List<T> Cut<T>(IReadOnlyList<T> list, Func<T, T?> shorten, Func<T, int> bytesOf)
        where T : class
    {
        var kept = new List<T>();
        long used = 0;
        foreach (var item in list)
        {
            if (shorten(item) is not { } shorter)
                break;
            used += bytesOf(shorter);
            if (used > SetStateLimits.MostListBytes)
                break;
            kept.Add(shorter);
        }

        return kept;
    }

    private static string Cut(string text)
    {
        const string more = " [...]";
        if (
            text.Length * 6 <= SetStateLimits.MostTextBytes
            || SetStateLimits.BytesOf(text) <= SetStateLimits.MostTextBytes
        )
            return text;
        var length = (SetStateLimits.MostTextBytes / 6) - more.Length;
        return text.Substring(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length) + more;
    }
}
