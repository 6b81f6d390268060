using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Reads what the Hyper-V writer offers. One component per virtual machine: its name is the machine's id, its caption
/// ends in the machine's name and begins with how it will be captured.
/// </summary>
internal static class HyperVWriter
{
    /// <summary>The writer's class id.</summary>
    public static readonly Guid ClassId = new("66841cd4-6ded-4f4b-8f17-fd23f8ddc3de");

    /// <summary>The class id of the writer that speaks for virtual machines on Cluster Shared Volumes.</summary>
    public static readonly Guid ClusterClassId = new("1072AE1C-E5A7-4EA1-9E4A-6F7964656570");

    // Windows Server 2008 to 2012, and 2012 R2 and later. "Offline" covers machines that will be paused and machines
    // that are off; the caption does not tell them apart.
    private static readonly (string Prefix, MachineCapture Capture)[] Captions =
    {
        ("Backup Using Child Partition Snapshot\\", MachineCapture.Online),
        ("Online\\", MachineCapture.Online),
        ("Backup Using Saved State\\", MachineCapture.SavedState),
        ("Offline\\", MachineCapture.SavedState),
    };

    /// <summary>The writer among all; null when this host has none.</summary>
    public static WriterMetadata? Find(IEnumerable<WriterMetadata> writers) =>
        writers.FirstOrDefault(writer => writer.WriterId == ClassId);

    /// <summary>The virtual machines, in the order of their names.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="isRunning">
    /// What another source (WMI) knows of the machine: true when it runs, false when it is off or saved, null when that
    /// is not known. The writer itself does not tell a machine that is off
    /// from one that it would pause; without a hint the graver of the two is assumed.
    /// </param>
    public static IReadOnlyList<HyperVMachine> Machines(WriterMetadata writer, Func<Guid, bool?>? isRunning = null) =>
        writer
            .Components.Select(component => Parse(writer, component, isRunning))
            .OfType<HyperVMachine>()
            .OrderBy(machine => machine.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(machine => machine.Id)
            .ToList();

    /// <summary>The components that are no virtual machines: the host's own configuration.</summary>
    public static IReadOnlyList<WriterComponent> Others(WriterMetadata writer) =>
        writer.Components.Where(component => !Guid.TryParse(component.Name, out _)).ToList();

    /// <summary>The failure to report when a host has no such writer.</summary>
    public static BackupException Missing(IHostFacts host) =>
        new(
            new Failure(
                FailureKind.ProviderUnavailable,
                "Hyper-V writer",
                "list the virtual machines",
                host.IsClientWindows
                    ? "client editions of Windows have no Hyper-V writer"
                    : "this host has no Hyper-V writer"
            )
            {
                Advice = host.IsClientWindows
                    ? "Only Windows Server can capture virtual machines consistently. Here, turn them off or save "
                        + "them and back up their folders."
                    : "Install the Hyper-V role, see that the service 'Hyper-V Virtual Machine Management' (vmms) "
                        + "runs, and look for the writer with 'vssadmin list writers'.",
            }
        );

    private static HyperVMachine? Parse(WriterMetadata writer, WriterComponent component, Func<Guid, bool?>? isRunning)
    {
        if (!Guid.TryParse(component.Name, out var id))
            return null;
        var caption = component.Caption ?? "";
        var family = Captions.FirstOrDefault(known =>
            caption.StartsWith(known.Prefix, StringComparison.OrdinalIgnoreCase)
        );
        var name =
            family.Prefix != null
                ? caption.Substring(family.Prefix.Length)
                : caption.Substring(caption.IndexOf('\\') + 1);
        var capture = family.Capture;
        if (capture != MachineCapture.Online && isRunning?.Invoke(id) == false)
            capture = MachineCapture.Off;
        return new HyperVMachine
        {
            Id = id,
            Name = name.Length > 0 ? name : component.Name,
            Capture = capture,
            Caption = caption,
            Files = component
                .Files.Select(file => new MachineFile(
                    PathOf.TrimEnd(Environment.ExpandEnvironmentVariables(file.AlternateLocation ?? file.Path)),
                    file.Specification,
                    file.IsRecursive
                ))
                .ToList(),
            Component = new ComponentKey(
                writer.InstanceId,
                writer.WriterId,
                component.Type,
                component.LogicalPath,
                component.Name
            ),
        };
    }
}
