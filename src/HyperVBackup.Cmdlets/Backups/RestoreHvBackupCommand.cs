using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Cmdlets.Registering;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Sets.Registering;

namespace HyperVBackup.Cmdlets;

/// <summary>Brings files and virtual machines back from a set, checking every block on the way.</summary>
[Cmdlet(
    VerbsData.Restore,
    "HvBackup",
    DefaultParameterSetName = "Files",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
[OutputType(typeof(RestoreReport))]
public sealed class RestoreHvBackupCommand : HvCmdlet
{
    private readonly List<ChosenSet> _sets = new();

    /// <summary>The target the set lies on, or the set's folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Target", "FullName")]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>
    /// The folder to restore to: each folder of the set becomes a folder in it. Made if it is not there.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>The set. None: the newest complete one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SetNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Set { get; set; }

    /// <summary>
    /// Names, with wildcards, or ids of the virtual machines whose files come back, as the set knows them. None: all
    /// folders of the set.
    /// </summary>
    [Parameter]
    [Alias("VMName", "VMId")]
    [ArgumentCompleter(typeof(SetMachineCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] VirtualMachine { get; set; } = Array.Empty<string>();

    /// <summary>Which files: names, or paths that start with a folder of the set. None: everything.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Include { get; set; } = Array.Empty<string>();

    /// <summary>Whether files that are there and differ are replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Whether what is left of damaged files is brought back as well, under names that end with ".salvaged".
    /// </summary>
    [Parameter]
    public SwitchParameter Salvage { get; set; }

    /// <summary>
    /// Whether the virtual machines become machines of this Hyper-V host afterwards, using the restored files where
    /// they are.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Register")]
    public SwitchParameter Register { get; set; }

    /// <summary>Whether Hyper-V copies the restored files to folders of its own instead.</summary>
    [Parameter(ParameterSetName = "Register")]
    public SwitchParameter Copy { get; set; }

    /// <summary>
    /// Whether each virtual machine gets a new id, to stand beside the one it is a copy of. Hyper-V gives one to copies
    /// only: means -Copy too.
    /// </summary>
    [Parameter(ParameterSetName = "Register")]
    public SwitchParameter GenerateNewId { get; set; }

    /// <summary>Where the configuration of a copy goes, instead of the host's own folder.</summary>
    [Parameter(ParameterSetName = "Register")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string? VirtualMachinePath { get; set; }

    /// <summary>Where the virtual disks of a copy go, instead of the host's own folder.</summary>
    [Parameter(ParameterSetName = "Register")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string? VhdDestinationPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrGoOn(() =>
        {
            var from = Literal(Path, FailureKind.TargetMissing);
            _sets.Add(Work("Looking for sets", (context, _) => ChosenSet.Of(context.Files, from, Set)));
        });

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_sets.Count == 0)
            return;
        // Not before all sets are known: an older one of them must not come over a newer.
        IReadOnlyList<PreparedRestore> restores = Array.Empty<PreparedRestore>();
        OrEnd(() =>
            restores = RestoreRun.Prepare(
                _sets,
                new RestoreWishes
                {
                    Destination = Literal(Destination, FailureKind.TargetMissing),
                    Machines = VirtualMachine,
                    Paths = Include,
                    Force = Force,
                    Salvage = Salvage,
                }
            )
        );
        foreach (var restore in restores)
            OrGoOn(() => Restore(restore));
    }

    private void Restore(PreparedRestore restore)
    {
        // What would keep the machines from being registered is better known before hours of restoring.
        var registrar = Register ? MakeRegistrar() : null;
        var machines = Work(
            "Looking for virtual machines",
            (context, _) =>
            {
                RestoreRun.Require(restore, context);
                return registrar == null
                    ? Array.Empty<RestoredMachine>()
                    : RestoredMachine.Of(context.Files, restore.Request);
            }
        );
        foreach (var machine in machines)
            registrar!.Require(machine);
        if (!Ask(restore.What + Registering(machines), restore.Details(DateTime.UtcNow)))
        {
            foreach (var warning in restore.Warnings)
                WriteWarning(warning);
            return;
        }

        var report = Work(
            "Restoring " + restore.Request.Set.Set,
            (context, cancel) => RestoreRun.Execute(restore, context, cancel)
        );
        foreach (var warning in report.Warnings)
            WriteWarning(warning);
        if (registrar != null && report.FailureCount == 0)
            report = RegisterAll(report, registrar, machines);
        WriteObject(report);
        WriteFailures(report.Failures, report.FailureCount, nameof(RestoreReport.Failures));
        foreach (var failure in report.Registrations.Select(registration => registration.Failure).OfType<Failure>())
            WriteError(Errors.Record(failure));
        if (registrar != null && report.FailureCount > 0)
            WriteWarning(
                "Nothing was registered, because not everything was restored. Run the same command again when what "
                    + "failed is mended."
            );
    }

    private MachineRegistrar MakeRegistrar()
    {
        if (!Copy && !GenerateNewId && (VirtualMachinePath ?? VhdDestinationPath) is { } path)
            throw new BackupException(
                new Failure(FailureKind.BadPlan, path, "put the virtual machine there", "it is registered in place")
                {
                    Advice =
                        "Give the place as -Destination; or have Hyper-V copy what was restored there, with -Copy.",
                }
            );
        var host = new HyperVModule(this);
        host.Require();
        return new MachineRegistrar(
            FileSystems.Current,
            host,
            new ImportWishes
            {
                Configuration = "",
                Copy = Copy,
                GenerateNewId = GenerateNewId,
                VirtualMachinePath =
                    VirtualMachinePath == null ? "" : Literal(VirtualMachinePath, FailureKind.TargetMissing),
                VhdDestinationPath =
                    VhdDestinationPath == null ? "" : Literal(VhdDestinationPath, FailureKind.TargetMissing),
            }
        );
    }

    // On the pipeline's thread: Hyper-V's own cmdlets are called.
    private RestoreReport RegisterAll(
        RestoreReport report,
        MachineRegistrar registrar,
        IReadOnlyList<RestoredMachine> machines
    )
    {
        var registrations = new List<MachineRegistration>();
        foreach (var machine in machines)
        {
            WriteVerbose("Registering " + machine.Name + ".");
            var registration = registrar.Register(machine, report.Destination);
            foreach (var warning in registration.Warnings)
                WriteWarning(warning);
            registrations.Add(registration);
        }

        var failed = registrations.Any(registration => registration.Failure != null);
        return report with
        {
            Registrations = registrations,
            ExitCode =
                failed && report.ExitCode is (ExitCodes.Complete or ExitCodes.Warnings)
                    ? ExitCodes.Failed
                    : report.ExitCode,
        };
    }

    private string Registering(IReadOnlyList<RestoredMachine> machines) =>
        machines.Count == 0
            ? ""
            : ", and register "
                + Sentence.List(machines.Select(machine => machine.Name))
                + (
                    GenerateNewId ? " as a copy with a new id"
                    : Copy ? " as a copy"
                    : " in place"
                );
}
