using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperVBackup.Bench.Children;

namespace HyperVBackup.Bench.Measuring;

/// <summary>One measurement: one or more programs, one after the other.</summary>
internal sealed record Sample
{
    /// <summary>Together.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor time of the programs themselves, over all cores.</summary>
    public double UserSeconds { get; init; }

    /// <summary>Processor time of the kernel for them, over all cores.</summary>
    public double SystemSeconds { get; init; }

    /// <summary>The most memory that one of them held, bytes.</summary>
    public long PeakBytes { get; init; }

    /// <summary>Whether <see cref="PeakBytes"/> is an upper bound only.</summary>
    public bool PeakIsBound { get; init; }

    /// <summary>Bytes read from block devices.</summary>
    public long ReadBytes { get; init; }

    /// <summary>Bytes written to block devices.</summary>
    public long WrittenBytes { get; init; }

    /// <summary>
    /// How long a sync of the target's file system took afterwards, where it is not part of <see cref="Seconds"/>: near
    /// zero if everything was durable.
    /// </summary>
    public double SyncSeconds { get; init; }

    /// <summary>What hvbackup says about itself; of kind Undefined for others.</summary>
    [JsonIgnore]
    public JsonElement Result { get; init; }

    /// <summary>The sum of programs that ran one after the other.</summary>
    public static Sample Of(params IReadOnlyList<ChildResult> results) =>
        new()
        {
            Seconds = results.Sum(result => result.Seconds),
            UserSeconds = results.Sum(result => result.UserSeconds),
            SystemSeconds = results.Sum(result => result.SystemSeconds),
            PeakBytes = results.Max(result => result.PeakBytes),
            PeakIsBound = results.MaxBy(result => result.PeakBytes)!.PeakIsBound,
            ReadBytes = results.Sum(result => result.ReadBytes),
            WrittenBytes = results.Sum(result => result.WrittenBytes),
        };
}

/// <summary>The measurements of one contender.</summary>
internal sealed class Series
{
    /// <summary>Makes an empty one.</summary>
    /// <param name="name">Whose.</param>
    public Series(string name) => Name = name;

    /// <summary>Whose measurements these are.</summary>
    public string Name { get; }

    /// <summary>In the order they were taken.</summary>
    public List<Sample> Samples { get; } = [];

    /// <summary>Why there are none, or no more.</summary>
    public string? WhyNot { get; set; }

    /// <summary>Whether it was measured to the end.</summary>
    public bool IsMeasured => WhyNot == null && Samples.Count > 0;

    /// <summary>The median of the seconds.</summary>
    public double Median => MedianOf(sample => sample.Seconds);

    /// <summary>The sample whose seconds are in the middle; of two, the slower one.</summary>
    public Sample Middle => Samples.OrderBy(sample => sample.Seconds).ElementAt(Samples.Count / 2);

    /// <summary>The median of any number.</summary>
    public double MedianOf(Func<Sample, double> number)
    {
        var sorted = Samples.Select(number).Order().ToList();
        var half = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
