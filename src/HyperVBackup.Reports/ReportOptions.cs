using System;
using System.Collections.Generic;

namespace HyperVBackup.Reports;

/// <summary>What a report is to show.</summary>
public sealed record ReportOptions
{
    /// <summary>The runs that are shown unless somebody says otherwise.</summary>
    public const int DefaultLast = 60;

    /// <summary>The most runs that can be shown: more bars than that are a smear.</summary>
    public const int MostLast = 400;

    /// <summary>
    /// The age at which a copy is stale unless somebody says otherwise: a nightly backup may fail once.
    /// </summary>
    public static TimeSpan DefaultStaleAfter { get; } = TimeSpan.FromDays(2);

    /// <summary>The longest age that can be asked for.</summary>
    public static TimeSpan LongestStaleAfter { get; } = TimeSpan.FromDays(3650);

    /// <summary>
    /// How many runs are shown, the newest; the others count for what is said of each machine and folder.
    /// </summary>
    public int Last { get; init; } = DefaultLast;

    /// <summary>The age from which a copy is too old.</summary>
    public TimeSpan StaleAfter { get; init; } = DefaultStaleAfter;

    /// <summary>The page's title; null: "Backups of" and the host.</summary>
    public string? Title { get; init; }

    /// <summary>Targets to look at: what is on them counts, and not what the history says of them.</summary>
    public IReadOnlyList<string> Targets { get; init; } = Array.Empty<string>();

    /// <summary>The time zone that times are shown in, each with its offset from UTC.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Local;
}
