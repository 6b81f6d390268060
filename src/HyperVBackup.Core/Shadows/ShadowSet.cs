using System;
using System.Collections.Generic;

namespace HyperVBackup.Shadows;

/// <summary>Shadow copies made together, at one instant as far as their provider can.</summary>
public sealed record ShadowSet
{
    /// <summary>The set's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The provider that made it.</summary>
    public required string Provider { get; init; }

    /// <summary>How consistent its content is.</summary>
    public required Consistency Consistency { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>Whether it outlives the process that made it.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>
    /// The run that reads it now, or the command that is making it: the plan, the process and since when; null: nobody
    /// that our journal knows.
    /// </summary>
    public string? InUseBy { get; init; }

    /// <summary>Its shadow copies.</summary>
    public required IReadOnlyList<Shadow> Shadows { get; init; }
}

/// <summary>What a shadow set guarantees about the files in it.</summary>
public enum Consistency
{
    /// <summary>Nothing is frozen; a file that changes while it is read is reported as failed.</summary>
    None = 0,

    /// <summary>Each file is one instant of itself; different files may be different instants.</summary>
    File = 1,

    /// <summary>
    /// All files of a volume (btrfs: of a subvolume) are one instant, as after a power cut; different volumes may be
    /// different instants.
    /// </summary>
    Crash = 2,

    /// <summary>All volumes are one instant, and the applications' writers prepared their data for it.</summary>
    Application = 3,
}
