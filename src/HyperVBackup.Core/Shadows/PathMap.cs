using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows;

/// <summary>From live paths to the same files in a shadow set. The longest root wins, so a volume mounted in a folder is never taken for the volume around it.</summary>
public sealed class PathMap
{
    private readonly List<(string Live, string Frozen)> _byLength;

    /// <summary>A map over the shadows of a set.</summary>
    public PathMap(IEnumerable<Shadow> shadows) =>
        _byLength = shadows
            .SelectMany(shadow => shadow.Aliases.Select(alias => (alias.Path, alias.Root)).Concat(new[] { (shadow.Volume, shadow.Root) }))
            .OrderByDescending(pair => PathOf.TrimEnd(pair.Item1).Length).ToList();

    /// <summary>Where the file or folder at a live path is found in the set.</summary>
    /// <exception cref="BackupException">No shadow of the set covers the path.</exception>
    public string Map(string livePath)
    {
        foreach (var (live, frozen) in _byLength)
            if (PathOf.TryRelative(live, livePath, out var relative))
                return relative.Length == 0 ? frozen : PathOf.Join(frozen, relative);
        throw new BackupException(FailureKind.ShadowMissing, livePath, "find it in the shadow set", "no shadow copy covers this path");
    }
}
