using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets.Registering;

/// <summary>
/// What registering a restored virtual machine needs of a Hyper-V host, after the reference of the module Hyper-V
/// (Get-VM, Compare-VM, Set-VMHardDiskDrive, Import-VM, Remove-VM).
/// Every member fails with a <see cref="Failures.BackupException"/> in the host's own words.
/// </summary>
public interface IHyperVHost
{
    /// <summary>Makes sure that there is a host to ask.</summary>
    void Require();

    /// <summary>The name of the virtual machine that has this id on the host; null when none has.</summary>
    string? NameOf(Guid id);

    /// <summary>
    /// Compares a configuration with the host. That makes a planned virtual machine there, which must be imported or
    /// discarded.
    /// </summary>
    IPlannedMachine Plan(ImportWishes import);
}

/// <summary>A virtual machine that Compare-VM has planned and nobody can start yet.</summary>
public interface IPlannedMachine
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its virtual disks and those of its checkpoints, where its configuration says they are.</summary>
    IReadOnlyList<PlannedDisk> Disks { get; }

    /// <summary>What keeps it from being imported.</summary>
    IReadOnlyList<MachineIncompatibility> Incompatibilities { get; }

    /// <summary>Has a drive use another file.</summary>
    void Attach(PlannedDisk disk, string path);

    /// <summary>Compares again, after disks were attached.</summary>
    void Check();

    /// <summary>Makes it a virtual machine of the host.</summary>
    /// <returns>The id it has there, and the files its drives use.</returns>
    (Guid Id, IReadOnlyList<string> Disks) Import();

    /// <summary>Removes the plan; no file is deleted. Left behind, it would keep the configuration open.</summary>
    void Discard();
}

/// <summary>A drive of a planned virtual machine.</summary>
/// <param name="Path">The file it uses.</param>
/// <param name="Handle">What the host knows it by.</param>
public sealed record PlannedDisk(string Path, object Handle);

/// <summary>How a configuration is imported.</summary>
public sealed record ImportWishes
{
    /// <summary>
    /// The configuration file: its name is the machine's id, with <c>.vmcx</c> or, before Windows Server 2016,
    /// <c>.xml</c>.
    /// </summary>
    public required string Configuration { get; init; }

    /// <summary>
    /// Whether the host copies the files to folders of its own. Otherwise they are used where they are.
    /// </summary>
    public bool Copy { get; init; }

    /// <summary>Whether the copy gets a new id. Hyper-V gives one to copies only.</summary>
    public bool GenerateNewId { get; init; }

    /// <summary>The one folder that virtual disks are copied from, found there by their names.</summary>
    public string DiskFolder { get; init; } = "";

    /// <summary>Where a copy's configuration goes; empty: the host's own folder.</summary>
    public string VirtualMachinePath { get; init; } = "";

    /// <summary>Where a copy's virtual disks go; empty: the host's own folder.</summary>
    public string VhdDestinationPath { get; init; } = "";
}
