using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Failures;
using HyperVBackup.Sets.Registering;

namespace HyperVBackup.Cmdlets.Registering;

/// <summary>
/// A virtual machine behind a report of Compare-VM (Microsoft.HyperV.PowerShell.VMCompatibilityReport: its VM and its
/// Incompatibilities).
/// </summary>
internal sealed class PlannedMachine : IPlannedMachine
{
    private readonly HyperVModule _module;
    private readonly string _configuration;
    private PSObject _report;

    public PlannedMachine(HyperVModule module, string configuration, PSObject report)
    {
        _module = module;
        _configuration = configuration;
        _report = report;
    }

    public string Name => HyperVModule.Text(Machine, "Name");

    public IReadOnlyList<PlannedDisk> Disks => DrivesOf(Machine).Concat(Checkpoints().SelectMany(DrivesOf)).ToList();

    public IReadOnlyList<MachineIncompatibility> Incompatibilities =>
        HyperVModule.Items(_report, "Incompatibilities").Select(Read).ToList();

    private object? Machine => HyperVModule.Value(_report, "VM");

    public void Attach(PlannedDisk disk, string path) =>
        _module.Call(
            "Set-VMHardDiskDrive",
            Name,
            "attach " + path,
            new Hashtable
            {
                ["VMHardDiskDrive"] = disk.Handle,
                ["Path"] = path,
                ["Confirm"] = false,
            }
        );

    public void Check() =>
        _report =
            _module
                .Call(
                    "Compare-VM",
                    Name,
                    "compare it with this host",
                    new Hashtable { ["CompatibilityReport"] = _report, ["Confirm"] = false }
                )
                .FirstOrDefault()
            ?? throw HyperVModule.Silent("Compare-VM", Name);

    public (Guid Id, IReadOnlyList<string> Disks) Import()
    {
        var machine =
            _module
                .Call(
                    "Import-VM",
                    Name,
                    "import it",
                    new Hashtable { ["CompatibilityReport"] = _report, ["Confirm"] = false }
                )
                .FirstOrDefault()
            ?? throw HyperVModule.Silent("Import-VM", Name);
        return (
            Guid.TryParse(HyperVModule.Text(machine, "Id"), out var id) ? id : Guid.Empty,
            DrivesOf(machine).Select(disk => disk.Path).ToList()
        );
    }

    public void Discard()
    {
        try
        {
            _module.Call(
                "Remove-VM",
                _configuration,
                "discard its plan",
                new Hashtable
                {
                    ["VM"] = Machine,
                    ["Force"] = true,
                    ["Confirm"] = false,
                }
            );
        }
        catch (BackupException)
        {
            // What kept it from being imported is the failure to report; the next Compare-VM of this configuration
            // removes the plan itself.
        }
    }

    private static IEnumerable<PlannedDisk> DrivesOf(object? machine) =>
        HyperVModule
            .Items(machine, "HardDrives")
            .Select(drive => new PlannedDisk(HyperVModule.Text(drive, "Path"), drive));

    // Checkpoints name disks of their own.
    private IEnumerable<object> Checkpoints() =>
        _module.Call("Get-VMSnapshot", Name, "look at its checkpoints", new Hashtable { ["VM"] = Machine });

    // Names of types say what a part is: HardDiskDrive, VMNetworkAdapter.
    private static MachineIncompatibility Read(object reason)
    {
        var source = HyperVModule.Value(reason, "Source");
        var of = source is PSObject wrapped ? wrapped.BaseObject : source;
        var name = HyperVModule.Text(source, "Path") is { Length: > 0 } path ? path : HyperVModule.Text(source, "Name");
        return new MachineIncompatibility(
            HyperVModule.Text(reason, "Message"),
            LanguagePrimitives.TryConvertTo<long>(
                HyperVModule.Value(reason, "MessageId"),
                CultureInfo.InvariantCulture,
                out var number
            )
                ? number
                : 0,
            (of == null ? "" : of.GetType().Name + " " + name).Trim()
        );
    }
}
