using System;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>Takes away where shadow copies are exposed. The shadow copies stay.</summary>
[Cmdlet(
    VerbsData.Dismount,
    "HvShadow",
    DefaultParameterSetName = "Id",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low
)]
[OutputType(typeof(Shadow))]
public sealed class DismountHvShadowCommand : ShadowIdCommand
{
    /// <summary>Where shadow copies are exposed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [Alias("ExposedAt")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = Array.Empty<string>();

    /// <summary>Whether shadow copies that a run reads are dismounted too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether to output the shadow copies.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var path in Path)
            OrGoOn(() => Dismount(At(path)));
        foreach (var id in Id)
            OrGoOn(() =>
            {
                foreach (var shadow in Find(id).Where(shadow => shadow.ExposedAt != null))
                    Dismount(shadow);
            });
    }

    private Shadow At(string path)
    {
        var place = Literal(path, FailureKind.ShadowMissing);
        return Work(
                "Looking for shadow copies",
                (context, _) =>
                    new ShadowStore(context)
                        .List()
                        .FirstOrDefault(shadow =>
                            shadow.ExposedAt is { } at
                            && PathOf.Comparer.Equals(PathOf.TrimEnd(at), PathOf.TrimEnd(place))
                        )
            )
            ?? throw new BackupException(
                FailureKind.ShadowMissing,
                place,
                "find the shadow copy",
                "none is exposed there"
            );
    }

    private void Dismount(Shadow shadow)
    {
        Work(
            "Looking at the journal",
            (context, _) =>
            {
                new ShadowStore(context).RequireUnused(shadow, "dismount it", Force);
                return true;
            }
        );
        if (
            !Ask("Dismount " + ShadowArguments.Describe(shadow) + " from " + shadow.ExposedAt, "The shadow copy stays.")
        )
            return;
        Work(
            "Dismounting a shadow copy",
            (context, _) =>
            {
                new ShadowStore(context).Unexpose(shadow, Force);
                return true;
            }
        );
        if (PassThru)
            WriteObject(shadow with { ExposedAt = null });
    }
}
