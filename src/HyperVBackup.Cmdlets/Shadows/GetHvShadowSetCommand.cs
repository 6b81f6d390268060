using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>Shows the shadow sets on this host, whoever made them.</summary>
[Cmdlet(VerbsCommon.Get, "HvShadowSet", DefaultParameterSetName = "Volume")]
[OutputType(typeof(ShadowSet))]
public sealed class GetHvShadowSetCommand : HvCmdlet
{
    /// <summary>Only sets with a shadow copy of one of these volumes.</summary>
    [Parameter(Position = 0, ParameterSetName = "Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [SupportsWildcards]
    public string[]? Volume { get; set; }

    /// <summary>Only the sets of these ids, or of shadow copies with these ids.</summary>
    [Parameter(
        Mandatory = true,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = "Id"
    )]
    [ArgumentCompleter(typeof(ShadowIdCompleter))]
    public Guid[]? Id { get; set; }

    /// <summary>Only sets that this module made.</summary>
    [Parameter]
    public SwitchParameter Ours { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrEnd(() =>
        {
            var sets = Work("Looking for shadow copies", (context, _) => new ShadowStore(context).Sets())
                .Where(set => !Ours || set.Shadows.All(shadow => shadow.IsOurs))
                .ToList();
            if (Id == null)
                WriteObject(sets.Where(set => Volume == null || set.Shadows.Any(IsWanted)), true);
            else
                foreach (var id in Id)
                    OrGoOn(() => WriteObject(Find(sets, id)));
        });

    private bool IsWanted(Shadow shadow) =>
        Volume!.Any(volume =>
            new WildcardPattern(volume.TrimEnd('\\', '/'), WildcardOptions.IgnoreCase).IsMatch(
                shadow.Volume.TrimEnd('\\', '/')
            )
        );

    private static ShadowSet Find(List<ShadowSet> sets, Guid id) =>
        sets.FirstOrDefault(set => set.Id == id || set.Shadows.Any(shadow => shadow.Id == id))
        ?? throw new BackupException(
            FailureKind.ShadowMissing,
            id.ToString("D"),
            "find it",
            "there is no shadow copy and no shadow set with this id"
        );
}
