using System;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Sets;

namespace HyperVBackup.Cmdlets;

/// <summary>Shows the sets on targets, the newest first.</summary>
[Cmdlet(VerbsCommon.Get, "HvBackup")]
[OutputType(typeof(SetInfo))]
public sealed class GetHvBackupCommand : HvCmdlet
{
    /// <summary>The targets, or folders of sets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Target", "FullName", "Destination")]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = Array.Empty<string>();

    /// <summary>Names of sets.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(SetNameCompleter))]
    [SupportsWildcards]
    public string[]? Set { get; set; }

    /// <summary>
    /// Whether it is measured what each set really takes: its own blocks, and those that it shares with others.
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeSharedSize { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var path in Path)
            OrGoOn(() =>
            {
                foreach (var folder in PathArguments.Resolve(this, new[] { path }, FailureKind.TargetMissing))
                    Write(folder);
            });
    }

    private void Write(string folder)
    {
        var result = Work(
            "Looking for sets",
            (context, cancel) =>
                ListRun.Execute(
                    new ListRequest
                    {
                        Paths = new[] { folder },
                        Names = SetArguments.Wanted(Set),
                        MeasuresBlocks = IncludeSharedSize,
                    },
                    context,
                    cancel
                )
        );
        foreach (var failure in result.Failures)
            WriteError(Errors.Record(failure));
        if (result.Sets.Count == 0 && result.Failures.Count == 0)
            WriteVerbose("There are no " + (Set == null ? "" : "such ") + "sets on " + folder + ".");
        WriteObject(result.Sets, true);
    }
}
