using System;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var path in Path)
            OrGoOn(() =>
            {
                foreach (var folder in PathArguments.Resolve(this, new[] { path }, FailureKind.TargetMissing))
                    OrGoOn(() => List(folder));
            });
    }

    private void List(string folder)
    {
        var sets = Work("Looking for sets", (context, _) => SetArguments.List(context.Files, folder, Set));
        if (sets.Count == 0) WriteVerbose("There are no " + (Set == null ? "" : "such ") + "sets on " + folder + ".");
        WriteObject(sets, true);
    }
}
