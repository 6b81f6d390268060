using System;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>Runs one backup: a plan, or some folders or virtual machines to some disks.</summary>
[Cmdlet(
    VerbsLifecycle.Invoke,
    "HvBackup",
    DefaultParameterSetName = "Plan",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
[OutputType(typeof(RunResult))]
public sealed class InvokeHvBackupCommand : BackupSourceCmdlet
{
    // Without a shadow set nothing was copied at all. Everything else is in the result, and its failures are written
    // one by one.
    private static readonly FailureKind[] ShadowKinds =
    {
        FailureKind.ProviderUnavailable,
        FailureKind.NotElevated,
        FailureKind.ShadowFailed,
        FailureKind.ShadowMissing,
        FailureKind.WriterFailed,
        FailureKind.ShadowStorageFull,
        FailureKind.ShadowSetInProgress,
        FailureKind.TimedOut,
        FailureKind.VirtualMachine,
    };

    /// <summary>
    /// The plan: a .json or .psd1 file, a hashtable of the same shape, or a plan of New-HvBackupPlan.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Plan")]
    [ValidateNotNull]
    public object? Plan { get; set; }

    /// <summary>The disks, or folders, that get a copy of every source that does not lie in them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Source")]
    [Parameter(Mandatory = true, ParameterSetName = "VirtualMachine")]
    [Alias("To", "Target")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = Array.Empty<string>();

    /// <summary>The sets that take turns, at least two; or how many.</summary>
    [Parameter(ParameterSetName = "Source")]
    [Parameter(ParameterSetName = "VirtualMachine")]
    [ValidateNotNullOrEmpty]
    public string[]? Sets { get; set; }

    /// <summary>The shadow provider, instead of the plan's.</summary>
    [Parameter]
    [ValidateSet("auto", "vss", "btrfs", "reflink", "copy")]
    public string? Provider { get; set; }

    /// <summary>Whether virtual machines that would be paused are refused.</summary>
    [Parameter(ParameterSetName = "Plan")]
    [Parameter(ParameterSetName = "VirtualMachine")]
    public SwitchParameter OnlineOnly { get; set; }

    /// <summary>
    /// Whether each virtual machine gets a shadow set of its own. Not given: when one spoils the common set;
    /// <c>-SeparateSets:$false</c>: never.
    /// </summary>
    [Parameter(ParameterSetName = "Plan")]
    [Parameter(ParameterSetName = "VirtualMachine")]
    public SwitchParameter SeparateSets { get; set; }

    /// <summary>
    /// Whether this one run may delete as much as it likes, also when a source is empty or misses a disk that was
    /// mounted in it.
    /// </summary>
    [Parameter]
    public SwitchParameter AllowDeletions { get; set; }

    /// <summary>Called with the result when there is a new complete set, warnings or not.</summary>
    [Parameter]
    public ScriptBlock? OnSuccess { get; set; }

    /// <summary>Called with the result when there is no new complete set.</summary>
    [Parameter]
    public ScriptBlock? OnFailure { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        base.ProcessRecord();
        if (Plan != null)
            OrEnd(RunOne);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // Folders and machines from the pipeline are one backup together; plans are one each.
        if (Plan == null)
            OrEnd(RunOne);
    }

    private void RunOne()
    {
        if (Run() is not { } result)
            return;
        // Before anything is written: who reads it may stop the pipeline.
        CallBack(result);
        foreach (var warning in result.Warnings)
            WriteWarning(warning);
        WriteObject(result);
        WriteFailures(
            result.Failures.Where(failure => !ShadowKinds.Contains(failure.Kind)).ToList(),
            result.FailureCount,
            nameof(RunResult.Failures)
        );
        if (result.Failures.FirstOrDefault(failure => ShadowKinds.Contains(failure.Kind)) is { } fatal)
            ThrowTerminatingError(Errors.Record(fatal, result));
    }

    // Null: it was not to be.
    private RunResult? Run()
    {
        BackupPlan? plan = null;
        try
        {
            plan = BuildPlan();
            return AskFor(plan)
                ? Work(
                    "Backing up '" + plan.Name + "'",
                    (context, cancel) =>
                        BackupRun.Execute(plan, context with { AllowDeletions = AllowDeletions }, cancel),
                    Cancelled
                )
                : null;
        }
        catch (BackupException e) when (!IsAsked)
        {
            // There is no backup, and somebody wants to be told of that as well.
            var context = RunContext.OfThisHost();
            if (Plan != null && e is PlanException refused && plan is not { EventLog: false })
                RunEvents.TellRefused(context, refused);
            CallBack(RunResult.OfNoRun(plan?.Name ?? "", e.Failure, context));
            throw;
        }
    }

    private void CallBack(RunResult result)
    {
        if (result.Outcome is RunOutcome.Complete or RunOutcome.CompleteWithWarnings)
            new Callback(this, nameof(OnSuccess), OnSuccess).Call(result);
        else
            new Callback(this, nameof(OnFailure), OnFailure).Call(result);
    }

    private static string Cancelled(RunResult result) =>
        "Cancelled. "
        + (
            result.Set.Length == 0
                ? "No set was touched."
                : result.Set + " is incomplete, and the next run writes it first. No other set was touched."
        )
        + (
            result.Shadows.Count == 0 || result.Consistency == Consistency.None ? ""
            : result.Warnings.Count > 0 ? " " + string.Join(" ", result.Warnings)
            : " No shadow copy is left."
        );

    private BackupPlan BuildPlan()
    {
        var targets = Destination.Select(target => Literal(target, FailureKind.TargetMissing)).ToList();
        var plan =
            Plan != null
                ? PlanArgument.Read(this, Plan)
                : PlanOfSources(targets) ?? AdHocPlan.Build(Array.Empty<string>(), targets, Include, Exclude);
        return plan with
        {
            Sets = Sets == null ? plan.Sets : SetNames.Expand(Sets),
            Shadow = Provider == null ? plan.Shadow : plan.Shadow with { Provider = Provider },
            OnlineOnly = IsGiven(nameof(OnlineOnly)) ? OnlineOnly.IsPresent : plan.OnlineOnly,
            SeparateSets =
                !IsGiven(nameof(SeparateSets)) ? plan.SeparateSets
                : SeparateSets.IsPresent ? Plans.SeparateSets.Always
                : Plans.SeparateSets.Never,
            Verify = IsGiven(nameof(Verify)) ? Verify.IsPresent : plan.Verify,
            MaxBytesPerSecond = IsGiven(nameof(MaxBytesPerSecond)) ? MaxBytesPerSecond : plan.MaxBytesPerSecond,
            MaxDeletePercent = IsGiven(nameof(MaxDeletePercent)) ? MaxDeletePercent : plan.MaxDeletePercent,
            TakeOver = IsGiven(nameof(TakeOver)) ? TakeOver.IsPresent : plan.TakeOver,
        };
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private bool AskFor(BackupPlan plan)
    {
        var isAsked = IsAsked;
        try
        {
            var preview = Work(
                "Looking at the sets",
                (context, cancel) =>
                    RunPreview.Of(plan, context with { AllowDeletions = AllowDeletions }, isAsked, cancel)
            );
            return Ask(Question.About(preview), Question.Details(preview, DateTime.UtcNow));
        }
        catch (BackupException e) when (e is not PlanException && !isAsked)
        {
            // The run meets the same, and has a result for it.
            return Ask("Back up '" + plan.Name + "'");
        }
    }
}
