using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows;

/// <summary>
/// Which live file a clone was made of. A clone is a file of its own, with a number and a time of change of its own;
/// whether somebody has touched the live file since
/// only that one's can tell. Some 50 bytes for each file, while the shadow copy is used.
/// </summary>
internal sealed class ClonedFiles
{
    private readonly Dictionary<(ulong Volume, ulong Clone), (ulong Live, FileTime Changed, uint? RawMode)> _live =
        new();

    /// <summary>Notes a clone.</summary>
    /// <param name="clone">It.</param>
    /// <param name="live">The live file, as it was before it was cloned.</param>
    public void Add(FileEntry clone, FileEntry live) =>
        _live[(clone.Volume, clone.FileId)] = (live.FileId, live.Changed, live.RawMode);

    /// <summary>
    /// A clone's entry with the identity and the time of change of the live file, and the mask of its access list;
    /// null when it is no clone.
    /// </summary>
    public FileEntry? LiveOf(FileEntry clone) =>
        _live.TryGetValue((clone.Volume, clone.FileId), out var live)
            ? clone with
            {
                FileId = live.Live,
                Changed = live.Changed,
                RawMode = live.RawMode,
            }
            : null;
}

/// <summary>A shadow set of clones, while its maker holds it.</summary>
internal interface ICloneSession
{
    /// <summary>
    /// A clone's entry with the identity of the live file from before it was cloned; null: its files are not clones,
    /// and have that themselves.
    /// </summary>
    System.Func<FileEntry, FileEntry?>? LiveOf { get; }
}
