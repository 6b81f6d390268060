using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>Removes shadow copies, and where they are exposed.</summary>
[Cmdlet(
    VerbsCommon.Remove,
    "HvShadowSet",
    DefaultParameterSetName = "Id",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
public sealed class RemoveHvShadowSetCommand : ShadowIdCommand
{
    /// <summary>Removes what runs left behind that did not come to their end, and nothing else.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Orphaned")]
    public SwitchParameter Orphaned { get; set; }

    /// <summary>Whether shadow copies that other programs made, or that a run reads, are removed too.</summary>
    [Parameter(ParameterSetName = "Id")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Orphaned)
        {
            OrEnd(RemoveOrphans);
            return;
        }

        foreach (var id in Id)
            OrGoOn(() =>
            {
                foreach (var shadow in Find(id))
                    Remove(shadow);
            });
    }

    private void Remove(Shadow shadow)
    {
        if (!shadow.IsOurs && !Force)
            throw new BackupException(
                new Failure(
                    FailureKind.BadPlan,
                    ShadowArguments.Describe(shadow),
                    "remove it",
                    "another program made it"
                )
                {
                    Advice =
                        "It may be somebody's backup, or the 'Previous Versions' of files. Remove it with -Force if "
                        + "you are sure.",
                }
            );
        Work(
            "Looking at the journal",
            (context, _) =>
            {
                new ShadowStore(context).RequireUnused(shadow, "remove it", Force);
                return true;
            }
        );
        if (
            !Ask(
                "Remove " + ShadowArguments.Describe(shadow),
                shadow.ExposedAt == null ? "" : "It is exposed at " + shadow.ExposedAt + ", which goes with it."
            )
        )
            return;
        Work(
            "Removing a shadow copy",
            (context, _) =>
            {
                new ShadowStore(context).Delete(shadow, Force);
                return true;
            }
        );
    }

    private void RemoveOrphans()
    {
        var orphans = Work("Looking for leftovers", (context, _) => Leftovers.Find(context.Journal));
        if (orphans.Count == 0)
            WriteVerbose("No run left anything behind.");
        else if (
            Ask(
                "Remove what "
                    + Sentence.Count(orphans.Count, "run")
                    + " left behind: the shadow "
                    + (orphans.Count == 1 ? "set " : "sets ")
                    + Sentence.List(orphans.Select(orphan => orphan.Id.ToString("D")))
            )
        )
            WriteFailures(Work("Removing leftovers", (context, _) => Leftovers.Remove(context)), 0, "");
    }
}
