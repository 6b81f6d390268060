using System;
using System.Collections.Generic;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Walking;

namespace HyperVBackup.Shadows;

/// <summary>What a shadow set is asked to hold.</summary>
public sealed record ShadowRequest
{
    /// <summary>
    /// The id under which the journal knows the set before it exists. VSS gives the set another id of its own.
    /// </summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// The folders that will be read. A provider freezes the volumes they lie on, or less where it can.
    /// </summary>
    public required IReadOnlyList<ShadowSource> Sources { get; init; }

    /// <summary>Whether the set must outlive this process, and can be exposed.</summary>
    public bool Persistent { get; init; }

    /// <summary>The virtual machines to capture through the Hyper-V writer: ids. Empty: none by name.</summary>
    public IReadOnlyList<Guid> VirtualMachines { get; init; } = Array.Empty<Guid>();

    /// <summary>
    /// Refuse, instead of warn, when a virtual machine would be paused for the capture, or when that cannot be told.
    /// </summary>
    public bool OnlineOnly { get; init; }

    /// <summary>The deadline over the whole creation, and how it is retried.</summary>
    public ShadowOptions Options { get; init; } = new();
}

/// <summary>One folder that will be read from a shadow set.</summary>
/// <param name="Path">The folder, by its live path.</param>
/// <param name="Filter">Which of its files will be read.</param>
public sealed record ShadowSource(string Path, GlobFilter Filter)
{
    /// <summary>Whether a backup of the source comes into the folder at this path below it, '/' separated.</summary>
    internal bool Walks(string relative) => new WalkRules(Filter).Reaches(relative);
}
