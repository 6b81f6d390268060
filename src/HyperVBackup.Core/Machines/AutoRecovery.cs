using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace HyperVBackup.Machines;

/// <summary>
/// What the Hyper-V writer adds to a shadow copy beside what it listed before: <c>X-AutoRecovery.avhdx</c> beside the
/// disk <c>X</c>, a differencing disk with what makes it consistent
/// for applications, and <c>BackupSnapshot.xml</c> (Commvault 11.20, "Use of checkpoint information for restores using
/// Microsoft Hyper-V Server 2012 R2"). Taken where they are.
/// </summary>
internal static class AutoRecovery
{
    private const string Suffix = "-AutoRecovery";
    private static readonly string[] Disks = { ".vhd", ".vhdx", ".vhds" };
    private static readonly string[] Layers = { ".avhd", ".avhdx" };
    private static readonly char[] Wildcards = { '*', '?' };

    /// <summary>The patterns for what the writer lists under one specification, with what it may add.</summary>
    public static IReadOnlyList<string> WithCompanions(string specification)
    {
        if (specification.Length == 0)
            return new[] { "*" };
        var ending = Path.GetExtension(specification);
        if (!IsOneOf(Disks, ending) && !IsOneOf(Layers, ending))
            return new[] { specification, "BackupSnapshot.xml" };
        var stem = specification.Substring(0, specification.Length - ending.Length) + Suffix;
        return new[] { specification, "BackupSnapshot.xml" }.Concat(Layers.Select(layer => stem + layer)).ToList();
    }

    /// <summary>
    /// Whether the writer lists one virtual disk by its name, which must be there. Layers of checkpoints may be merged,
    /// and those that it adds may not be made yet.
    /// </summary>
    public static bool IsDisk(MachineFile file) =>
        file.Specification.IndexOfAny(Wildcards) < 0
        && IsOneOf(Disks, Path.GetExtension(file.Specification))
        && !Path.GetFileNameWithoutExtension(file.Specification).EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    private static bool IsOneOf(string[] endings, string ending) =>
        endings.Contains(ending, StringComparer.OrdinalIgnoreCase);
}
