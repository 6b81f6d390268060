using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// Makes a plan: from folders, from virtual machines, or from what is on this host. As an object, or as a file to go on
/// with.
/// </summary>
[Cmdlet(
    VerbsCommon.New,
    "HvBackupPlan",
    DefaultParameterSetName = "Host",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low
)]
[OutputType(typeof(BackupPlan), typeof(FileInfo))]
public sealed class NewHvBackupPlanCommand : BackupSourceCmdlet
{
    /// <summary>The disks, or folders, that get a copy.</summary>
    [Parameter(ParameterSetName = "Host")]
    [Parameter(Mandatory = true, ParameterSetName = "Source")]
    [Parameter(Mandatory = true, ParameterSetName = "VirtualMachine")]
    [Alias("To", "Target")]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = Array.Empty<string>();

    /// <summary>The file to write. Without it the plan is an object.</summary>
    [Parameter]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Whether a file that is there is replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The plan's name, which owns its sets. None: that of the file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The sets that take turns, at least two; or how many.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Sets { get; set; }

    /// <summary>
    /// Which sets are kept, where every run writes a new one: a hashtable, or last=7,daily=14. Instead of -Sets.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object? Keep { get; set; }

    /// <summary>Whether virtual machines that would be paused are refused.</summary>
    [Parameter(ParameterSetName = "Host")]
    [Parameter(ParameterSetName = "VirtualMachine")]
    public SwitchParameter OnlineOnly { get; set; }

    /// <summary>
    /// Whether each virtual machine gets a shadow set of its own. Not given: when one spoils the common set;
    /// <c>-SeparateSets:$false</c>: never.
    /// </summary>
    [Parameter(ParameterSetName = "Host")]
    [Parameter(ParameterSetName = "VirtualMachine")]
    public SwitchParameter SeparateSets { get; set; }

    /// <summary>The shadow provider.</summary>
    [Parameter]
    [ValidateSet("auto", "vss", "btrfs", "reflink", "copy")]
    public string Provider { get; set; } = "auto";

    /// <summary>The deadline over making a shadow set, in minutes.</summary>
    [Parameter]
    [ValidateRange(1, 24 * 60)]
    public int TimeoutMinutes { get; set; } = (int)new ShadowOptions().Timeout.TotalMinutes;

    /// <summary>How often a shadow set that could not be made is tried again.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int Retries { get; set; } = new ShadowOptions().Retries;

    /// <summary>The seconds before each of these tries.</summary>
    [Parameter]
    [ValidateRange(0, 3600)]
    public int RetryDelaySeconds { get; set; } = (int)new ShadowOptions().RetryDelay.TotalSeconds;

    /// <summary>
    /// Whether new sets get the permissions that their target passes on, instead of being for administrators only.
    /// </summary>
    [Parameter]
    public SwitchParameter NoPrivateSets { get; set; }

    /// <summary>Whether every set is a full copy, also where the target could share blocks between sets.</summary>
    [Parameter]
    public SwitchParameter NoShare { get; set; }

    /// <summary>Whether the system's log is not told how runs end.</summary>
    [Parameter]
    public SwitchParameter NoEventLog { get; set; }

    /// <summary>How many logs of runs this host keeps.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int KeepLogs { get; set; } = BackupPlan.DefaultKeepLogs;

    /// <summary>
    /// The program to call when a run has ended well: its path, and its arguments behind it; or a hashtable.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object? OnSuccess { get; set; }

    /// <summary>The program to call when a run has failed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object? OnFailure { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        OrEnd(() =>
        {
            var path = Path == null ? null : Literal(Path, FailureKind.FileMissing);
            var plan = Complete(Sketch()) with { File = path };
            if (Name != null)
                plan = plan with { Name = Name };
            else if (path != null)
                plan = plan with { Name = System.IO.Path.GetFileNameWithoutExtension(path) };
            PlanValidator.Require(plan, FileSystems.Current);
            if (path == null)
                WriteObject(plan);
            else if (Ask("Write the plan '" + plan.Name + "' to " + path))
                Write(plan, path);
        });

    private void Write(BackupPlan plan, string path)
    {
        var problems = Work(
            "Writing the plan",
            (context, _) => PlanFile.Write(context.Files, path, plan, PlanSchema.Address(), Force)
        );
        foreach (var problem in problems)
            WriteWarning("The plan would be refused where it lies: " + problem + ".");
        // By the provider, as Get-Item has it: with the properties that the view of files shows.
        WriteObject(InvokeProvider.Item.Get(new[] { path }, true, true), true);
    }

    private BackupPlan Sketch()
    {
        var targets = Destination.Select(target => Literal(target, FailureKind.TargetMissing)).ToList();
        if (PlanOfSources(targets) is { } plan)
            return plan;
        try
        {
            return Work(
                "Asking for virtual machines",
                (context, _) =>
                    HostPlan.Build(
                        SourceSteps.ListMachines(context.Providers.Get(VssProvider.ProviderName)),
                        targets,
                        HostPlan.FindConfiguration(context.Files)
                    )
            );
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.ProviderUnavailable)
        {
            throw new BackupException(
                e.Failure with
                {
                    Advice =
                        "Name the folders to copy with -Source, and the disks to copy them to with -Destination. "
                        + e.Failure.Advice,
                },
                e
            );
        }
    }

    private BackupPlan Complete(BackupPlan plan) =>
        plan with
        {
            Sets = Sets == null ? plan.Sets : SetNames.Expand(Sets),
            Keep = Keep == null ? null : PlanArgument.ReadKeep(this, Keep),
            OnlineOnly = OnlineOnly,
            SeparateSets =
                !MyInvocation.BoundParameters.ContainsKey(nameof(SeparateSets)) ? plan.SeparateSets
                : SeparateSets ? Plans.SeparateSets.Always
                : Plans.SeparateSets.Never,
            Shadow = new ShadowOptions
            {
                Provider = Provider,
                Timeout = TimeSpan.FromMinutes(TimeoutMinutes),
                Retries = Retries,
                RetryDelay = TimeSpan.FromSeconds(RetryDelaySeconds),
            },
            Verify = Verify,
            MaxBytesPerSecond = MaxBytesPerSecond,
            TakeOver = TakeOver,
            PrivateSets = !NoPrivateSets,
            ShareBlocks = !NoShare,
            MaxDeletePercent = MaxDeletePercent,
            EventLog = !NoEventLog,
            KeepLogs = KeepLogs,
            OnSuccess = OnSuccess == null ? null : PlanArgument.ReadCommand(this, nameof(OnSuccess), OnSuccess),
            OnFailure = OnFailure == null ? null : PlanArgument.ReadCommand(this, nameof(OnFailure), OnFailure),
        };
}
