using System;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>How a writer is doing in the running backup (vswriter.h, VSS_WRITER_STATE).</summary>
internal enum WriterState
{
    Unknown = 0,
    Stable = 1,
    WaitingForFreeze = 2,
    WaitingForThaw = 3,
    WaitingForPostSnapshot = 4,
    WaitingForBackupComplete = 5,
    FailedAtIdentify = 6,
    FailedAtPrepareBackup = 7,
    FailedAtPrepareSnapshot = 8,
    FailedAtFreeze = 9,
    FailedAtThaw = 10,
    FailedAtPostSnapshot = 11,
    FailedAtBackupComplete = 12,
    FailedAtPreRestore = 13,
    FailedAtPostRestore = 14,
    FailedAtBackupShutdown = 15,
}

/// <summary>One writer's status after a phase of the backup.</summary>
/// <param name="InstanceId">This run of the writer.</param>
/// <param name="WriterId">The writer's class id.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Failure">Its HRESULT; 0 when it did not fail.</param>
/// <param name="ApplicationCode">The writer's own code, where it gave one.</param>
/// <param name="ApplicationMessage">The writer's own words, where it gave some.</param>
internal sealed record WriterStatus(
    Guid InstanceId,
    Guid WriterId,
    string Name,
    WriterState State,
    int Failure,
    int? ApplicationCode = null,
    string? ApplicationMessage = null
)
{
    /// <summary>
    /// Whether it failed. Both tell: a writer that does not answer is <see cref="WriterState.Unknown"/> with an error,
    /// and one that failed for some components only need not be in a failed state.
    /// </summary>
    public bool IsFailed => State >= WriterState.FailedAtIdentify || Failure < 0;
}
