using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// The folders that a run writes into, by what they are: should a walk come to one of them in its source, by whatever
/// mount, it would copy its own copies, ever deeper.
/// </summary>
internal sealed class OwnTargets
{
    private readonly HashSet<(ulong Volume, ulong FileId)> _folders;

    /// <summary>These folders. Those without an identity are never found again.</summary>
    public OwnTargets(IEnumerable<FileEntry> folders) =>
        _folders = new HashSet<(ulong, ulong)>(
            folders.Where(folder => folder.FileId != 0).Select(folder => (folder.Volume, folder.FileId))
        );

    /// <summary>Nothing is written.</summary>
    public static OwnTargets None { get; } = new(Enumerable.Empty<FileEntry>());

    /// <summary>Whether a folder is one of them.</summary>
    public bool Contains(FileEntry folder) => _folders.Contains((folder.Volume, folder.FileId));

    /// <summary>What is to be said of one that is found in a source.</summary>
    /// <param name="name">What to call it.</param>
    public static Failure WhyNot(string name) =>
        new(FailureKind.BadPlan, name, "copy it", "it is the folder that is being written to")
        {
            Advice = "Name a target outside of the source, or exclude this folder.",
        };
}
