using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Machines;

/// <summary>A virtual machine as the Hyper-V writer offers it.</summary>
public sealed record HyperVMachine
{
    /// <summary>Its id: the name of its component.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its name, which need not be unique.</summary>
    public required string Name { get; init; }

    /// <summary>What happens to it while it is captured.</summary>
    public required MachineCapture Capture { get; init; }

    /// <summary>The writer's own words for how it captures it.</summary>
    public string Caption { get; init; } = "";

    /// <summary>
    /// Its files, as the writer lists them. Disks passed through from the host, and disks the guest attaches by itself
    /// (iSCSI, Fibre Channel), are not among them:
    /// no shadow copy on the host can hold those.
    /// </summary>
    public required IReadOnlyList<MachineFile> Files { get; init; }

    /// <summary>The roots of the volumes its files lie on. Empty where they were not asked for.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = Array.Empty<string>();

    internal ComponentKey? Component { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name + " (" + Id + ")";
}

/// <summary>Files of a virtual machine: those in a folder that match a specification.</summary>
/// <param name="Path">The folder, environment variables expanded.</param>
/// <param name="Specification">A name, or a pattern with '*' and '?'.</param>
/// <param name="IsRecursive">Whether folders below count.</param>
public sealed record MachineFile(string Path, string Specification, bool IsRecursive)
{
    private static readonly string[] DiskEndings = { ".vhd", ".vhdx", ".avhd", ".avhdx", ".vhds" };

    /// <summary>Whether what the writer lists here can be a virtual disk.</summary>
    internal bool MayBeDisk =>
        Specification.EndsWith("*", StringComparison.Ordinal)
        || DiskEndings.Any(ending => Specification.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}

/// <summary>What happens to a virtual machine while it is captured.</summary>
public enum MachineCapture
{
    /// <summary>The writer describes it in words that this program does not know (they may be translated).</summary>
    Unknown = 0,

    /// <summary>It goes on running; its guest prepares for the capture.</summary>
    Online = 1,

    /// <summary>It is paused for the moment of the capture if it is running: its guest cannot prepare for it.</summary>
    SavedState = 2,

    /// <summary>It is off, or saved already: nothing happens to it.</summary>
    Off = 3,
}
