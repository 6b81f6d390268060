using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;

namespace HyperVBackup.Plans;

/// <summary>
/// The crosswise plan of a Hyper-V host, from what its writer offers: the virtual machines of each disk to the other
/// disks that hold any, and the host's configuration to all of them.
/// </summary>
public static class HostPlan
{
    /// <summary>
    /// The name of plans for virtual machines that nobody named. Sets need an owner that is the same next time,
    /// whatever names the wildcards mean then.
    /// </summary>
    public const string Name = "virtual-machines";

    /// <summary>The folder of the configuration in the sets.</summary>
    public const string ConfigurationFolder = "CFG";

    /// <summary>
    /// What the configuration of a host is made of: its machines', before and since Windows Server 2016.
    /// </summary>
    public static IReadOnlyList<string> ConfigurationFiles { get; } = new[] { "*.vmcx", "*.vmrs", "*.vmgs", "*.xml" };

    /// <summary>
    /// Where Hyper-V keeps the configuration, unless it was told otherwise; null where there is none.
    /// </summary>
    internal static string? FindConfiguration(IFileSystem files)
    {
        if (!PathOf.IsWindows)
            return null;
        var folder = PathOf.Join(
            Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData),
            "Microsoft/Windows/Hyper-V"
        );
        return files.Find(folder) is { Kind: EntryKind.Folder } ? folder : null;
    }

    /// <summary>Builds the plan: all machines, those that are made later as well.</summary>
    /// <param name="machines">The machines that the writer offers, with their volumes.</param>
    /// <param name="targets">The disks or folders that get the copies; none: the volumes that hold virtual
    /// disks.</param>
    /// <param name="configuration">The folder of the host's configuration; null: it is left out.</param>
    /// <exception cref="BackupException">There are no machines, or all lie on one volume and no target was
    /// named.</exception>
    internal static BackupPlan Build(
        IReadOnlyList<HyperVMachine> machines,
        IReadOnlyList<string> targets,
        string? configuration
    )
    {
        if (machines.Count == 0)
            throw new BackupException(
                new Failure(
                    FailureKind.VirtualMachine,
                    "Hyper-V writer",
                    "make a plan",
                    "it offers no virtual machines"
                )
                {
                    Advice = "Name folders with -Source and -Destination.",
                }
            );
        var disks =
            targets.Count > 0
                ? targets
                : machines
                    .SelectMany(VolumesOfDisks)
                    .Distinct(PathOf.Comparer)
                    .OrderBy(volume => volume, PathOf.Comparer)
                    .ToList();
        if (disks.Count == 0)
            throw NoPlace("their virtual disks lie on no volume of this host");
        if (disks.Count == 1 && targets.Count == 0)
            throw NoPlace("all virtual machines lie on " + disks[0]);
        var apart =
            configuration == null
                ? new List<string>()
                : disks.Where(disk => !PathOf.TryRelative(disk, configuration, out _)).ToList();
        return new BackupPlan
        {
            Name = Name,
            VirtualMachines = new[] { "*" },
            VirtualMachineTargets = disks,
            Jobs =
                apart.Count == 0
                    ? Array.Empty<BackupJob>()
                    : new[]
                    {
                        new BackupJob
                        {
                            Source = configuration!,
                            Folder = ConfigurationFolder,
                            Include = ConfigurationFiles,
                            Targets = apart,
                        },
                    },
        };
    }

    // Configuration alone makes no disk for copies of a volume: that of the system has it, and is no place for them.
    private static IEnumerable<string> VolumesOfDisks(HyperVMachine machine)
    {
        foreach (var file in machine.Files.Where(file => file.MayBeDisk))
            if (
                machine
                    .Volumes.Where(volume => PathOf.TryRelative(volume, file.Path, out _))
                    .OrderByDescending(volume => volume.Length)
                    .FirstOrDefault() is
                { } volume
            )
                yield return volume;
    }

    private static BackupException NoPlace(string why) =>
        new(
            new Failure(FailureKind.BadPlan, "the virtual machines of this host", "make the crosswise plan", why)
            {
                Advice = "Name the disk that gets the copies with -Destination.",
            }
        );
}
