using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Reports;

/// <summary>What an item is.</summary>
public enum ItemKind
{
    /// <summary>A virtual machine.</summary>
    Machine,

    /// <summary>A folder of a plan.</summary>
    Folder,

    /// <summary>A plan whose runs never came so far that it is known what they copy.</summary>
    Plan,
}

/// <summary>How an item stands, the worst first.</summary>
public enum ItemState
{
    /// <summary>It has no good copy.</summary>
    NoCopy,

    /// <summary>Its newest good copy is too old.</summary>
    Stale,

    /// <summary>Its newest good copy is new enough, but the newest try failed.</summary>
    LastFailed,

    /// <summary>A newer run of its plan did not include it.</summary>
    Dropped,

    /// <summary>Its newest good copy is new enough.</summary>
    Good,
}

/// <summary>A virtual machine or a folder: when it was last copied well, and where that copy is. Plain data.</summary>
public sealed record ProtectedItem
{
    /// <summary>What it is.</summary>
    public required ItemKind Kind { get; init; }

    /// <summary>The machine's name, or the folder's path.</summary>
    public required string Name { get; init; }

    /// <summary>The computer it lies on.</summary>
    public required string Host { get; init; }

    /// <summary>The plan that copied it last.</summary>
    public required string Plan { get; init; }

    /// <summary>Its folder in the sets.</summary>
    public string Folder { get; init; } = "";

    /// <summary>How it stands.</summary>
    public required ItemState State { get; init; }

    /// <summary>
    /// The instant that its newest good copy shows, UTC: the start of the run that made it. Null: there is none, or
    /// nobody knows.
    /// </summary>
    public DateTime? LastGood { get; init; }

    /// <summary>When that copy will be too old, UTC.</summary>
    public DateTime? StaleAt { get; init; }

    /// <summary>Its good copies, the newest first.</summary>
    public IReadOnlyList<ItemCopy> Copies { get; init; } = Array.Empty<ItemCopy>();

    /// <summary>Bytes of one copy.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes that its newest good run wrote, to all targets; null when the history does not know.</summary>
    public long? BytesWritten { get; init; }

    /// <summary>The part of the copies that its newest good run had to write, from 0 to 1.</summary>
    public double? ChangedShare { get; init; }

    /// <summary>Source bytes per second while its newest good run copied it; null when that was not measured.</summary>
    public double? Rate { get; init; }

    /// <summary>How the machine was captured, in the words of the result; empty for folders.</summary>
    public string Capture { get; init; } = "";

    /// <summary>The newest tries, the oldest first.</summary>
    public IReadOnlyList<ItemPoint> Points { get; init; } = Array.Empty<ItemPoint>();

    /// <summary>How many tries failed since the newest good one.</summary>
    public int FailedTries { get; init; }

    /// <summary>Why the newest of them failed; null when none did.</summary>
    public Failure? Failure { get; init; }

    /// <summary>What else is to know, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = Array.Empty<string>();
}

/// <summary>A good copy of an item.</summary>
/// <param name="Target">The target it lies on.</param>
/// <param name="Set">The set.</param>
/// <param name="AsOf">The instant it shows, UTC; null when nobody knows: an older copy that was kept, by a run that the
/// history does not have.</param>
/// <param name="IsSeen">Whether it was found on the target; else the history says so.</param>
public sealed record ItemCopy(string Target, string Set, DateTime? AsOf, bool IsSeen);

/// <summary>One try to copy an item.</summary>
/// <param name="Started">When its run started, UTC.</param>
/// <param name="IsGood">Whether it is in a new complete set.</param>
/// <param name="BytesWritten">Bytes written for it.</param>
public sealed record ItemPoint(DateTime Started, bool IsGood, long BytesWritten);
