using System.Collections.Generic;
using HyperVBackup.Sets;

namespace HyperVBackup.Disks;

/// <summary>
/// Collects what a check finds. A file can be wrong in a billion places; the list ends after a hundred, and so does the
/// check.
/// </summary>
internal sealed class DiskFindings
{
    private const int Most = 100;

    public List<DiskDamage> Damages { get; } = new();

    public List<string> Notes { get; } = new();

    /// <summary>There was more damage than the list takes.</summary>
    public bool HasMore { get; private set; }

    public void Damage(string what, long offset, long length, string section, bool hasIntactCopy = false)
    {
        if (Damages.Count < Most)
            Damages.Add(new DiskDamage(what, offset, length, section) { HasIntactCopy = hasIntactCopy });
        else
            HasMore = true;
    }

    public void Note(string note)
    {
        if (Notes.Count < Most)
            Notes.Add(note);
    }
}
