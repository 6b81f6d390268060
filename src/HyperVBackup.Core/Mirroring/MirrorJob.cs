using System;
using System.Collections.Generic;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Walking;

namespace HyperVBackup.Mirroring;

/// <summary>One source folder to mirror to one or more target folders, from one read.</summary>
internal sealed record MirrorJob
{
    /// <summary>The folder to read; for a backup, in the shadow set.</summary>
    public required string Source { get; init; }

    /// <summary>How messages name the source: its live path.</summary>
    public required string SourceName { get; init; }

    /// <summary>Which files are copied.</summary>
    public GlobFilter Filter { get; init; } = GlobFilter.All;

    /// <summary>
    /// An instant before the source was frozen, UTC: times that are no older tell nothing. Where nothing freezes it,
    /// that of the job's beginning.
    /// </summary>
    public DateTime Frozen { get; init; } = DateTime.UtcNow;

    /// <summary>
    /// Where the source holds clones: a clone's entry with the identity of the file that it was made of, from before it
    /// was; null when that is not known.
    /// </summary>
    public Func<FileEntry, FileEntry?>? LiveOf { get; init; }

    /// <summary>The folders to write.</summary>
    public required IReadOnlyList<MirrorTarget> Targets { get; init; }

    /// <summary>
    /// Whether a set holds the targets: then what the filter leaves out is deleted there too, and nothing of it counts
    /// before the set is committed.
    /// Otherwise what the filter leaves out stays, as with ROBOCOPY, and every file is durable before it gets its name.
    /// </summary>
    public bool InSet { get; init; }

    /// <summary>Whether the live files are read, which may be moved meanwhile.</summary>
    public bool IsLive { get; init; }

    /// <summary>
    /// Called when everything is copied and nothing deleted yet. What it throws ends the job, and nothing is deleted.
    /// </summary>
    public Action<WalkEnd>? BeforeDeleting { get; init; }

    /// <summary>
    /// Told of every file that is taken, by its path below the source, in order, on the walking thread.
    /// </summary>
    public Action<string>? OnFile { get; init; }

    /// <summary>Looks for access lists in what is taken, on the walking thread; null: nobody asks.</summary>
    public AccessListNotice? AccessLists { get; init; }
}

/// <summary>One target folder of a job.</summary>
internal sealed record MirrorTarget
{
    /// <summary>The folder to write. Its parent exists.</summary>
    public required string Folder { get; init; }

    /// <summary>The manifest of what the folder holds now, if it can be trusted; null: content is compared.</summary>
    public string? BaseManifest { get; init; }

    /// <summary>The run that wrote the base manifest.</summary>
    public Guid BaseRun { get; init; }

    /// <summary>
    /// The same folder in the newest complete set of the target, for the new files to share its blocks; null: nothing
    /// is shared.
    /// </summary>
    public PeerFolder? Peer { get; init; }

    /// <summary>
    /// The same folder in the newest complete set: what that does not have either may go from this one. Null: there is
    /// none.
    /// </summary>
    public string? Newest { get; init; }

    /// <summary>Where to write the new manifest; null for none.</summary>
    public string? NewManifest { get; init; }

    /// <summary>The header of the new manifest.</summary>
    public ManifestHeader? Header { get; init; }
}
