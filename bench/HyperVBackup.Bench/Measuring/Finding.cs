using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Bench.Children;

namespace HyperVBackup.Bench.Measuring;

/// <summary>One line of the table: one work, against one other or against a number.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Ours">What hvbackup took.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="Ratio">Ours ÷ theirs.</param>
/// <param name="Limit">What must be reached; empty: nothing, the line is for information.</param>
/// <param name="Verdict">PASS, over, not measured; empty without a limit.</param>
internal sealed record Finding(string Work, string Ours, string Against, string Ratio, string Limit, string Verdict)
{
    /// <summary>The verdict on what could not be measured.</summary>
    public const string NotMeasured = "not measured";

    /// <summary>Two times compared.</summary>
    public static Finding Times(string work, Series ours, Series theirs, double? limit, string of = "")
    {
        var measured = ours.IsMeasured && theirs.IsMeasured;
        var ratio = measured ? ours.Median / theirs.Median : double.NaN;
        var rule = limit is { } most ? "≤ " + Number(most) + (of.Length > 0 ? " × " + of : " ×") : "";
        return new Finding(
            work,
            Text(ours),
            theirs.Name + " " + Text(theirs),
            measured ? Number(ratio) : "–",
            rule,
            limit == null ? ""
                : measured ? Word(ratio <= limit)
                : NotMeasured
        );
    }

    /// <summary>
    /// Times compared with each of the peers; the limit is on the fastest of those that were measured.
    /// </summary>
    public static IEnumerable<Finding> Peers(string work, Series ours, IReadOnlyList<Series> peers, double limit)
    {
        var fastest = peers.Where(peer => peer.IsMeasured).MinBy(peer => peer.Median);
        return peers.Select(peer =>
            Times(work, ours, peer, peer == (fastest ?? peers[0]) ? limit : null, "the fastest peer")
        );
    }

    /// <summary>The bytes that were written, compared with others.</summary>
    public static Finding Written(string work, Series ours, double other, string against, double limit)
    {
        var rule = "≤ " + Number(limit) + " ×";
        if (!ours.IsMeasured || !Child.CountsIo)
            return new Finding(work, "–", against, "–", rule, NotMeasured);
        var median = ours.MedianOf(sample => sample.WrittenBytes);
        return new Finding(
            work,
            MiB(median) + " written",
            against,
            Number(median / other),
            rule,
            Word(median <= limit * other)
        );
    }

    /// <summary>The most memory of all samples compared with what is allowed.</summary>
    public static Finding Memory(string work, IReadOnlyList<Sample> ours, long limit)
    {
        var rule = "≤ " + limit / (1 << 20) + " MiB";
        if (ours.Count == 0)
            return new Finding(work, "–", "memory", "–", rule, NotMeasured);
        var most = ours.MaxBy(sample => sample.PeakBytes)!;
        return new Finding(work, Peak(most) + " peak memory", "", "–", rule, Word(most.PeakBytes <= limit));
    }

    /// <summary>A peak of memory, with a sign where it is an upper bound.</summary>
    public static string Peak(Sample sample) => (sample.PeakIsBound ? "≤ " : "") + MiB(sample.PeakBytes);

    /// <summary>PASS or over.</summary>
    public static string Word(bool reached) => reached ? "PASS" : "over";

    /// <summary>Median and spread.</summary>
    public static string Text(Series series)
    {
        if (!series.IsMeasured)
            return "–";
        var median = Number(series.Median) + " s";
        return series.Samples.Count == 1
            ? median
            : median
                + " ("
                + Number(series.Samples.Min(sample => sample.Seconds))
                + "–"
                + Number(series.Samples.Max(sample => sample.Seconds))
                + ")";
    }

    /// <summary>Two places, as that is how limits are given.</summary>
    public static string Number(double number) =>
        number.ToString(number < 100 ? "0.00" : "0", CultureInfo.InvariantCulture);

    /// <summary>Bytes as MiB.</summary>
    public static string MiB(double bytes) =>
        (bytes / (1 << 20)).ToString(Math.Abs(bytes) < 100 << 20 ? "0.0" : "0", CultureInfo.InvariantCulture) + " MiB";
}
