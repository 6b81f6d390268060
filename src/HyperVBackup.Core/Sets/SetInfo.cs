using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Layout;
using HyperVBackup.Shadows;

namespace HyperVBackup.Sets;

/// <summary>A set as found on one target.</summary>
public sealed record SetInfo
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The set's name.</summary>
    public required string Set { get; init; }

    /// <summary>The set's folder.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it counts.</summary>
    public required SetCondition State { get; init; }

    /// <summary>What its set.json says; null when that is damaged.</summary>
    internal SetState? Content { get; init; }

    /// <summary>
    /// What a damaged set.json says where it makes sense: whose set it is, and no more. Null for any other.
    /// </summary>
    internal SetState? Doubted { get; init; }

    /// <summary>Why its set.json cannot be used; null when it can.</summary>
    public Failure? Problem { get; init; }

    /// <summary>
    /// Whether a verification found damage in it, and no run has written it since. The next run writes it first, and
    /// 'verify' and 'restore' take another one, if there is one.
    /// </summary>
    public bool FoundDamaged { get; init; }

    /// <summary>Complete, and not found damaged.</summary>
    internal bool IsGood => State == SetCondition.Complete && !FoundDamaged;

    /// <summary>Committed, with something missing.</summary>
    internal bool IsPartial => State == SetCondition.Partial;

    /// <summary>What a partial set lacks, as far as it was listed.</summary>
    public IReadOnlyList<MissingFile> Missing => Content?.Missing ?? Array.Empty<MissingFile>();

    /// <summary>How many files and folders a partial set lacks.</summary>
    public long MissingCount => Content?.Jobs.Sum(job => job.MissingCount) ?? 0;

    /// <summary>What is to be known before a partial set is relied on; null of any other.</summary>
    public string? PartialWarning =>
        !IsPartial
            ? null
            : "The set "
                + Set
                + " is partial: "
                + MissingCount
                + (MissingCount == 1 ? " file or folder" : " files or folders")
                + " could not be copied"
                + (
                    Missing.Count == 0
                        ? " to another target."
                        : ": "
                            + string.Join(", ", Missing.Take(10).Select(missing => missing.File))
                            + (MissingCount > 10 ? " and others." : ".")
                )
                + " What it holds is whole.";

    /// <summary>The plan that owns it.</summary>
    public string Plan => Content?.Plan ?? "";

    /// <summary>The run that wrote it.</summary>
    public Guid RunId => Content?.RunId ?? Guid.Empty;

    /// <summary>Counts the runs: the higher, the newer.</summary>
    public long Sequence => Content?.Sequence ?? 0;

    /// <summary>When its run started, UTC.</summary>
    public DateTime? Started => Content?.Started;

    /// <summary>When it was committed, UTC.</summary>
    public DateTime? Completed => Content?.Completed;

    /// <summary>The computer that wrote it.</summary>
    public string Host => Content?.Host ?? "";

    /// <summary>The shadow provider it was read from.</summary>
    public string Provider => Content?.Provider ?? "";

    /// <summary>How consistent it is.</summary>
    public Consistency Consistency => Content?.Consistency ?? Consistency.None;

    /// <summary>Files in it.</summary>
    public long Files => SetStateLimits.Sum(Jobs.Select(job => job.Files));

    /// <summary>Their bytes.</summary>
    public long Bytes => SetStateLimits.Sum(Jobs.Select(job => job.Bytes));

    /// <summary>
    /// Bytes on the disk that are this set's alone, its manifests' among them; null unless measured by <see
    /// cref="SetSize"/>.
    /// </summary>
    public long? OwnBytes { get; init; }

    /// <summary>
    /// Bytes on the disk that other files, such as those of other sets, share; null unless measured by <see
    /// cref="SetSize"/>.
    /// </summary>
    public long? SharedBytes { get; init; }

    /// <summary>Its folders and where they come from.</summary>
    public IReadOnlyList<SetJob> Jobs => Content?.Jobs ?? Array.Empty<SetJob>();

    /// <summary>All targets of its run.</summary>
    public IReadOnlyList<string> Targets => Content?.Targets ?? Array.Empty<string>();

    /// <summary>What was less than well when it was made.</summary>
    public IReadOnlyList<string> Warnings => Content?.Warnings ?? Array.Empty<string>();
}
