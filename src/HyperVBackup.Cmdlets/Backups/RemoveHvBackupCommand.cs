using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Runs;

namespace HyperVBackup.Cmdlets;

/// <summary>Removes the sets that a plan's "keep" does not keep.</summary>
[Cmdlet(VerbsCommon.Remove, "HvBackup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PruneResult))]
public sealed class RemoveHvBackupCommand : HvCmdlet
{
    /// <summary>The plan: a .json or .psd1 file, or a hashtable of the same shape.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public object? Plan { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        OrEnd(() =>
        {
            var plan = PlanArgument.Read(this, Plan!);
            var sets = Work("Looking at the sets", (context, _) => PruneRun.Preview(plan, context));
            var going = sets.Where(set => set.IsRemoved).Select(set => set.Set).ToList();
            if (
                going.Count > 0
                && !Ask(
                    "Remove " + Sentence.List(going),
                    "The plan keeps "
                        + Sentence.List(
                            sets.Where(set => !set.IsRemoved)
                                .Select(set => set.Set + " (" + string.Join(", ", set.Reasons) + ")")
                        )
                        + "."
                )
            )
                return;
            var result = Work("Removing old sets", (context, cancel) => PruneRun.Execute(plan, context, cancel));
            WriteObject(result);
            WriteFailures(result.Failures, result.Failures.Count, nameof(PruneResult.Failures));
        });
}
