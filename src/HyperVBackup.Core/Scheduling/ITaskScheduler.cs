using HyperVBackup.Failures;

namespace HyperVBackup.Scheduling;

/// <summary>Task Scheduler, as far as registering needs it.</summary>
internal interface ITaskScheduler
{
    /// <summary>What there is at an address; null when there is nothing.</summary>
    /// <exception cref="Failures.BackupException">It cannot be asked.</exception>
    TaskFound? Find(TaskAddress task);

    /// <summary>Registers a definition, in place of the one that is there if that is wanted.</summary>
    /// <exception cref="Failures.BackupException">It refuses.</exception>
    void Register(TaskAddress task, string xml, bool replaces);

    /// <summary>Removes a task.</summary>
    /// <exception cref="Failures.BackupException">It refuses.</exception>
    void Unregister(TaskAddress task);
}

/// <summary>A task that Task Scheduler has.</summary>
/// <param name="Source">What its definition calls its source.</param>
/// <param name="Type">Which nodes run it; null for a task of this computer.</param>
internal sealed record TaskFound(string Source, ClusteredTaskType? Type = null);
