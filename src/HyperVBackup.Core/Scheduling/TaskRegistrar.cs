using HyperVBackup.Failures;

namespace HyperVBackup.Scheduling;

/// <summary>Registers and removes tasks of ours, and leaves those of others alone.</summary>
internal static class TaskRegistrar
{
    /// <summary>Whether registering at an address replaces a task of ours.</summary>
    /// <exception cref="BackupException">There is a task that cannot be replaced, or it cannot be told.</exception>
    public static bool Replaces(ITaskScheduler scheduler, TaskAddress address)
    {
        const string operation = "register it";
        if (scheduler.Find(address) is not { } found)
            return false;
        RequireOurs(found, address, operation);
        if (address.Cluster == null || found.Type == null || found.Type == address.Type)
            return true;
        throw new BackupException(
            new Failure(
                FailureKind.DestinationExists,
                address.ToString(),
                operation,
                "there is one already, of the type "
                    + found.Type
                    + ", and the type of a clustered task cannot be changed"
            )
            {
                Advice = "Remove it first with Unregister-HvBackupTask.",
            }
        );
    }

    /// <summary>Registers a task.</summary>
    /// <param name="scheduler">Task Scheduler.</param>
    /// <param name="task">The definition.</param>
    /// <param name="replaces">What <see cref="Replaces"/> said.</param>
    /// <exception cref="BackupException">Task Scheduler refuses.</exception>
    public static BackupTask Register(ITaskScheduler scheduler, TaskDefinition task, bool replaces)
    {
        scheduler.Register(task.Address, TaskXml.Write(task), replaces);
        return BackupTask.Of(task, replaces);
    }

    /// <summary>Makes sure that there is a task of ours that can be removed.</summary>
    /// <exception cref="BackupException">There is none, or it is not ours.</exception>
    public static void RequireRemovable(ITaskScheduler scheduler, TaskAddress address)
    {
        const string operation = "remove it";
        var found =
            scheduler.Find(address)
            ?? throw new BackupException(
                new Failure(FailureKind.TaskMissing, address.ToString(), operation, "there is no such task")
                {
                    Advice =
                        "List the tasks there are with "
                        + (
                            address.Cluster == null
                                ? "Get-ScheduledTask -TaskPath '" + address.Path + "'."
                                : "Get-ClusteredScheduledTask."
                        ),
                }
            );
        RequireOurs(found, address, operation);
    }

    private static void RequireOurs(TaskFound found, TaskAddress address, string operation)
    {
        if (found.Source.Trim() == TaskXml.Source)
            return;
        throw new BackupException(
            new Failure(
                FailureKind.DestinationExists,
                address.ToString(),
                operation,
                "there is a task of that name which Register-HvBackupTask has not made"
            )
            {
                Advice = "Choose another -TaskName or -TaskPath, or remove that task with Unregister-ScheduledTask.",
            }
        );
    }
}
