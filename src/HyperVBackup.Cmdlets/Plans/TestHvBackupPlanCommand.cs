using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Runs;

namespace HyperVBackup.Cmdlets;

/// <summary>Shows what a plan would do here and now, and everything that is in its way. Touches nothing.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HvBackupPlan")]
[OutputType(typeof(PlanCheck))]
public sealed class TestHvBackupPlanCommand : HvCmdlet
{
    /// <summary>
    /// The plan: a .json or .psd1 file, a hashtable of the same shape, or a plan of New-HvBackupPlan.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? Plan { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrGoOn(() =>
        {
            BackupPlan plan;
            try
            {
                plan = PlanArgument.Read(this, Plan!);
            }
            catch (PlanException e) when (!e.IsUnreadable)
            {
                WriteObject(PlanCheck.Of(e.Failure.Target, e));
                return;
            }

            WriteObject(Work("Checking '" + plan.Name + "'", (context, cancel) => PlanCheck.Of(plan, context, cancel)));
        });
}
