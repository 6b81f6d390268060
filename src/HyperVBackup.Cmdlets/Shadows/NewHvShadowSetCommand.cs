using System;
using System.Collections.Generic;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>Makes shadow copies of volumes, all at one instant, that stay until they are removed.</summary>
[Cmdlet(VerbsCommon.New, "HvShadowSet", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ShadowSet))]
public sealed class NewHvShadowSetCommand : HvCmdlet
{
    private readonly List<string> _volumes = new();

    /// <summary>The volumes; off Windows, folders. All that come through the pipeline go into one set.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("DriveLetter", "FullName", "Path")]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Volume { get; set; } = Array.Empty<string>();

    /// <summary>The shadow provider.</summary>
    [Parameter]
    [ValidateSet("auto", "vss", "btrfs", "reflink", "copy")]
    public string Provider { get; set; } = "auto";

    /// <summary>The deadline over everything, in minutes.</summary>
    [Parameter]
    [ValidateRange(1, 24 * 60)]
    public int TimeoutMinutes { get; set; } = 10;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Get-Volume's drive letters come without their colon.
        foreach (var volume in Volume)
            _volumes.Add(PathOf.IsWindows && volume.Length == 1 && char.IsLetter(volume[0]) ? volume + ":\\" : volume);
    }

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        OrEnd(() =>
        {
            var volumes = PathArguments.Resolve(this, _volumes, FailureKind.SourceMissing);
            if (!Ask("Make shadow copies of " + Sentence.List(volumes)))
                return;
            var options = new ShadowOptions { Provider = Provider, Timeout = TimeSpan.FromMinutes(TimeoutMinutes) };
            IReadOnlyList<string> warnings = Array.Empty<string>();
            var set = Work(
                "Making shadow copies",
                (context, cancel) => new ShadowStore(context).Create(volumes, options, out warnings, cancel)
            );
            foreach (var warning in warnings)
                WriteWarning(warning);
            WriteObject(set);
        });
}
