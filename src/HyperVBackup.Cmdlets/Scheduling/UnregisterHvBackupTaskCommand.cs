using System.Management.Automation;
using HyperVBackup.Failures;
using HyperVBackup.Scheduling;

namespace HyperVBackup.Cmdlets;

/// <summary>Removes a scheduled task that Register-HvBackupTask has made.</summary>
[Cmdlet(
    VerbsLifecycle.Unregister,
    "HvBackupTask",
    DefaultParameterSetName = "Local",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High
)]
public sealed class UnregisterHvBackupTaskCommand : HvCmdlet
{
    /// <summary>The task's name: that of the plan, if it was given no other.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string TaskName { get; set; } = "";

    /// <summary>The task's folder.</summary>
    [Parameter(ParameterSetName = "Local", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string TaskPath { get; set; } = TaskAddress.StandardPath;

    /// <summary>The failover cluster; . for that of this node.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Cluster")]
    [ValidateNotNullOrEmpty]
    public string? Cluster { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrGoOn(() =>
        {
            var address =
                Cluster == null
                    ? TaskAddress.Local(TaskPath, TaskName)
                    : TaskAddress.Clustered(Cluster, TaskName, ClusteredTaskType.AnyNode, null);
            var scheduler = new ScheduledTasksModule(this);
            if (!scheduler.IsThere)
                throw new BackupException(
                    new Failure(
                        FailureKind.NotSupported,
                        address.ToString(),
                        "remove it",
                        "this computer has no Task Scheduler (no Register-ScheduledTask)"
                    )
                    {
                        Advice =
                            "Run it on the computer that has the task; or, where cron runs the plan, take its line "
                            + "out of the crontab.",
                    }
                );
            TaskRegistrar.RequireRemovable(scheduler, address);
            if (Ask("Remove the task " + address, "The plan it runs, and its sets, stay."))
                scheduler.Unregister(address);
        });
}
