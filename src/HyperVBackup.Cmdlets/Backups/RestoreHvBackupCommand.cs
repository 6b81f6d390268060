using System;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Events;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Sets;

namespace HyperVBackup.Cmdlets;

/// <summary>Brings files back from a set, checking every block on the way.</summary>
[Cmdlet(VerbsData.Restore, "HvBackup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RestoreReport))]
public sealed class RestoreHvBackupCommand : HvCmdlet
{
    /// <summary>The target the set lies on, or the set's folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Target", "FullName")]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The folder to restore to: each folder of the set becomes a folder in it. Made if it is not there.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>The set. None: the newest complete one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SetNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Set { get; set; }

    /// <summary>Which files: names, or paths that start with a folder of the set. None: everything.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Include { get; set; } = Array.Empty<string>();

    /// <summary>Whether files that are there and differ are replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => OrGoOn(() =>
    {
        var from = Literal(Path, FailureKind.TargetMissing);
        var destination = Literal(Destination, FailureKind.TargetMissing);
        var set = Work("Looking for sets", (context, _) => SetArguments.Choose(context.Files, from, Set));
        if (!Ask("Restore " + (Include.Length == 0 ? "everything" : string.Join(", ", Include)) + " of " + set.Path + " to " + destination, About(set))) return;
        var request = new RestoreRequest { Set = set, Destination = destination, Paths = Include, Force = Force };
        Failure? untold = null;
        var report = Work("Restoring " + set.Set, (context, cancel) =>
        {
            var restored = SetRestorer.Restore(context.Files, request, context.Progress, cancel);
            untold = RunEvents.Tell(context, restored);
            return restored;
        });
        if (untold != null) WriteWarning(untold.Message + ". " + untold.Advice);
        WriteObject(report);
        WriteFailures(report.Failures, report.FailureCount, nameof(RestoreReport.Failures));
    });

    private string About(SetInfo set) =>
        "The set holds " + Sentence.Count(set.Files, "file") + " (" + HumanText.Size(set.Bytes) + ")" + (set.Completed is { } completed ? ", of " + HumanText.Age(completed, DateTime.UtcNow) : "") + ". "
        + (Force ? "Files that are there and differ would be replaced." : "Nothing that is there would be replaced.");
}
