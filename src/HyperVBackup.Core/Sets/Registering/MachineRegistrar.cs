using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets.Registering;

/// <summary>
/// Makes restored files virtual machines of a Hyper-V host: compare, attach the restored disks in place of those the
/// configuration names, compare again, import.
/// The disks are attached even where the named ones exist: those are the live ones, not the backup.
/// </summary>
public sealed class MachineRegistrar
{
    private readonly IFileSystem _files;
    private readonly IHyperVHost _host;
    private readonly ImportWishes _wishes;

    /// <summary>A registrar.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="host">The Hyper-V host.</param>
    /// <param name="wishes">How to import; its configuration and disk folder are set for each machine.</param>
    public MachineRegistrar(IFileSystem files, IHyperVHost host, ImportWishes wishes)
    {
        _files = files;
        _host = host;
        // A new id is for copies only.
        _wishes = wishes with
        {
            Copy = wishes.Copy || wishes.GenerateNewId,
        };
    }

    /// <summary>
    /// What would keep a machine from being registered, as far as it can be told before anything is restored.
    /// </summary>
    /// <exception cref="BackupException">It cannot be registered.</exception>
    public void Require(RestoredMachine machine)
    {
        if (_wishes.GenerateNewId || _host.NameOf(machine.Id) is not { } name)
            return;
        throw new BackupException(
            new Failure(
                FailureKind.VirtualMachine,
                machine.Name,
                "register it",
                "the host has a virtual machine with its id " + machine.Id.ToString("D") + ": " + name
            )
            {
                Advice =
                    "Remove that one first (Remove-VM leaves its disks where they are), or have this one copied and "
                    + "given an id of its own with -GenerateNewId.",
            }
        );
    }

    /// <summary>Registers a machine whose files have been restored. Failures are in the result.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="destination">Where the set was restored to.</param>
    public MachineRegistration Register(RestoredMachine machine, string destination)
    {
        var result = new MachineRegistration
        {
            Name = machine.Name,
            Id = machine.Id,
            Configuration = machine.Configuration,
            IsCopy = _wishes.Copy,
        };
        try
        {
            Require(machine);
            if (_files.Find(machine.Configuration) is not { Kind: EntryKind.File })
                throw new BackupException(
                    FailureKind.FileMissing,
                    machine.Configuration,
                    "register " + machine.Name,
                    "the configuration was not restored"
                );
            return _wishes.Copy ? Copy(machine, result) : InPlace(machine, result, PathOf.Full(destination));
        }
        catch (BackupException e)
        {
            return result with { Failure = e.Failure };
        }
    }

    private MachineRegistration InPlace(RestoredMachine machine, MachineRegistration result, string destination)
    {
        var places = new RestoredPlaces(_files, destination, machine.Jobs);
        result = Import(
            _host.Plan(_wishes with { Configuration = machine.Configuration }),
            result,
            planned => AttachRestored(planned, places)
        );
        // A drive may use a file that was no part of what was restored: that of a disk which is alive, say. It may be
        // meant so, and is worth a word always.
        var foreign = result.Disks.Where(disk => disk.Length > 0 && !PathOf.TryRelative(destination, disk, out _));
        return result with
        {
            Warnings = foreign
                .Select(disk => result.Name + " uses " + disk + ", which is not among what was restored.")
                .ToArray(),
        };
    }

    private static void AttachRestored(IPlannedMachine planned, RestoredPlaces places)
    {
        var attached = false;
        foreach (var disk in planned.Disks)
        {
            if (
                disk.Path.Length == 0
                || places.Of(disk.Path) is not { } restored
                || string.Equals(restored, disk.Path, PathOf.Comparison)
            )
                continue;
            planned.Attach(disk, restored);
            attached = true;
        }

        if (attached)
            planned.Check();
    }

    private MachineRegistration Copy(RestoredMachine machine, MachineRegistration result)
    {
        using var disks = new DiskGathering(_files, machine);
        return Import(
            _host.Plan(_wishes with { Configuration = machine.Configuration, DiskFolder = disks.Folder }),
            result
        );
    }

    private MachineRegistration Import(
        IPlannedMachine planned,
        MachineRegistration result,
        Action<IPlannedMachine>? prepare = null
    )
    {
        var isImported = false;
        try
        {
            prepare?.Invoke(planned);
            result = result with
            {
                Name = planned.Name,
                Disks = planned.Disks.Select(disk => disk.Path).ToArray(),
                Incompatibilities = planned.Incompatibilities,
            };
            if (planned.Incompatibilities.Count > 0)
                return result with { Failure = Unfit(planned) };
            var (id, disks) = planned.Import();
            isImported = true;
            return result with { IsRegistered = true, Id = id, Disks = disks, Failure = Missing(planned.Name, disks) };
        }
        finally
        {
            if (!isImported)
                planned.Discard();
        }
    }

    private static Failure Unfit(IPlannedMachine planned) =>
        new(
            FailureKind.VirtualMachine,
            planned.Name,
            "register it",
            "it does not fit this host: "
                + string.Join(
                    "; ",
                    planned.Incompatibilities.Select(reason =>
                        reason.Message.TrimEnd('.') + " (" + reason.MessageId + ")"
                    )
                )
        )
        {
            Advice =
                "Mend what is named, for a missing switch with New-VMSwitch, and run the same command again: files "
                + "that are there are not restored again. about_HyperVBackup_Restore shows how to change the "
                + "machine instead.",
        };

    private Failure? Missing(string name, IReadOnlyList<string> disks) =>
        disks.FirstOrDefault(disk => disk.Length > 0 && _files.Find(disk) is not { Kind: EntryKind.File }) is { } gone
            ? new Failure(
                FailureKind.VirtualMachine,
                name,
                "find its disk " + gone,
                "it is registered, and the file is not there"
            )
            {
                Advice = "Attach the right file with Set-VMHardDiskDrive before it is started.",
            }
            : null;
}
