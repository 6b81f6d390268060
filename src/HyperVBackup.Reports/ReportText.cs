using System;
using System.Globalization;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Text;

namespace HyperVBackup.Reports;

/// <summary>The words of a report. State is always said in words; colour and shape only repeat them.</summary>
public static class ReportText
{
    /// <summary>What stands where a number is not known.</summary>
    public const string Unknown = "\u2013";

    /// <summary>A time with its offset: <c>2026-01-29 02:00 +01:00</c>.</summary>
    public static string Time(DateTime utc, TimeZoneInfo zone)
    {
        var offset = zone.GetUtcOffset(utc);
        return (utc + offset).ToString("yyyy-MM-dd HH:mm ", CultureInfo.InvariantCulture)
            + (offset < TimeSpan.Zero ? "-" : "+")
            + offset.ToString("hh\\:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>A day: <c>29 Jan</c>.</summary>
    public static string Day(DateTime utc, TimeZoneInfo zone) =>
        (utc + zone.GetUtcOffset(utc)).ToString("d MMM", CultureInfo.InvariantCulture);

    /// <summary>A part of a whole: <c>0.4 %</c>.</summary>
    public static string Share(double? share) =>
        share is not { } part ? Unknown
        : part is > 0 and < 0.0005 ? "< 0.1 %"
        : (part * 100).ToString(part < 0.0995 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A rate.</summary>
    public static string Rate(double? rate) => rate is { } known ? HumanText.Rate(known) : Unknown;

    /// <summary>A number of things: <c>1 run</c>, <c>12 runs</c>.</summary>
    public static string Count(long count, string one) =>
        count.ToString(CultureInfo.InvariantCulture) + " " + one + (count == 1 ? "" : "s");

    /// <summary>A span without the last digits: <c>2 d</c>, <c>36 h</c>.</summary>
    public static string About(TimeSpan span) =>
        span.TotalHours < 1 ? HumanText.Span(span)
        : span.TotalHours < 48 ? Whole(span.TotalHours) + " h"
        : Whole(span.TotalDays) + " d";

    /// <summary>A span in one number: <c>40 s</c>, <c>12 min</c>, <c>1.7 h</c>.</summary>
    public static string Short(TimeSpan span) =>
        span.TotalSeconds < 99.5 ? Whole(Math.Ceiling(span.TotalSeconds)) + " s"
        : span.TotalMinutes < 99.5 ? Whole(Math.Round(span.TotalMinutes)) + " min"
        : span.TotalHours.ToString("0.0", CultureInfo.InvariantCulture) + " h";

    /// <summary>The one word for everything.</summary>
    public static string Word(ReportState state) =>
        state switch
        {
            ReportState.Good => "Good",
            ReportState.Warnings => "Good, with warnings",
            ReportState.Attention => "Needs attention",
            ReportState.AtRisk => "At risk",
            _ => "No backups yet",
        };

    /// <summary>How a run ended.</summary>
    public static string Word(ReportOutcome outcome) =>
        outcome switch
        {
            ReportOutcome.Complete => "Complete",
            ReportOutcome.Warnings => "With warnings",
            ReportOutcome.Failed => "Failed",
            ReportOutcome.Cancelled => "Cancelled",
            _ => "Did not start",
        };

    /// <summary>How an item stands.</summary>
    public static string Word(ItemState state) =>
        state switch
        {
            ItemState.NoCopy => "No good copy",
            ItemState.Stale => "Stale",
            ItemState.LastFailed => "Last run failed",
            ItemState.Dropped => "No longer backed up",
            _ => "Good",
        };

    /// <summary>What an item is.</summary>
    public static string Word(ItemKind kind) =>
        kind switch
        {
            ItemKind.Machine => "Virtual machine",
            ItemKind.Folder => "Folder",
            _ => "Plan",
        };

    /// <summary>How a machine was captured.</summary>
    public static string Capture(string capture) =>
        capture switch
        {
            "Online" => "captured while running",
            "SavedState" => "paused for the capture",
            "Off" => "off when captured",
            _ => "",
        };

    /// <summary>The name of a failure in words: <c>Disk full</c>.</summary>
    public static string Word(FailureKind kind)
    {
        var words = new StringBuilder();
        foreach (var c in kind.ToString())
        {
            if (words.Length > 0 && char.IsUpper(c))
                words.Append(' ').Append(char.ToLowerInvariant(c));
            else
                words.Append(c);
        }

        return words.Replace("Io error", "I/O error").ToString();
    }

    /// <summary>
    /// Why something has no copy that is new enough: "No good copy since 2026-01-29 02:00 +01:00 (5 d ago)".
    /// </summary>
    public static string Since(ProtectedItem item, ReportModel model) =>
        item.LastGood is { } last
            ? "No good copy since " + Time(last, model.Zone) + " (" + HumanText.Age(last, model.Generated) + ")"
        : item.Copies.Count > 0 ? "No good copy whose age is known"
        : "No good copy at all";

    private static string Whole(double number) => Math.Floor(number).ToString("0", CultureInfo.InvariantCulture);
}
