using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>
/// The folders that a walk writes into, by what they are: should it come to one of them in its source, by whatever
/// mount, it would copy its own copies, ever deeper.
/// </summary>
internal sealed class OwnTargets
{
    private readonly HashSet<(ulong Volume, ulong FileId)> _folders = new();

    public OwnTargets(IFileSystem files, IEnumerable<TargetLane> lanes)
    {
        foreach (var lane in lanes)
            lane.Try(() =>
            {
                if (files.Find(lane.Target.Folder) is { FileId: not 0 } folder)
                    _folders.Add((folder.Volume, folder.FileId));
            });
    }

    /// <summary>Why a folder of the source must not be copied; null when it may.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="folder">The folder.</param>
    public Failure? WhyNot(string name, FileEntry folder) =>
        !_folders.Contains((folder.Volume, folder.FileId))
            ? null
            : new Failure(FailureKind.BadPlan, name, "copy it", "it is the folder that is being written to")
            {
                Advice = "Name a target outside of the source, or exclude this folder.",
            };
}
