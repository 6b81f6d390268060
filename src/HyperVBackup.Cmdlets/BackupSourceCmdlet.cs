using System;
using System.Collections.Generic;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Plans;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// What cmdlets share that take folders or virtual machines to be backed up: all that come through the pipeline are one
/// plan together.
/// </summary>
public abstract class BackupSourceCmdlet : HvCmdlet
{
    private readonly List<string> _sources = new();
    private readonly List<string> _machines = new();

    /// <summary>The folders to copy.</summary>
    [Parameter(
        Mandatory = true,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = "Source"
    )]
    [Alias("FullName")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Source { get; set; } = Array.Empty<string>();

    /// <summary>
    /// Names, with wildcards, or ids of virtual machines; also the machines of Get-VM and Get-HvVirtualMachine.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "VirtualMachine")]
    [Alias("VMId", "Id", "VMName")]
    [MachineArgument]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] VirtualMachine { get; set; } = Array.Empty<string>();

    /// <summary>The files to copy, as ROBOCOPY names them. None: all.</summary>
    [Parameter(ParameterSetName = "Source")]
    [SupportsWildcards]
    public string[] Include { get; set; } = Array.Empty<string>();

    /// <summary>The files and folders to leave out.</summary>
    [Parameter(ParameterSetName = "Source")]
    [SupportsWildcards]
    public string[] Exclude { get; set; } = Array.Empty<string>();

    /// <summary>Whether new sets are read back and checked before they count.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>The most bytes read per second; 0: as fast as the disks can.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaxBytesPerSecond { get; set; }

    /// <summary>Whether sets of another plan or host on the targets may be overwritten.</summary>
    [Parameter]
    public SwitchParameter TakeOver { get; set; }

    /// <summary>
    /// The most of a copy's files or bytes that one run may delete, in percent; a run that would delete more fails
    /// before it deletes anything.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaxDeletePercent { get; set; } = BackupPlan.DefaultMaxDeletePercent;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _sources.AddRange(Source);
        _machines.AddRange(VirtualMachine);
    }

    /// <summary>The plan of what was named, without what else it can be told; null: nothing was.</summary>
    private protected BackupPlan? PlanOfSources(IReadOnlyList<string> targets) =>
        _sources.Count > 0
            ? AdHocPlan.Build(
                PathArguments.Resolve(this, _sources, FailureKind.SourceMissing),
                targets,
                Include,
                Exclude
            )
        : _machines.Count > 0
            ? new BackupPlan
            {
                Name = HostPlan.Name,
                VirtualMachines = _machines,
                VirtualMachineTargets = targets,
            }
        : null;
}
