using System;
using System.Collections.Generic;
using HyperVBackup.Sets;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>The named structures of one file, which may not share a byte.</summary>
internal sealed class FileExtents
{
    private readonly List<Extent> _extents = new();

    public IReadOnlyList<Extent> All => _extents;

    /// <summary>Adds a structure that lies inside the file, and reports each one it overlaps.</summary>
    /// <param name="findings">Takes the damage.</param>
    /// <param name="name">As it reads after "the".</param>
    /// <param name="offset">Bytes.</param>
    /// <param name="length">Bytes; nothing is added for 0.</param>
    /// <param name="section">Of the specification.</param>
    public void Add(DiskFindings findings, string name, long offset, long length, string section)
    {
        if (length == 0)
            return;
        foreach (var other in _extents)
        {
            if (!other.Overlaps(offset, length))
                continue;
            var first = Math.Max(offset, other.Offset);
            var end = Math.Min(offset + length, other.Offset + other.Length);
            findings.Damage(Invariant($"the {name} overlaps the {other.Name}"), first, end - first, section);
        }

        _extents.Add(new Extent(name, offset, length));
    }

    /// <summary>The first structure this range touches.</summary>
    public Extent? Find(long offset, long length)
    {
        // Asked once per block of a VHD: nothing may be allocated here.
        for (var i = 0; i < _extents.Count; i++)
            if (_extents[i].Overlaps(offset, length))
                return _extents[i];
        return null;
    }

    internal sealed record Extent(string Name, long Offset, long Length)
    {
        public bool Overlaps(long offset, long length) => offset < Offset + Length && Offset < offset + length;
    }
}
