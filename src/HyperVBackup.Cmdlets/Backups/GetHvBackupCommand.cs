using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Files;
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
                    OrGoOn(() => Write(folder));
            });
    }

    private void Write(string folder)
    {
        var sets = Work("Looking for sets", (context, cancel) => Find(context.Files, folder, cancel));
        if (sets.Count == 0)
            WriteVerbose("There are no " + (Set == null ? "" : "such ") + "sets on " + folder + ".");
        WriteObject(sets, true);
    }

    private IReadOnlyList<SetInfo> Find(IFileSystem files, string folder, CancellationToken cancel)
    {
        var sets = SetArguments.List(files, folder, Set);
        if (IncludeSharedSize)
            sets = sets.Select(set => SetSize.Measure(files, set, cancel)).ToArray();
        // What the table says, scripts go by: a set that was found damaged is not what "complete" stands for.
        return sets.Select(set => set.FoundDamaged ? set with { State = SetCondition.Damaged } : set).ToArray();
    }
}
