using System.Collections.Generic;

namespace HyperVBackup.Mirroring;

/// <summary>What a walk has found when everything is copied and nothing deleted yet.</summary>
/// <param name="Lanes">The targets.</param>
/// <param name="MountPoints">Folders below the source on another volume than the folder around them, whether they hold
/// files or not.</param>
internal sealed record WalkEnd(IReadOnlyList<TargetLane> Lanes, IReadOnlyCollection<string> MountPoints);
