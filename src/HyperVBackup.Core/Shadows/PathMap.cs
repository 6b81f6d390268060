using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows;

/// <summary>
/// From live paths to the same files in a shadow set. The longest root wins, so a volume mounted in a folder is never
/// taken for the volume around it.
/// </summary>
public sealed class PathMap
{
    private readonly List<Way> _byLength;

    /// <summary>A map over the shadows of a set.</summary>
    public PathMap(IEnumerable<Shadow> shadows) =>
        _byLength = shadows
            .SelectMany(shadow =>
                shadow
                    .Aliases.Select(alias => new Way(alias.Path, alias.Root))
                    .Concat(new[] { new Way(shadow.Volume, shadow.Root) })
            )
            .OrderByDescending(way => PathOf.TrimEnd(way.Live).Length)
            .ToList();

    /// <summary>Where the file or folder at a live path is found in the set.</summary>
    /// <exception cref="BackupException">No shadow of the set covers the path.</exception>
    public string Map(string livePath)
    {
        foreach (var way in _byLength)
            if (PathOf.TryRelative(way.Live, livePath, out var relative))
                return relative.Length == 0 ? way.Frozen : PathOf.Join(way.Frozen, relative);
        throw new BackupException(
            FailureKind.ShadowMissing,
            livePath,
            "find it in the shadow set",
            "no shadow copy covers this path"
        );
    }

    private sealed record Way(string Live, string Frozen);
}
