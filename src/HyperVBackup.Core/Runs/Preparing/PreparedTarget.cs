using System.Collections.Generic;
using HyperVBackup.Sets;

namespace HyperVBackup.Runs.Preparing;

/// <summary>A target of a run, as it was found.</summary>
/// <param name="Path">The target, behind links.</param>
/// <param name="IsThere">Whether it is a folder.</param>
/// <param name="Sets">The sets found there; null when a problem says why that is not known.</param>
internal sealed record PreparedTarget(string Path, bool IsThere, IReadOnlyList<SetInfo>? Sets);
